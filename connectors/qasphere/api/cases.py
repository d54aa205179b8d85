"""Test cases (``qasphere-api.md`` §3.3 to §3.6)."""

from collections.abc import Sequence
from typing import Any

from connectors.qasphere.api.base import ApiBase, M, Query, created, page_query, parsed, parsed_all, segment
from connectors.qasphere.wire.bodies import CaseSkeleton
from connectors.qasphere.wire.cases import WireCase, WireCount, WireCreatedCase, WireCreatedCases, WirePage
from migrator.core.errors import OutcomeUnknown
from migrator.core.ports.destination import Hooks

INCLUDES = ("precondition", "steps", "tags", "requirements", "customFields")


class CaseApi(ApiBase):
    """Reading, creating and changing cases."""

    async def cases(
        self, code: str, *, offset: int, limit: int, descending: bool = False, filters: Query | None = None
    ) -> tuple[list[WireCase], int]:
        """Return a page of cases by number with everything that can be included, and how many match (§3.3).

        It has fewer than ``limit`` rows where so many are too large.
        """

        def query(most: int) -> Query:
            wished = [("include", name) for name in INCLUDES] + (filters or [])
            return page_query(offset, most, "seq", descending=descending) + wished

        return _page(WireCase, await self._get_page(f"/project/{code}/tcase", limit, query))

    async def newest_numbers(self, code: str, *, offset: int, limit: int) -> tuple[list[WireCreatedCase], int]:
        """Return ids and numbers of a page of cases, newest first, and how many there are (§3.3)."""

        def query(most: int) -> Query:
            return page_query(offset, most, "seq", descending=True)

        return _page(WireCreatedCase, await self._get_page(f"/project/{code}/tcase", limit, query))

    async def count_cases(self, code: str, filters: Query | None = None, *, recursive: bool = False) -> int:
        """Return how many cases match (§3.3). ``recursive``: ``folders`` filters take in the folders below."""
        query = [*(filters or []), *([("recursive", "true")] if recursive else [])]
        return parsed(WireCount, await self._get(f"/project/{code}/tcase/count", query), "count").count

    async def case(self, code: str, case_id: str) -> WireCase:
        """Return one case, whole (§3.3)."""
        return parsed(WireCase, await self._get(f"/project/{code}/tcase/{segment(case_id)}"), "test case")

    async def cases_by_marker(
        self, code: str, markers: Sequence[str], *, offset: int, limit: int
    ) -> tuple[list[WireCase], int]:
        """Return a page of the cases with these markers, such as ``SHOP-007``, and how many there are (§3.6).

        Markers that nobody has are missing in the answer. Undocumented; nothing may rest on it.
        """
        body = {"seqIds": list(markers), "offset": offset, "limit": limit}
        return _page(WireCase, await self._ask(f"/project/{code}/tcase/seq", body))

    async def create_case(self, code: str, body: dict[str, Any], hooks: Hooks) -> WireCreatedCase:
        """Create a case (§3.4). Not safe to repeat; counts only with id and number in the answer."""
        return await self._create(WireCreatedCase, f"/project/{code}/tcase", body, hooks)

    async def create_skeletons(
        self, code: str, folder_path: Sequence[str], skeletons: Sequence[CaseSkeleton], hooks: Hooks
    ) -> list[WireCreatedCase]:
        """Create up to 500 cases of title and tags in one folder, made if missing; ids in the same order (§3.6).

        Not safe to repeat. All or nothing (A-27). Undocumented; nothing may rest on it.
        """
        path = f"/project/{code}/tcase/bulk"
        body = {"folderPath": list(folder_path), "tcases": [skeleton.document() for skeleton in skeletons]}
        made = created(WireCreatedCases, await self._write("POST", path, body, hooks, repeatable=False), path).tcases
        if len(made) != len(skeletons):
            raise OutcomeUnknown(f"QA Sphere created {len(made)} cases when asked for {len(skeletons)}")
        return made

    async def update_case(self, code: str, case_id: str, body: dict[str, Any], hooks: Hooks) -> None:
        """Change fields of a case (§3.5). Lists are replaced whole; every call makes a new version."""
        await self._write("PATCH", f"/project/{code}/tcase/{segment(case_id)}", body, hooks, repeatable=False)


def _page(model: type[M], answer: Any) -> tuple[list[M], int]:
    page = parsed(WirePage, answer, "test cases")
    return parsed_all(model, page.data, "test case"), page.total
