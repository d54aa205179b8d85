"""The commands that write to QA Sphere: ``run``, ``apply`` and ``retry``."""

import logging
from functools import partial
from itertools import zip_longest

import anyio

from migrator.app.forecasts import LoadClock, say_reading
from migrator.app.reports.documents import Status, plan_of_saved, status_of
from migrator.app.reports.write import leave_run_report
from migrator.app.runtime.session import Session, in_workspace, refuse_while_loading
from migrator.config import Config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, StalePlan
from migrator.core.events import Listener, Said
from migrator.engine.job import Job, Terms
from migrator.engine.plan.slices import refuse_unmatched
from migrator.engine.slice import EVERYTHING, Slice
from migrator.report.news import counted
from state.questions.plans import SavedPlan

log = logging.getLogger("migrator.run")
FAILURES_SHOWN = 20


async def run(config: Config, listener: Listener, *, part: Slice = EVERYTHING, remap: bool = False) -> Status:
    """Plan and migrate every project of the config; continue what was interrupted. Returns what stands where.

    Args:
        part: what is written; the rest stays pending, for a later run.
        remap: also send what changed only because the mapping rules changed.
    """
    status = await in_workspace(config, listener, "run", partial(_run_all, part=part, remap=remap))
    leave_run_report(config, "run", listener)
    return status


async def apply(config: Config, listener: Listener, *, plan_id: str | None) -> Status:
    """Execute a saved plan, the newest unless one is named. ``StalePlan`` when what it touches has changed."""
    work = partial(_apply, plan_id=plan_id)
    status, has_worked = await in_workspace(config, listener, "apply", work, asks_source=False)
    if has_worked:
        leave_run_report(config, "apply", listener)
    return status


async def retry(config: Config, listener: Listener, *, files: bool = False) -> Status:
    """Send failed and blocked items again, and finish what was interrupted. Extracts nothing anew.

    Args:
        files: ask also for the files that were given up, such as unreadable pictures; if there are any, everything
            is extracted and planned again.
    """
    status = await in_workspace(config, listener, "retry", partial(_retry_all, files=files))
    leave_run_report(config, "retry", listener)
    return status


async def _run_all(session: Session, *, part: Slice, remap: bool) -> Status:
    say_reading(session)
    if part != EVERYTHING:
        # it is continued as it was planned, which may be more than the slice asked for
        refuse_while_loading(
            session.config,
            session.workspace,
            ", so no slice of it can be begun",
            cause="an interrupted run is continued as it was planned",
            next_step="end it with `migrator run`, then run the slice; or plan the slice anew, with `migrator plan` and"
            " the same options, then `migrator apply`",
        )
        await _run_part(session, part, remap=remap)
    else:
        clock = LoadClock(session)
        jobs = list(session.jobs())
        for job, following in zip_longest(jobs, jobs[1:]):
            if not session.stop.requested():
                await _run_beside(session, job, following, clock, remap=remap)
        clock.finish()
    return status_of(session.workspace, failures=FAILURES_SHOWN)


async def _run_beside(session: Session, job: Job, following: Job | None, clock: LoadClock, *, remap: bool) -> None:
    """Migrate a project while the next one is extracted: the one waits for QA Sphere, the other for the source."""
    async with anyio.create_task_group() as group:
        if following:
            group.start_soon(session.preparation.extract_ahead, following)
        went = await session.migration.run(job, remap=remap, tell=lambda prepared: clock.begin([prepared]))
        clock.end(is_whole=went, asks_alone=following is None)


async def _run_part(session: Session, part: Slice, *, remap: bool) -> None:
    """Plan every project before anything is written to the first: what a slice names may be in any of them."""
    planned = [
        (job, prepared)
        for job in session.jobs(Terms(part=part))
        if (prepared := await session.preparation.prepare(job, remap=remap))
    ]
    if session.stop.requested():
        return
    refuse_unmatched(session.workspace.store, [prepared.round for _, prepared in planned], part)
    clock = LoadClock(session)
    clock.begin([prepared for _, prepared in planned])
    for job, prepared in planned:
        if not await session.migration.load(job, prepared.round, plan_again=True, remap=remap):
            return
    clock.end(is_whole=True)
    clock.finish()


