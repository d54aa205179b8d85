"""Which cases a run has, in which version, and what came of them (§3.12)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.qasphere.sandbox.query import below
from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.sandbox.store_cases import Case, now
from connectors.qasphere.sandbox.store_runs import Result, Run, RunCase
from connectors.qasphere.sandbox.store_settings import CUSTOM_STATUSES, DEFAULT_STATUSES


def planned(project: Project, plans: Iterable[dict[str, Any]]) -> list[Case]:
    """Return the cases that any of the query plans selects; templates and drafts never enter a run."""
    found: dict[str, Case] = {}
    for plan in plans:
        named = plan.get("tcaseIds")
        candidates = project.cases if named is None else [project.by_id[ident] for ident in named]
        matches = _conditions(project, plan)
        found |= {case.id: case for case in candidates if matches(case)}
    return list(found.values())


def _conditions(project: Project, plan: dict[str, Any]) -> Callable[[Case], bool]:
    folders = {deeper for ident in plan.get("folderIds", []) for deeper in (ident, *below(project, ident))}

    def matches(case: Case) -> bool:
        return (
            case.type != "template"
            and not case.is_draft
            and ("folderIds" not in plan or case.folder_id in folders)
            and ("tagIds" not in plan or any(project.tags.get(tag) in plan["tagIds"] for tag in case.tags))
            and ("priorities" not in plan or case.priority in plan["priorities"])
        )

    return matches


def fill(run: Run, cases: Iterable[Case]) -> None:
    """Put the cases in that a new run keeps; a live run keeps none, a static one keeps their versions too."""
    if run.type != "live":
        is_static = run.type == "static"
        run.cases = {case.id: RunCase(case.id, case.frozen() if is_static else None) for case in cases}


def member(project: Project, run: Run, case: Case) -> tuple[RunCase, Case] | None:
    """Return one case of a run, if it is in it."""
    if row := run.cases.get(case.id):
        return row, row.frozen or case
    return next((pair for pair in members(project, run) if pair[1].id == case.id), None)


def members(project: Project, run: Run) -> list[tuple[RunCase, Case]]:
    """Return the cases of a run, each with the version that the run shows."""
    kept = dict(run.cases)
    if run.type == "live" and run.closed_at is None:
        for case in planned(project, run.query_plans):
            kept.setdefault(case.id, RunCase(case.id))
    return [(row, row.frozen or project.by_id[row.case_id]) for row in kept.values()]


def next_id(rows: Mapping[int, object]) -> int:
    """Return the id after the last one."""
    return max(rows, default=0) + 1


def add_result(project: Project, run: Run, case: Case, result: Result) -> None:
    """Add a result to a member; from the first one that is not open on, the run keeps the version of the case."""
    row = run.cases.setdefault(case.id, RunCase(case.id))
    row.results.append(result)
    if result.status != "open" and row.frozen is None:
        row.frozen = project.by_id[case.id].frozen()


def close(project: Project, run: Run) -> None:
    """Close a run: nothing of it changes any more."""
    run.cases = {row.case_id: row for row, _ in members(project, run)}
    for row in run.cases.values():
        row.frozen = row.frozen or project.by_id[row.case_id].frozen()
    run.closed_at = now()


def status_counts(project: Project, run: Run) -> dict[str, int]:
    """Return how many cases have each status, and ``all``."""
    counts = Counter(row.status for row, _ in members(project, run))
    return {"all": counts.total()} | {status: counts[status] for status in (*DEFAULT_STATUSES, *CUSTOM_STATUSES)}
