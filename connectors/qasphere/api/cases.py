"""Test cases (``qasphere-api.md`` §3.3 to §3.6)."""

from collections.abc import AsyncIterator
from functools import partial

from connectors.qasphere.api.base import Resource, every_row, parsed, segment
from connectors.qasphere.wire.base import Page
from connectors.qasphere.wire.case_bodies import CaseChange, CaseMarkers, CaseSkeletons, NewCase
from connectors.qasphere.wire.cases import Case, Count, CreatedCase, CreatedCases, Message
from connectors.qasphere.wire.queries import CaseCount, CaseQuery
from migrator.core.errors import OutcomeUnknown
from migrator.core.plural import number
from migrator.core.ports.destination import Hooks


class TestCases(Resource):
    """The cases of a project, each addressed by its id, number or legacy id. They cannot be moved or deleted."""

    __test__ = False  # a name that pytest would take for tests

    async def list(self, project: str, query: CaseQuery = CaseQuery()) -> Page[Case]:
        """Return a page of cases (§3.3), with what is included. Fewer than asked for where so many are too large."""
        return await self._caller.get_page(Case, f"/project/{segment(project)}/tcase", query, query.limit)

    async def all(self, project: str, query: CaseQuery = CaseQuery()) -> AsyncIterator[Case]:
        """Yield every case that matches, page by page, by number unless the query says otherwise."""
        async for row in every_row(partial(self.list, project), query, "seq"):
            yield row

    async def count(self, project: str, query: CaseCount = CaseCount()) -> Count:
        """Return how many cases match (§3.3)."""
        return parsed(Count, await self._caller.get(f"/project/{segment(project)}/tcase/count", query), "count")

    async def get(self, project: str, case: str) -> Case:
        """Return one case, whole (§3.3)."""
        return parsed(Case, await self._caller.get(_case(project, case)), "test case")

    async def by_marker(self, project: str, body: CaseMarkers) -> Page[Case]:
        """Return a page of the cases with these markers, such as ``SHOP-007`` (§3.6).

        Markers that nobody has are missing in the answer. Undocumented; nothing may rest on it.
        """
        return parsed(Page[Case], await self._caller.ask(f"/project/{segment(project)}/tcase/seq", body), "test cases")

    async def create(self, project: str, body: NewCase, *, hooks: Hooks | None = None) -> CreatedCase:
        """Create a case or a template (§3.4). Not safe to repeat; counts only with id and number in the answer."""
        path = f"/project/{segment(project)}/tcase"
        return await self._caller.create(CreatedCase, path, body.document(), hooks)

    async def bulk_create(self, project: str, body: CaseSkeletons, *, hooks: Hooks | None = None) -> CreatedCases:
        """Create cases of title and tags in one folder, made if missing; ids in the same order (§3.6).

        Not safe to repeat. All or nothing (A-27). Undocumented; nothing may rest on it.
        """
        path = f"/project/{segment(project)}/tcase/bulk"
        made = await self._caller.create(CreatedCases, path, body.document(), hooks)
        if len(made.tcases) != len(body.tcases):
            raise OutcomeUnknown(
                f"QA Sphere created {number(len(made.tcases), 'case')} when asked for {len(body.tcases)}"
            )
        return made

    async def update(self, project: str, case: str, body: CaseChange, *, hooks: Hooks | None = None) -> Message:
        """Change fields of a case (§3.5). Lists are replaced whole; every call makes a new version."""
        answer = await self._caller.write("PATCH", _case(project, case), body.document(), hooks, repeatable=False)
        return parsed(Message, answer or {}, "update")


def _case(project: str, case: str) -> str:
    return f"/project/{segment(project)}/tcase/{segment(case)}"
