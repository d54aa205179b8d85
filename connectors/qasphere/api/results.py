"""Results (``qasphere-api.md`` §3.13). They cannot be changed or deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.qasphere.api.base import Resource, segment
from connectors.qasphere.wire.bodies import NewResult, ResultBatch, ResultLink
from connectors.qasphere.wire.runs import IntegerId, IntegerIds
from migrator.core.errors import OutcomeUnknown
from migrator.core.plural import number
from migrator.core.ports.destination import Hooks


class Results(Resource):
    """Nothing here is safe to repeat.

    ``links`` are sent only when they are given. WARNING: for a link with ``meta.id`` QA Sphere writes a comment on that
    issue, in the tracker, for everybody who watches it. A migration must never send one.
    """

    async def create(
        self,
        project: str,
        run: int,
        case: str,
        body: NewResult,
        *,
        links: Sequence[ResultLink] = (),
        hooks: Hooks | None = None,
    ) -> IntegerId:
        """Add a result to a case of a run (§3.13). ``case``: id, number or legacy id.

        404: no such run, or the case is not in it. 409: the run is closed. ``links``: see the warning of the class; one
        with ``meta.id`` comments on the issue in the tracker.
        """
        path = f"/project/{segment(project)}/run/{run}/tcase/{segment(case)}/result"
        return await self._caller.create(IntegerId, path, _linked(body.document(), links), hooks)

    async def batch_create(
        self,
        project: str,
        run: int,
        body: ResultBatch,
        *,
        links: Mapping[int, Sequence[ResultLink]] | None = None,
        hooks: Hooks | None = None,
    ) -> IntegerIds:
        """Add up to 500 results and return their ids in the same order (§3.13).

        A case may come more than once; its last result decides its status. 400: an item is wrong, or its case is not
        in the run, and nothing was stored (A-36). 409: the run is closed. ``links``: of the item at each place, from 0;
        see the warning of the class: one with ``meta.id`` comments on the issue in the tracker.
        """
        path = f"/project/{segment(project)}/run/{run}/result/batch"
        given = links or {}
        items = [_linked(item.document(), given.get(place, ())) for place, item in enumerate(body.items)]
        made = await self._caller.create(IntegerIds, path, {"items": items}, hooks)
        if len(made.ids) != len(items):
            raise OutcomeUnknown(
                f"QA Sphere answered {number(len(made.ids), 'id')} where {number(len(items), 'was', 'were')} due"
            )
        return made


def _linked(document: dict[str, Any], links: Sequence[ResultLink]) -> dict[str, Any]:
    return document | ({"links": [link.document() for link in links]} if links else {})
