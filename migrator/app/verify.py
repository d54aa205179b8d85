"""``verify``: read QA Sphere back and compare. Every write to QA Sphere is refused."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from migrator.app.reports.acceptance import Verified, leave_acceptance
from migrator.app.reports.documents import Verification
from migrator.app.reports.write import CROSSWALK_FILE, FOLDER, write_crosswalk
from migrator.app.runtime.session import Session, in_workspace
from migrator.config import Config
from migrator.core.events import Listener, Said
from migrator.core.ports.destination import DestinationReader
from migrator.core.records import Round
from migrator.engine.context import Context
from migrator.engine.files.spool import FileRoute
from migrator.engine.plan.slices import cases_away, cases_there, refuse_unmatched
from migrator.engine.slice import EVERYTHING, Slice
from migrator.engine.verify.cases import Verifier
from migrator.engine.verify.files import FileDepth, verify_files
from migrator.engine.verify.findings import Finding, FindingClass
from migrator.engine.verify.history import Depth


async def verify(
    config: Config,
    listener: Listener,
    *,
    part: Slice = EVERYTHING,
    files: FileDepth = "sample",
    results: Depth = "counts",
    is_rehearsal: bool = False,
) -> Verification:
    """Read QA Sphere back and compare. A new workspace is first rebuilt from the source and from the markers.

    What a plan that waits would write is pending, and the plan goes on waiting. Leaves the acceptance report, unless
    only a part was compared, or nothing was written from this workspace.

    Args:
        part: the cases to tell of, without files and history; everything when it takes all.
        files: which files are downloaded and compared byte by byte; with all of them the crosswalk is written.
        results: how many are read; each case of a run costs a request.
        is_rehearsal: leave no acceptance report, which somebody might sign.
    """
    work = partial(_verify, part=part, files=files, results=results, is_rehearsal=is_rehearsal)
    found = await in_workspace(config, listener, "verify", work, read_only=True, asks_source=False)
    if files == "all":
        path = config.workspace / FOLDER / CROSSWALK_FILE
        path.parent.mkdir(exist_ok=True)
        write_crosswalk(config, path)
        listener(Said(f"SHA-256 of every file that was compared, on both sides: {path}"))
    return found


async def _verify(
    session: Session, *, part: Slice, files: FileDepth, results: Depth, is_rehearsal: bool
) -> Verification:
    found, told = Verification(), set[Finding]()
    deletions = _Deletions()
    verified = Verified(time.time(), found, {}, {}, files, results)

    def report(finding: Finding) -> None:
        if finding not in told:  # a sweep that is done again finds the same
            told.add(finding)
            what = "deleted" if deletions.decided(finding) else finding.what
            getattr(found, what).append(_described(finding))

    was_loaded, rounds = True, list[Round]()
    for job in session.jobs():
        prepared = None
        deletions.take(session, job.source_id)
        is_loaded = session.workspace.books.was_loaded(job.source_id)
        was_loaded = was_loaded and is_loaded
        # a plan that waits knows already what should be there, and is not to be planned over
        rebuilt = not is_loaded and job.source_id not in session.workspace.books.waiting()
        if rebuilt:
            session.listener(
                Said(f"project {job.source_id} is new to this workspace and is read from the source first")
            )
            prepared = await session.preparation.prepare(job)
            if prepared is None:
                break
        rounds += _last_round(session, job.source_id)
        context = Context(session.workspace.store, session.destination, job, session.listener, session.stop)
        if part != EVERYTHING:
            away = await _verify_part(context, part, found, report)
            found.add_away(session.workspace.books.standing(away))
        else:
            await _verify_project(context, session.route, verified, report, rebuilt=rebuilt)
            _report_unbased_results(session, job.source_id, report, rebuilt=rebuilt)
            # without a project nothing is missing from it
            rebuilt = rebuilt and bool(verified.checked[job.source_id])
            found.add_open(session.workspace.books.fates(job.source_id), rebuilt=rebuilt)
        if prepared:
            # nobody is to apply this plan: it was made to know what should be there
            session.workspace.store.rounds.enter(prepared.round, "dropped")
    if not session.stop.requested():
        refuse_unmatched(session.workspace.store, rounds, part)
    if is_rehearsal or session.stop.requested():
        return found
    why = _why_no_report(session, part, was_loaded=was_loaded)
    return found.model_copy(update={"report": _acceptance(session, verified, why)})


def _report_unbased_results(
    session: Session, project: str, report: Callable[[Finding], None], *, rebuilt: bool
) -> None:
    """Report the results of which nobody knows who has changed them. ``rebuilt``: no round has listed them before."""
    what: FindingClass = "different" if rebuilt else "no_base"
    for marker, ident, title, reason in session.workspace.books.results_without_base(project):
        report(Finding(what, "result", marker, ident, title, "comment", "what the source says", reason))


def _acceptance(session: Session, verified: Verified, why: str) -> str:
    """Leave the acceptance report and return its path; or say ``why`` there is none."""
    if not why:
        return leave_acceptance(session.config, session.workspace, verified, session.listener)
    session.listener(Said(f"no acceptance report: {why}"))
    return ""


def _why_no_report(session: Session, part: Slice, *, was_loaded: bool) -> str:
    """Return why nobody could sign what was compared, and what to run; empty when somebody could."""
    if part != EVERYTHING:
        return "only a slice was compared; `migrator verify` compares everything"
    if was_loaded:
        return ""
    if waiting := session.workspace.books.to_apply():
        return f"the plan for project {', '.join(waiting)} waits; next: migrator apply, then migrator verify"
    return "not every project was migrated from this workspace; next: migrator run, then migrator verify"


def _last_round(session: Session, project: str) -> list[Round]:
    current = session.workspace.store.rounds.last(project)
    return [current] if current else []


async def _verify_project(
    context: Context[DestinationReader],
    route: FileRoute,
    verified: Verified,
    report: Callable[[Finding], None],
    *,
    rebuilt: bool,
) -> None:
    """Compare a whole project, and enter what was compared."""
    results, files = cast(Depth, verified.results), cast(FileDepth, verified.files)
    missed_before = _missed(verified.found)
    checked = {**await Verifier(context, report, results=results).verify(rebuilt=rebuilt)}
    if compared := await verify_files(context, route, report, depth=files):
        checked["file"] = compared
    view = await context.destination.project(context.job.code)
    missed = _missed(verified.found) - missed_before
    verified.add(context.project, view.title if view else "", checked, missed)


@dataclass
class _Deletions:
    """What the last rounds have found deleted in QA Sphere, and what the config says was deleted on purpose."""

    codes: dict[str, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def take(self, session: Session, project: str) -> None:
        """Enter a project."""
        rules = session.rules(project)
        self.named.update(name.strip().casefold() for name in rules.deleted_there)
        for marker, seq in session.workspace.books.gone(project).items():
            self.codes[marker] = "" if seq is None else f"{rules.destination}-{seq:03}"

    def decided(self, finding: Finding) -> bool:
        """Whether what is missing was deleted on purpose."""
        if finding.what != "missing" or finding.marker not in self.codes:
            return False
        names = {finding.marker, self.codes[finding.marker] or finding.title}
        return not self.named.isdisjoint(name.casefold() for name in names)


def _missed(found: Verification) -> "Counter[str]":
    return Counter(finding["kind"] for finding in (*found.missing, *found.deleted))


async def _verify_part(
    context: Context[DestinationReader], part: Slice, found: Verification, report: Callable[[Finding], None]
) -> Sequence[str]:
    """Compare everything, since it is listed together, and tell of the cases of the slice. Return the markers of those
    that are not in QA Sphere."""
    current = context.store.rounds.last(context.project)
    there = cases_there(context.store, current, [part]) if current else frozenset()

    def report_part(finding: Finding) -> None:
        if finding.kind == "case" and finding.marker in there:
            report(finding)

    await Verifier(context, report_part).verify(rebuilt=False)
    found.checked["case"] = found.checked.get("case", 0) + len(there)
    return cases_away(context.store, current, part, there) if current else ()


def _described(finding: Finding) -> dict[str, str]:
    described = {"kind": finding.kind, "marker": finding.marker, "id": finding.id, "title": finding.title}
    if finding.field:
        described |= {"field": finding.field, "expected": finding.expected, "found": finding.found}
    return described
