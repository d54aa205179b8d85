"""The log file of a workspace: one JSON object a line, without secrets."""

import json
import logging
import logging.handlers
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migrator.core.errors import MigratorError
from migrator.core.redact import hidden_in

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


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Log into ``folder``/migrator.log while the block runs, unexpected errors with their traceback.

    Ten MiB a file, five old ones kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(folder / LOG, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(_JsonLines())
    logger = logging.getLogger("migrator")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    except MigratorError:
        raise
    except Exception:
        logger.exception("unexpected error")
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
