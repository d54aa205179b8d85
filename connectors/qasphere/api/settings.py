"""The tenant: result statuses, users, audit log (``qasphere-api.md`` §3.16 to §3.18)."""

from collections.abc import AsyncIterator, Sequence

from connectors.qasphere.api.base import Resource, parsed, parsed_all, rows
from connectors.qasphere.wire.bodies import StatusChanges
from connectors.qasphere.wire.cases import Message
from connectors.qasphere.wire.queries import AuditQuery
from connectors.qasphere.wire.settings import Account, AuditEvent, AuditPage, Me, Status
from migrator.core.ports.destination import Hooks


class Settings(Resource):
    """What concerns all projects."""

    async def list_statuses(self) -> Sequence[Status]:
        """Return the five default and four custom result statuses of the tenant (§3.16)."""
        return parsed_all(Status, rows(await self._caller.get("/settings/preferences/status"), "statuses"), "status")

    async def update_statuses(self, body: StatusChanges, *, hooks: Hooks | None = None) -> Message:
        """Set custom statuses for the whole tenant (§3.16); those not named stay. Safe to repeat, needs an admin.

        409: a status that is in use cannot be switched off (A-41).
        """
        path = "/settings/preferences/status"
        answer = await self._caller.write("POST", path, body.document(), hooks, repeatable=True)
        return parsed(Message, answer or {}, "update")


class Users(Resource):
    """The accounts of the tenant."""

    async def list(self) -> Sequence[Account]:
        """Return the tenant's users (§3.17). Needs the role admin; ids are not promised (A-42)."""
        return parsed_all(Account, rows(await self._caller.get("/users"), "users"), "user")

    async def me(self) -> Me:
        """Return the key's owner (§3.17; undocumented)."""
        answer = await self._caller.get("/users/me")
        return parsed(Me, answer.get("user") if isinstance(answer, dict) else None, "users/me")


class AuditLogs(Resource):
    """What was done, by whom. Needs an admin; ``Rejected`` with 402: not in the tenant's plan."""

    async def list(self, query: AuditQuery = AuditQuery()) -> AuditPage:
        """Return events, oldest first (§3.18). Continue with ``after`` of the answer until a page is empty."""
        return parsed(AuditPage, await self._caller.get("/audit-logs", query), "page of audit logs")

    async def all(self, query: AuditQuery = AuditQuery()) -> AsyncIterator[AuditEvent]:
        """Yield every event later than ``after``, oldest first, page by page."""
        while True:
            page = await self.list(query)
            for event in page.events:
                yield event
            if not page.events or page.after <= query.after:
                return
            query = query.model_copy(update={"after": page.after})
