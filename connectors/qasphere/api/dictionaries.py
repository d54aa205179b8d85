"""What cases refer to, read only: nothing of this can be created by the API (``qasphere-api.md`` §3.7 to §3.10)."""

from connectors.qasphere.api.base import ApiBase, Query, parsed, parsed_all, rows
from connectors.qasphere.wire.cases import WireCustomField, WireRequirement, WireSharedPrecondition, WireSharedStep

_COUNTED: Query = [("include", "tcaseCount")]


class DictionaryApi(ApiBase):
    """Custom fields, tags, requirements, shared steps and preconditions."""

    async def custom_fields(self, code: str) -> list[WireCustomField]:
        """Return the tenant's custom fields as this project sees them (§3.7)."""
        answer = await self._get(f"/project/{code}/custom-field")
        return parsed_all(WireCustomField, rows(answer, "customFields"), "custom-field")

    async def tags(self, code: str) -> list[str]:
        """Return the titles of all tags of a project (§3.8)."""
        answer = await self._get(f"/project/{code}/tag")
        return [str(row.get("title", "")) for row in rows(answer, "tags")]

    async def requirements(self, code: str) -> list[WireRequirement]:
        """Return all requirements of a project with how many cases use each (§3.9)."""
        answer = await self._get(f"/project/{code}/requirement", _COUNTED)
        return parsed_all(WireRequirement, rows(answer, "requirements"), "requirement")

    async def shared_steps(self, code: str) -> list[WireSharedStep]:
        """Return all shared steps of a project with how many cases use each (§3.10)."""
        answer = await self._get(f"/project/{code}/shared-step", _COUNTED)
        return parsed_all(WireSharedStep, rows(answer, "sharedSteps"), "shared step")

    async def shared_step(self, code: str, ident: int) -> WireSharedStep:
        """Return one shared step (§3.10); ``Rejected`` with 404 when there is none."""
        return parsed(WireSharedStep, await self._get(f"/project/{code}/shared-step/{ident}"), "shared step")

    async def shared_preconditions(self, code: str) -> list[WireSharedPrecondition]:
        """Return all shared preconditions of a project (§3.10). The answer is a bare list, or null."""
        answer = await self._get(f"/project/{code}/shared-precondition", _COUNTED)
        return parsed_all(WireSharedPrecondition, rows({"data": answer}, "data"), "shared precondition")

    async def shared_precondition(self, code: str, ident: int) -> WireSharedPrecondition:
        """Return one shared precondition (§3.10); ``Rejected`` with 404 when there is none."""
        answer = await self._get(f"/project/{code}/shared-precondition/{ident}")
        return parsed(WireSharedPrecondition, answer, "shared precondition")
