"""What the stand-in answers about milestones, runs and results (§3.11 to §3.13)."""

from typing import Any

from connectors.qasphere.sandbox.runs import status_counts
from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.sandbox.store_cases import Case
from connectors.qasphere.sandbox.store_runs import Milestone, Result, Run, RunCase
from connectors.qasphere.sandbox.switches import Switches
from connectors.qasphere.sandbox.views import whole_view

_WHOLE = {"comment", "precondition", "authorId", "requirements", "links", "files", "tags", "steps", "customFields"}


def milestone_view(milestone: Milestone) -> dict[str, Any]:
    """Return a milestone (§3.11)."""
    return {
        "id": milestone.id,
        "title": milestone.title,
        "createdAt": milestone.created_at,
        "updatedAt": milestone.archived_at or milestone.created_at,
        "archivedAt": milestone.archived_at,
    }


def run_view(project: Project, run: Run, switches: Switches) -> dict[str, Any]:
    """Return a run (§3.12)."""
    row = {
        "id": run.id,
        "title": run.title,
        "type": run.type,
        "closed": run.closed_at is not None,
        "statusCounts": status_counts(project, run),
    }
    if switches.bare_runs:
        return row
    return row | {
        "description": run.description,
        "milestoneId": run.milestone_id,
        "configurationId": run.configuration_id,
        "assignmentId": run.assignment_id,
        "planId": run.plan_id,
        "createdAt": run.created_at,
        "closedAt": run.closed_at,
    }


def run_case_view(row: RunCase, case: Case) -> dict[str, Any]:
    """Return a case as the list of a run shows it: without results."""
    return {
        "id": case.id,
        "version": case.version,
        "legacyId": case.legacy_id,
        "type": case.type,
        "folderId": case.folder_id,
        "pos": case.pos,
        "seq": case.seq,
        "title": case.title,
        "priority": case.priority,
        "status": row.status,
        "isEmpty": not case.precondition and not case.steps,
    } | ({"templateTCaseId": case.template_id} if case.template_id else {})


def whole_run_case_view(project: Project, row: RunCase, case: Case) -> dict[str, Any]:
    """Return a case of a run with its results, oldest first (A-33)."""
    content = {name: value for name, value in whole_view(project, case).items() if name in _WHOLE}
    current = project.by_id.get(case.id)
    return (
        run_case_view(row, case)
        | content
        | {
            "createdAt": case.created_at,
            "isLatestVersion": current is not None and case.version == current.version,
            "results": [_result_view(result) for result in row.results],
        }
    )


def _result_view(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "status": result.status,
        "comment": result.comment,
        "timeTaken": result.time_taken,
        "links": result.links or None,
        "authorId": result.author_id,
        "createdAt": result.created_at,
    }
