"""Users, statuses and the audit log (§3.16 to §3.18)."""

from bisect import bisect_right
from typing import Any

from aiohttp import web

from connectors.qasphere.sandbox.access import LOGS_ONLY, Access, json_of
from connectors.qasphere.sandbox.query import integer_of
from connectors.qasphere.sandbox.readers import Refused, bad, boolean, named, objects, one_of
from connectors.qasphere.sandbox.store_settings import COLORS, CUSTOM_STATUSES, AuditEvent, Status, User

_MOST_EVENTS = 1000


class SettingsHandlers(Access):
    """One method per endpoint."""

    async def me(self, request: web.Request) -> web.Response:
        self._need(request, "viewer")
        if not self._switches.users_me:
            raise Refused(404, "not found")
        user = self._user(request)
        shown = {"id": user.id, "email": user.email, "name": user.name, "avatar": None, "role": user.role}
        return web.json_response({"user": shown})

    async def users(self, request: web.Request) -> web.Response:
        self._need(request, "admin")
        with_id = self._switches.users_with_id
        rows = [_user_view(user) | ({"id": user.id} if with_id else {}) for user in self._store.users]
        return web.json_response({"users": rows})

    async def statuses(self, request: web.Request) -> web.Response:
        self._need(request, "viewer")
        used = self._used()
        return web.json_response({"statuses": [_status_view(row, used) for row in self._store.statuses.values()]})

    async def update_statuses(self, request: web.Request) -> web.Response:
        self._need(request, "admin")
        rows = objects((await json_of(request)).get("statuses"), "statuses")
        if not 1 <= len(rows) <= len(CUSTOM_STATUSES):
            raise bad("statuses must hold 1 to 4 entries")
        # everything is read before anything is changed
        changes = [_change_of(row) for row in rows]
        if len({change.id for change in changes}) != len(changes):
            raise bad("a status is given twice")
        used = self._used()
        for change in changes:
            if change.id in used and not change.is_active:
                raise Refused(409, f"status {change.id} is in use")
        self._store.statuses.update({change.id: change for change in changes})
        return web.json_response({"message": "Statuses updated"})

    def _used(self) -> set[str]:
        runs = [run for project in self._store.projects.values() for run in project.runs.values()]
        return {result.status for run in runs for case in run.cases.values() for result in case.results}

    async def audit_logs(self, request: web.Request) -> web.Response:
        if self._role(request) != LOGS_ONLY:
            self._need(request, "admin")
        if not self._switches.audit_logs:
            raise Refused(402, "audit logs are not part of your plan")
        after, wanted = integer_of(request.query, "after") or 0, integer_of(request.query, "count")
        count = 100 if wanted is None else wanted
        if after < 0 or not 1 <= count <= _MOST_EVENTS:
            raise bad(f"after must not be negative, count must be between 1 and {_MOST_EVENTS}")
        start = bisect_right(self._store.audit, after, key=lambda event: event.id)
        events = self._store.audit[start : start + count]
        last = events[-1].id if events else after
        return web.json_response({"after": last, "count": len(events), "events": [_event_view(e) for e in events]})


def _change_of(row: dict[str, Any]) -> Status:
    return Status(
        one_of(row.get("id"), "id", CUSTOM_STATUSES),
        named(row.get("name"), "status name", 16),
        one_of(row.get("color"), "color", COLORS),
        is_default=False,
        is_active=boolean(row.get("isActive"), "isActive"),
    )


def _status_view(status: Status, used: set[str]) -> dict[str, Any]:
    return {
        "id": status.id,
        "name": status.name,
        "color": status.color,
        "isDefault": status.is_default,
        "isActive": status.is_active,
        "inUse": status.id in used,
    }


def _user_view(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "authorizationTypes": ["password"],
        "totpEnabled": False,
        "createdAt": user.created_at,
        "lastActivity": user.created_at[:10],
    }


def _event_view(event: AuditEvent) -> dict[str, Any]:
    user = event.user
    return {
        "id": event.id,
        "user": {"id": user.id, "name": user.name, "email": user.email} if user else None,
        "action": event.action,
        "ip": event.ip,
        "userAgent": event.user_agent,
        "createdAt": event.created_at,
    }