async def _retry_all(session: Session, *, files: bool) -> Status:
    journal = session.workspace.journal
    if waiting := session.workspace.books.to_apply():
        raise ConfigError(
            f"a plan for project {', '.join(waiting)} waits to be applied",
            code=ErrorCode.PLAN_WAITS,
            cause="sending failed items again would change what it was shown to write",
            next_step="run `migrator apply`, then `migrator retry`; or `migrator run`, which plans anew",
        )
    rounds = session.workspace.store.rounds
    for job in session.jobs():
        if not session.workspace.books.fates(job.source_id) and not rounds.unfinished(job.source_id):
            session.listener(
                Said(f"project {job.source_id}: nothing was planned or migrated from here, so nothing can have failed")
            )
            continue
        given_up = session.workspace.store.files.clear_verdicts(job.source_id) if files else 0
        released = journal.release(job.source_id)
        stranded = released and journal.stranded_files(job.source_id)
        session.listener(Said(_retried(job.source_id, released, given_up)))
        if rounds.unfinished(job.source_id) and not await session.migration.run(job):
            break
        # what was given up, or was blocked by a case, has no operation any more; only a new plan makes one
        if given_up or stranded:
            await session.migration.run(job)
    return status_of(session.workspace, failures=FAILURES_SHOWN)


def _retried(project: str, released: int, given_up: int) -> str:
    counts = {"failed or blocked item": released, "given-up file": given_up}
    again = counted({what: count for what, count in counts.items() if count})
    return f"project {project}: {again} tried again" if again else f"project {project}: nothing had failed"


async def _apply(session: Session, *, plan_id: str | None) -> tuple[Status, bool]:
    """Return what stands where, and whether there was anything to do."""
    saved = _usable_plan(session, plan_id)
    log.info("plan %s is applied", saved.plan_id)
    jobs = [(session.job(session.rules(current.project)), current) for current in saved.rounds]
    if all(current.phase == "done" for current in saved.rounds):
        session.listener(Said(f"plan {saved.plan_id} is applied already; nothing was sent, and its report stays"))
        return status_of(session.workspace, failures=FAILURES_SHOWN), False
    # every project is asked before anything is written to the first
    for job, current in jobs:
        if current.phase == "planned":
            await session.migration.refuse_if_stale(job, current)
    clock = LoadClock(session)
    plan = plan_of_saved(saved)
    if all(current.phase == "planned" for current in saved.rounds):
        clock.begin((), plan.cost)
    for job, current in jobs:
        if current.phase in ("planned", "load") and not await session.migration.load(job, current):
            break
    else:
        clock.end(is_whole=True)
        if cost := clock.finish():
            session.workspace.plans.replace(saved.plan_id, plan.model_copy(update={"cost": cost}).model_dump())
    return status_of(session.workspace, failures=FAILURES_SHOWN), True


def _usable_plan(session: Session, plan_id: str | None) -> SavedPlan:
    plans = session.workspace.plans
    saved = plans.find(plan_id)
    if saved is None:
        names = ", ".join(plans.names()[:5])
        raise ConfigError(
            f"there is no plan {plan_id} in {session.workspace.folder}" if plan_id else "no plan has been made yet",
            code=ErrorCode.PLAN_MISSING,
            cause=f"the newest plans: {names}" if names else "",
            next_step="run `migrator plan` first",
        )
    if not saved.newest or any(current.phase == "dropped" for current in saved.rounds):
        raise StalePlan(
            f"plan {saved.plan_id} is stale; nothing was written",
            cause="the source was extracted and planned again since, by `plan` or `run`",
            next_step="run `migrator plan`, look at it, then `migrator apply`"
            if saved.newest
            else f"apply the newest one: `migrator apply {plans.names()[0]}`, or run `migrator plan` again",
        )
    return saved
