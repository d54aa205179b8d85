"""Runs, their cases and notes, and plans (``qasphere-api.md`` §3.12, §3.14)."""

import re
from collections.abc import Sequence

from connectors.qasphere.api.base import Resource, parsed, parsed_all, rows, segment
from connectors.qasphere.wire.bodies import NewPlan, NewRun, RunCopy, RunLog
from connectors.qasphere.wire.cases import Message
from connectors.qasphere.wire.queries import RunCaseQuery, RunQuery
from connectors.qasphere.wire.runs import IntegerId, RunCase, RunCaseWhole, RunList, TextId
from migrator.core.errors import Rejected
from migrator.core.ports.destination import Hooks

_CLASH = re.compile(r"conflicting (?:run|plan) id: (\d+)\s*$")


def conflicting_id(refusal: Rejected) -> int | None:
    """Return the id of the run or plan that has the title already, or None when that was not the reason.

    The status is not certain (C14), the end of the message is what the vendor's own client goes by.
    """
    found = _CLASH.search(refusal.body)
    return int(found[1]) if found else None


class RunTestCases(Resource):
    """The cases of a run."""

    async def list(self, project: str, run: int, query: RunCaseQuery = RunCaseQuery()) -> Sequence[RunCase]:
        """Return all cases of a run with their present status, in one answer (§3.12)."""
        answer = await self._caller.get(f"/project/{segment(project)}/run/{run}/tcase", query)
        return parsed_all(RunCase, rows(answer, "tcases"), "case of a run")

    async def get(self, project: str, run: int, case: str) -> RunCaseWhole:
        """Return one case of a run with its results, oldest first (A-33): the only way to read results (§3.12)."""
        answer = await self._caller.get(f"/project/{segment(project)}/run/{run}/tcase/{segment(case)}")
        return parsed(RunCaseWhole, answer, "case of a run")


class RunLogs(Resource):
    """Notes on a run. They cannot be read."""

    async def create(self, project: str, run: int, body: RunLog, *, hooks: Hooks | None = None) -> TextId:
        """Append a note to a run (§3.12). Not safe to repeat. 409: the run is closed (A-34)."""
        return await self._caller.create(TextId, f"/project/{segment(project)}/run/{run}/log", body.document(), hooks)


class Runs(Resource):
    """Runs cannot be changed, opened again or deleted, and have no cases added to them."""

    test_cases: RunTestCases
    logs: RunLogs

    async def list(self, project: str, query: RunQuery = RunQuery()) -> RunList:
        """Return the runs, newest first (A-30; §3.12)."""
        answer = await self._caller.get(f"/project/{segment(project)}/run", query)
        return parsed(RunList, answer, "list of runs")

    async def create(self, project: str, body: NewRun, *, hooks: Hooks | None = None) -> IntegerId:
        """Create a run (§3.12). At most 10,000 cases by id (A-29).

        Not safe to repeat blindly, but the title is unique within its milestone, closed runs included: a clash is
        ``Rejected`` with 403 or 409, and ``conflicting_id`` tells which run has it.
        """
        return await self._caller.create(IntegerId, f"/project/{segment(project)}/run", body.document(), hooks)

    async def clone(self, project: str, body: RunCopy, *, hooks: Hooks | None = None) -> IntegerId:
        """Create a run with the cases of another, without its results (A-31; §3.12); the rule for titles holds."""
        return await self._caller.create(IntegerId, f"/project/{segment(project)}/run/clone", body.document(), hooks)

    async def close(self, project: str, run: int, *, hooks: Hooks | None = None) -> Message:
        """Close a run for good (§3.12). Safe to repeat: the 409 of a run that is closed already counts as done."""
        path = f"/project/{segment(project)}/run/{run}/close"
        try:
            return parsed(Message, await self._caller.write("POST", path, None, hooks, repeatable=True) or {}, "close")
        except Rejected as refusal:
            if refusal.status != 409:
                raise
            return Message(message=refusal.body)


class TestPlans(Resource):
    """Plans cannot be read; their runs stand among the others."""

    __test__ = False  # a name that pytest would take for tests

    async def create(self, project: str, body: NewPlan, *, hooks: Hooks | None = None) -> IntegerId:
        """Create a plan with its runs (§3.14) and return the plan's id; the ids of its runs are not answered.

        Not safe to repeat blindly. The title is unique within its milestone, as with runs.
        """
        return await self._caller.create(IntegerId, f"/project/{segment(project)}/plan", body.document(), hooks)
