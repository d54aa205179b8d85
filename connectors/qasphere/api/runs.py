"""Runs, their cases, and plans (``qasphere-api.md`` §3.12, §3.14)."""

import re
from collections.abc import Sequence

from connectors.qasphere.api.base import ApiBase, Query, parsed, parsed_all, rows, segment
from connectors.qasphere.wire.bodies import NewPlan, NewRun, RunCopy
from connectors.qasphere.wire.runs import WireIntegerId, WireRun, WireRunCase, WireRunCaseWhole
from migrator.core.errors import Rejected
from migrator.core.ports.destination import Hooks

_CLASH = re.compile(r"conflicting (?:run|plan) id: (\d+)\s*$")


def conflicting_id(refusal: Rejected) -> int | None:
    """Return the id of the run or plan that has the title already, or None when that was not the reason.

    The status is not certain (C14), the end of the message is what the vendor's own client goes by.
    """
    found = _CLASH.search(refusal.body)
    return int(found[1]) if found else None


class RunApi(ApiBase):
    """Runs cannot be changed, opened again or deleted, and have no cases added to them."""

    async def runs(
        self, code: str, *, closed: bool | None = None, milestone_ids: Sequence[int] = (), limit: int | None = None
    ) -> list[WireRun]:
        """Return the runs, newest first (A-30; §3.12). There are no pages: ``limit`` cuts the rest off."""
        query: Query = [("milestoneIds", str(ident)) for ident in milestone_ids]
        query += [] if closed is None else [("closed", str(closed).lower())]
        query += [] if limit is None else [("limit", str(limit))]
        return parsed_all(WireRun, rows(await self._get(f"/project/{code}/run", query), "runs"), "run")

    async def create_run(self, code: str, run: NewRun, hooks: Hooks) -> int:
        """Create a run (§3.12) and return its id. At most 10,000 cases by id (A-29).

        Not safe to repeat blindly, but the title is unique within its milestone, closed runs included: a clash is
        ``Rejected`` with 403 or 409, and ``conflicting_id`` tells which run has it.
        """
        return (await self._create(WireIntegerId, f"/project/{code}/run", run.document(), hooks)).id

    async def clone_run(self, code: str, copy: RunCopy, hooks: Hooks) -> int:
        """Create a run with the cases of another, without its results (A-31; §3.12); the rule for titles holds."""
        return (await self._create(WireIntegerId, f"/project/{code}/run/clone", copy.document(), hooks)).id

    async def close_run(self, code: str, run_id: int, hooks: Hooks) -> None:
        """Close a run for good (§3.12). Safe to repeat: the 409 of a run that is closed already counts as done."""
        try:
            await self._write("POST", f"/project/{code}/run/{run_id}/close", None, hooks, repeatable=True)
        except Rejected as refusal:
            if refusal.status != 409:
                raise

    async def run_cases(self, code: str, run_id: int, filters: Query | None = None) -> list[WireRunCase]:
        """Return all cases of a run by number with their present status, in one answer (§3.12)."""
        query = [("sortField", "seq"), ("sortOrder", "asc"), *(filters or [])]
        answer = await self._get(f"/project/{code}/run/{run_id}/tcase", query)
        return parsed_all(WireRunCase, rows(answer, "tcases"), "case of a run")

    async def run_case(self, code: str, run_id: int, case_id: str) -> WireRunCaseWhole:
        """Return one case of a run with its results, oldest first (A-33): the only way to read results (§3.12)."""
        answer = await self._get(f"/project/{code}/run/{run_id}/tcase/{segment(case_id)}")
        return parsed(WireRunCaseWhole, answer, "case of a run")

    async def create_plan(self, code: str, plan: NewPlan, hooks: Hooks) -> int:
        """Create a plan with its runs (§3.14) and return the plan's id; the ids of its runs are not answered.

        Not safe to repeat blindly. Plans cannot be read. The title is unique within its milestone, as with runs.
        """
        return (await self._create(WireIntegerId, f"/project/{code}/plan", plan.document(), hooks)).id
