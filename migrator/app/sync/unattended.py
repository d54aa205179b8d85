"""A round of ``sync`` that nobody watches: it leaves a health file, and tells a webhook what is new."""

import time
from dataclasses import dataclass
from typing import Any

from migrator.app.sync.health import Health, moment, read_health, write_health
from migrator.app.sync.notify import notify
from migrator.app.sync.report import SyncReport
from migrator.app.sync.run import sync
from migrator.config import Config
from migrator.core.errors import Interrupted, MigratorError, WorkspaceLocked
from migrator.core.events import Listener, Said
from migrator.core.redact import hidden
from migrator.engine.stop import Stop

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """How a round ended: with a report, or with an error.

    Args:
        is_news: something was written, or needs a person that did not after the round before.
        seconds: how long it took.
    """

    exit_code: int
    is_news: bool
    seconds: float
    report: SyncReport | None = None
    error: MigratorError | None = None

    def summary(self) -> str:
        """Return the round in one line."""
        if self.report is None:
            return f"sync failed: {self.error}"
        counts = self.report.counts()
        if not self.is_news:
            same = ", as before: " if counts else ""
            return f"sync: nothing changed ({self.seconds:.0f} s){same}{_words(counts)}"
        return f"sync{' would do' if self.report.dry_run else ''}: {_words(counts) or 'nothing'} ({self.seconds:.0f} s)"


async def unattended_sync(
    config: Config,
    listener: Listener,
    *,
    dry_run: bool = False,
    final: bool = False,
    full: bool = False,
    strict: bool = False,
    stop: Stop | None = None,
) -> SyncOutcome:
    """Do one round and return how it ended, also when it failed. Raises only what is no error of ours, and
    ``WorkspaceLocked`` and ``Interrupted``, after which there is no round to tell of.

    A dry run leaves no health file and tells nobody.
    """
    before = None if dry_run else read_health(config.workspace)
    started = time.time()
    try:
        report = await sync(
            config, listener, dry_run=dry_run, final=final, full=full, stop=stop,
            attention=None if dry_run else _attention(before),
        )  # fmt: skip
    except (WorkspaceLocked, Interrupted):
        raise
    except MigratorError as error:
        ended = SyncOutcome(error.exit_code, True, time.time() - started, error=error)
    except Exception as defect:
        if not dry_run:
            unexpected = MigratorError(f"unexpected {type(defect).__name__}", cause=hidden(str(defect))[:500])
            _leave(config, SyncOutcome(unexpected.exit_code, True, 0.0, error=unexpected), before, started)
        raise
    else:
        is_news = dry_run or report.is_news(_attention(before))
        ended = SyncOutcome(report.exit_code(strict=strict), is_news, time.time() - started, report)
    if not dry_run and not (stop and stop.requested()):
        await _tell(config, listener, ended, before)
        _leave(config, ended, before, started)
    return ended


def announce_next(config: Config, at: float) -> None:
    """Say in the health file when the next round begins, in seconds since the epoch."""
    health = read_health(config.workspace)
    if health:
        write_health(config.workspace, health.model_copy(update={"next": moment(at)}))


def _attention(before: Health | None) -> str:
    return before.attention if before else ""


def _leave(config: Config, ended: SyncOutcome, before: Health | None, started: float) -> None:
    error = ended.error.document() if ended.error else None
    now = moment(time.time())
    write_health(
        config.workspace,
        Health(
            started=moment(started),
            ended=now,
            exit=ended.exit_code,
            counts=ended.report.counts() if ended.report else {},
            # a round that failed has seen nothing: what was told before it need not be told again after it
            attention=ended.report.attention if ended.report else (before.attention if before else ""),
            error=error,
            failures_in_a_row=0 if ended.exit_code == 0 else (before.failures_in_a_row if before else 0) + 1,
            last_success=now if ended.exit_code == 0 else (before.last_success if before else ""),
        ),
    )


async def _tell(config: Config, listener: Listener, ended: SyncOutcome, before: Health | None) -> None:
    """Tell the webhook of changes, and of a failure when the round before did not end the same way."""
    settings = config.notify
    if settings is None:
        return
    failed = ended.exit_code not in {0, before.exit if before else 0}
    changed = ended.report is not None and ended.is_news
    event = "failures" if failed and "failures" in settings.only else "changes"
    if event not in settings.only or not (failed or changed) or (event == "changes" and not changed):
        return
    if problem := await notify(settings, config.http, _message(config, event, ended)):
        listener(Said(f"the webhook could not be told: {problem}"))


def _message(config: Config, event: str, ended: SyncOutcome) -> dict[str, Any]:
    report = ended.report or SyncReport()
    return {
        "event": event,
        "text": ended.summary(),
        "source": f"{config.connector}@{config.instance}",
        "exit": ended.exit_code,
        "counts": report.counts(),
        "report": report.report,
        "conflicts": report.conflicts[:_SHOWN],
        "deletions": report.deletions[:_SHOWN],
        "by_hand": report.by_hand[:_SHOWN],
        "failures": [*report.refused, *report.failures][:_SHOWN],
        "error": ended.error.document() if ended.error else None,
    }


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())
