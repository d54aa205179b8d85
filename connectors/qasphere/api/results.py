"""Results and run logs (``qasphere-api.md`` §3.12, §3.13). They cannot be changed or deleted."""

from collections.abc import Sequence

from connectors.qasphere.api.base import ApiBase, created, segment
from connectors.qasphere.wire.bodies import NewResult
from connectors.qasphere.wire.runs import WireIntegerId, WireIntegerIds, WireTextId
from migrator.core.errors import OutcomeUnknown
from migrator.core.ports.destination import Hooks


class ResultApi(ApiBase):
    """Nothing here is safe to repeat. Links are never sent: one with an issue's id makes the server write to it."""

    async def create_result(self, code: str, run_id: int, case_id: str, result: NewResult, hooks: Hooks) -> int:
        """Add a result to a case of a run (§3.13) and return its id. ``case_id``: id, number or legacy id.

        404: no such run, or the case is not in it. 409: the run is closed.
        """
        path = f"/project/{code}/run/{run_id}/tcase/{segment(case_id)}/result"
        return (await self._create(WireIntegerId, path, result.document(), hooks)).id

    async def create_results(
        self, code: str, run_id: int, results: Sequence[tuple[str, NewResult]], hooks: Hooks
    ) -> list[int]:
        """Add up to 500 results, each with its case's id, and return their ids in the same order
        (§3.13).

        A case may come more than once; its last result decides its status. 400: an item is wrong, or its case is not
        in the run, and nothing was stored (A-36). 409: the run is closed.
        """
        path = f"/project/{code}/run/{run_id}/result/batch"
        body = {"items": [{"tcaseId": case_id} | result.document() for case_id, result in results]}
        ids = created(WireIntegerIds, await self._write("POST", path, body, hooks, repeatable=False), path).ids
        if len(ids) != len(results):
            raise OutcomeUnknown(f"QA Sphere answered {len(ids)} ids for {len(results)} results")
        return ids

    async def add_run_log(self, code: str, run_id: int, comment: str, hooks: Hooks) -> str:
        """Append a note in HTML, not empty, to a run (§3.12) and return its id. Logs cannot be read.

        409: the run is closed (A-34).
        """
        return (await self._create(WireTextId, f"/project/{code}/run/{run_id}/log", {"comment": comment}, hooks)).id
