"""``sync``: one round that brings over what has changed at the source, by the policies of the config."""

from collections import Counter
from functools import partial

from migrator.app.forecasts import LoadClock, say_reading
from migrator.app.plan import plan_projects
from migrator.app.runtime.session import Session, in_workspace
from migrator.app.sync.account import Account
from migrator.app.sync.report import SyncReport, sync_report
from migrator.config import Config
from migrator.core.errors import CeilingReached
from migrator.core.events import Listener
from migrator.engine.job import DeletionRules, Job, Terms
from migrator.engine.stop import Stop
from state.pruning import prune

COMMAND = "sync"
_DAY = 24 * 3600.0


async def sync(
    config: Config,
    listener: Listener,
    *,
    dry_run: bool = False,
    final: bool = False,
    full: bool = False,
    stop: Stop | None = None,
    attention: str | None = None,
) -> SyncReport:
    """Extract, plan and load every project; what is unchanged costs no write.

    A project from which too much has left is left alone and named in the report.

    Args:
        dry_run: plan only.
        final: file the runs of single tests of this month, too, and close what is open, which cannot be undone; take
            files anew that the source makes on request.
        full: read everything, as is done once a day and with ``final``.
        stop: the caller takes the signals; a report of a round that was stopped is not whole.
        attention: what needed a person after the round before (``SyncReport.attention``); given that, a round with
            news leaves its report.
    """
    rules = config.sync
    terms = Terms(
        deletions=DeletionRules(rules.deletions == "tag", rules.max_deletions, rules.max_deleted_share),
        filing="final" if final else "months",
        reading_lasts=None if final or full else _DAY,
    )
    work = partial(_plan_only, terms=terms) if dry_run else partial(_sync_all, terms=terms, attention=attention)
    renews = final and not dry_run
    return await in_workspace(config, listener, COMMAND, work, read_only=dry_run, renews=renews, stop=stop)


async def _sync_all(session: Session, *, terms: Terms, attention: str | None) -> SyncReport:
    say_reading(session)
    account, clock = Account(session, attention), LoadClock(session)
    for job in session.jobs(terms):
        try:
            await _sync_project(session, job, account, clock)
        except CeilingReached as error:
            account.refused[job.source_id] = error
    clock.finish()
    prune(session.workspace.db, COMMAND)
    return account.finish()


async def _sync_project(session: Session, job: Job, account: Account, clock: LoadClock) -> None:
    """Finish what was interrupted, then do a whole round, or stop on the way."""
    current = session.workspace.store.rounds.unfinished(job.source_id)
    passes = 2 if current and current.phase == "load" else 1
    for _ in range(passes):
        account.keep()
        went = await session.migration.run(job, tell=lambda prepared: clock.begin([prepared]))
        clock.end(is_whole=went)
        if not went:
            return
        account.add(job.source_id)


async def _plan_only(session: Session, *, terms: Terms) -> SyncReport:
    refused: dict[str, CeilingReached] = {}
    document = await plan_projects(session, terms=terms, refused=refused)
    pending = {
        kind: Counter({"pending": fates["pending"]}) for kind, fates in document.items.items() if "pending" in fates
    }
    planned = [project.source for project in session.config.projects if project.source not in refused]
    report = sync_report(session.workspace, pending, refused, planned)
    return report.model_copy(update={"dry_run": True, "plan_id": document.plan_id})
