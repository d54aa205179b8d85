"""The log file of a workspace: one JSON object a line, without secrets."""

import json
import logging
import logging.handlers
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migrator import __version__
from migrator.core.errors import MigratorError
from migrator.core.events import Event, ItemFailed, Listener, PhaseEnded, PhaseStarted, Said
from migrator.core.plural import plural
from migrator.core.redact import hidden_in

log = logging.getLogger("migrator.run")
LOG = "migrator.log"
_BYTES = 10 * 1024 * 1024
_KEPT = 5


class _JsonLines(logging.Formatter):
    """Formats a record with its traceback, and hides the secrets in both."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(hidden_in(entry), ensure_ascii=False)


class _LogFile(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Give up on this record: a full disk ends the migration through its database, with a clear message."""

    def close(self) -> None:
        """Let go of the file; what a full disk does not take any more must not hide what ended the program."""
        with suppress(OSError):
            super().close()


class LoggingListener:
    """Writes into the log what a run does, and passes every event on."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def __call__(self, event: Event) -> None:
        """Take an event."""
        match event:
            case Said(text):
                log.info("%s", text)
            case PhaseStarted(phase, project, _):
                log.info("project %s: %s begins", project, phase)
            case PhaseEnded(phase, project, done):
                log.info("project %s: %s ends, %d %s", project, phase, done, plural(done, "item"))
            case ItemFailed(kind, marker, _, state, cause):
                log.warning("%s: %s %s: %s", state, kind, marker, cause)
        self._listener(event)


@contextmanager
def logging_to(folder: Path, command: str) -> Iterator[None]:
    """Log into ``folder``/migrator.log while the block runs: its begin and end, unexpected errors with their traceback.

    Ten MiB a file, five old ones kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(folder / LOG, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(_JsonLines())
    logger = logging.getLogger("migrator")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    log.info("`migrator %s` begins, version %s, process %d", command, __version__, os.getpid())
    try:
        yield
        log.info("`migrator %s` ends", command)
    except MigratorError as error:
        log.error("`migrator %s` ends with exit code %d: %s", command, error.exit_code, error)
        raise
    except Exception:
        logger.exception("unexpected error")
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
