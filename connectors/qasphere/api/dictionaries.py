"""What cases refer to, read only: nothing of this can be created by the API (``qasphere-api.md`` §3.7 to §3.10)."""

from collections.abc import Sequence

from connectors.qasphere.api.base import Resource, parsed, parsed_all, rows, segment
from connectors.qasphere.wire.cases import CustomField, Requirement, SharedPrecondition, SharedStep, Tag
from connectors.qasphere.wire.queries import RequirementQuery, TitledQuery


class CustomFields(Resource):
    """The tenant's custom fields; they are made in the web application only."""

    async def list(self, project: str) -> Sequence[CustomField]:
        """Return the custom fields as this project sees them (§3.7)."""
        answer = await self._caller.get(f"/project/{segment(project)}/custom-field")
        return parsed_all(CustomField, rows(answer, "customFields"), "custom-field")


class Tags(Resource):
    """The tags of a project; they come with the cases that have them."""

    async def list(self, project: str, query: TitledQuery = TitledQuery()) -> Sequence[Tag]:
        """Return all tags (§3.8)."""
        answer = await self._caller.get(f"/project/{segment(project)}/tag", query)
        return parsed_all(Tag, rows(answer, "tags"), "tag")


class Requirements(Resource):
    """The requirements of a project; they come with the cases that have them."""

    async def list(self, project: str, query: RequirementQuery = RequirementQuery()) -> Sequence[Requirement]:
        """Return all requirements (§3.9)."""
        answer = await self._caller.get(f"/project/{segment(project)}/requirement", query)
        return parsed_all(Requirement, rows(answer, "requirements"), "requirement")


class SharedSteps(Resource):
    """Steps that several cases share."""

    async def list(self, project: str, query: TitledQuery = TitledQuery()) -> Sequence[SharedStep]:
        """Return all shared steps (§3.10)."""
        answer = await self._caller.get(f"/project/{segment(project)}/shared-step", query)
        return parsed_all(SharedStep, rows(answer, "sharedSteps"), "shared step")

    async def get(self, project: str, shared_step: int) -> SharedStep:
        """Return one shared step (§3.10); ``Rejected`` with 404 when there is none."""
        answer = await self._caller.get(f"/project/{segment(project)}/shared-step/{shared_step}")
        return parsed(SharedStep, answer, "shared step")


class SharedPreconditions(Resource):
    """Preconditions that several cases share."""

    async def list(self, project: str, query: TitledQuery = TitledQuery()) -> Sequence[SharedPrecondition]:
        """Return all shared preconditions (§3.10). The server's answer is a bare list, or null."""
        answer = await self._caller.get(f"/project/{segment(project)}/shared-precondition", query)
        return parsed_all(SharedPrecondition, rows({"data": answer}, "data"), "shared precondition")

    async def get(self, project: str, shared_precondition: int) -> SharedPrecondition:
        """Return one shared precondition (§3.10); ``Rejected`` with 404 when there is none."""
        answer = await self._caller.get(f"/project/{segment(project)}/shared-precondition/{shared_precondition}")
        return parsed(SharedPrecondition, answer, "shared precondition")
