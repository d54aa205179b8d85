"""The tenant: result statuses, users, audit log (``qasphere-api.md`` §3.16 to §3.18)."""

from collections.abc import Sequence

from connectors.qasphere.api.base import ApiBase, parsed, parsed_all, rows
from connectors.qasphere.wire.bodies import StatusChange
from connectors.qasphere.wire.cases import WireUser
from connectors.qasphere.wire.settings import WireAccount, WireAuditPage, WireStatus
from migrator.core.ports.destination import Hooks


class SettingsApi(ApiBase):
    """What concerns all projects."""

    async def me(self) -> WireUser:
        """Return the key's owner (§3.17; undocumented)."""
        answer = await self._get("/users/me")
        return parsed(WireUser, answer.get("user") if isinstance(answer, dict) else None, "users/me")

    async def users(self) -> list[WireAccount]:
        """Return the tenant's users (§3.17). Needs the role admin; ids are not promised (A-42)."""
        return parsed_all(WireAccount, rows(await self._get("/users"), "users"), "user")

    async def statuses(self) -> list[WireStatus]:
        """Return the five default and four custom result statuses of the tenant (§3.16)."""
        return parsed_all(WireStatus, rows(await self._get("/settings/preferences/status"), "statuses"), "status")

    async def update_statuses(self, changes: Sequence[StatusChange], hooks: Hooks) -> None:
        """Set custom statuses for the whole tenant (§3.16); those not named stay. Safe to repeat, needs an admin.

        409: a status that is in use cannot be switched off (A-41).
        """
        body = {"statuses": [change.document() for change in changes]}
        await self._write("POST", "/settings/preferences/status", body, hooks, repeatable=True)

    async def audit_logs(self, *, after: int = 0, count: int = 100) -> WireAuditPage:
        """Return up to ``count`` (at most 1000) events later than the id ``after``, oldest first (§3.18).

        Continue with ``after`` of the answer until a page is empty. Needs an admin; 402: not in the tenant's plan.
        """
        query = [("after", str(after)), ("count", str(count))]
        return parsed(WireAuditPage, await self._get("/audit-logs", query), "page of audit logs")
