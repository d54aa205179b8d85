"""Milestones, runs and results of QA Sphere as the engine sees them."""

from collections.abc import Mapping, Sequence

from connectors.qasphere.api import QASphereApi, conflicting_id
from connectors.qasphere.refusals import access_error, sendable, writing
from connectors.qasphere.wire.bodies import NewMilestone, NewRun, ResultBatch
from connectors.qasphere.wire.queries import RunCaseQuery
from connectors.qasphere.wire.runs import Run
from migrator.core.drafts import MilestoneDraft, ResultDraft, RunDraft
from migrator.core.errors import Rejected
from migrator.core.ports.destination import Hooks
from migrator.core.views import Created, MilestoneView, ResultView, RunCaseView, RunView, TitleTaken


class QASphereHistory:
    """Implements ``HistoryDestination``."""

    def __init__(self, api: QASphereApi) -> None:
        self._api = api

    async def statuses(self) -> Mapping[str, str]:
        """Return name → id of the active custom result statuses of the tenant."""
        return {
            row.name: row.id for row in await self._api.settings.list_statuses() if row.is_active and not row.is_default
        }

    async def milestones(self, code: str) -> Sequence[MilestoneView]:
        """Return all milestones, archived ones included."""
        return [
            MilestoneView(id=row.id, title=row.title, archived=row.archived_at is not None)
            for row in await self._api.milestones.list(code)
        ]

    async def runs(self, code: str) -> Sequence[RunView]:
        """Return all runs, closed ones included."""
        return [_run_view(row) for row in (await self._api.runs.list(code)).runs]

    async def run_cases(self, code: str, run_id: int) -> Sequence[RunCaseView]:
        """Return the cases of a run."""
        query = RunCaseQuery(sort_field="seq", sort_order="asc")
        rows = await self._api.runs.test_cases.list(code, run_id, query)
        return [RunCaseView(id=row.id, status=row.status) for row in rows]

    async def results(self, code: str, run_id: int, case_id: str) -> Sequence[ResultView] | None:
        """Return the results of one case in one run; the shape is assumed (A-33), and so is that they are there."""
        row = await self._api.runs.test_cases.get(code, run_id, case_id)
        if "results" not in row.model_fields_set or (not row.results and row.status != "open"):
            return None
        return [
            ResultView(id=result.id, status=result.status, comment=result.comment, time_taken_ms=result.time_taken)
            for result in row.results
        ]

    async def create_milestone(self, code: str, draft: MilestoneDraft, hooks: Hooks) -> Created:
        """Create a milestone."""
        body = sendable(NewMilestone, {"title": draft.title})
        return Created(str((await writing(self._api.milestones.create(code, body, hooks=hooks))).id))

    async def create_run(
        self, code: str, draft: RunDraft, milestone_id: int | None, case_ids: Sequence[str], hooks: Hooks
    ) -> Created:
        """Create a static run. The status of a clash is not certain, so it is known by its words (§3.12, A-28)."""
        fields = {
            "title": draft.title,
            "type": "static",
            "description": draft.description,
            "milestone_id": milestone_id,
            "query_plans": ({"tcase_ids": tuple(case_ids)},),
        }
        body = sendable(NewRun, fields)
        try:
            return Created(str((await self._api.runs.create(code, body, hooks=hooks)).id))
        except Rejected as refusal:
            taken = conflicting_id(refusal)
            if taken is None:
                raise access_error(refusal) from refusal
            raise TitleTaken(
                refusal.message, cause=refusal.cause, status=refusal.status, body=refusal.body, run_id=taken
            ) from refusal

    async def create_results(
        self, code: str, run_id: int, results: Sequence[tuple[str, ResultDraft]], hooks: Hooks
    ) -> Sequence[Created]:
        """Add results in one batch. Never with links: one that names an issue makes the server write to it (§3.13)."""
        items = [
            {"tcase_id": case_id, "status": draft.status, "comment": draft.comment, "time_taken": draft.time_taken_ms}
            for case_id, draft in results
        ]
        body = sendable(ResultBatch, {"items": items})
        made = await writing(self._api.results.batch_create(code, run_id, body, hooks=hooks))
        return [Created(str(ident)) for ident in made.ids]

    async def close_run(self, code: str, run_id: int, hooks: Hooks) -> None:
        """Close a run for good."""
        await writing(self._api.runs.close(code, run_id, hooks=hooks))


def _run_view(row: Run) -> RunView:
    known = "description" in row.model_fields_set
    return RunView(
        id=row.id,
        title=row.title,
        closed=row.closed,
        description=row.description if known else None,
        milestone_id=row.milestone_id,
        counts=row.status_counts,
    )
