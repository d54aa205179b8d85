"""Who asks, what may they, and for which project (§1.2 to §1.4): the base of all handlers."""

import json
import re
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from connectors.qasphere.sandbox.readers import Refused, bad
from connectors.qasphere.sandbox.store import Project, Store
from connectors.qasphere.sandbox.store_cases import Case
from connectors.qasphere.sandbox.store_settings import ROLES, User
from connectors.qasphere.sandbox.switches import Switches

LOGS_ONLY = "SIEM-LOG-ONLY"
"""The role, so to speak, of keys that may read the audit log and nothing else (§1.2)."""


_NUMBER = re.compile(r"[0-9]{1,18}")


class Access:
    """``keys``: API key → role."""

    def __init__(self, store: Store, switches: Switches, keys: dict[str, str]) -> None:
        self._store = store
        self._switches = switches
        self._keys = keys

    def _role(self, request: web.Request) -> str:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme not in ("Bearer", "ApiKey") or not key:
            raise Refused(401, "missing or unknown authorization scheme")
        if key.count(".") != 2:
            raise Refused(401, "malformed API key")
        if key not in self._keys:
            raise Refused(401, "unknown API key")
        if self._store.is_suspended:
            raise Refused(403, "tenant is suspended")
        return self._keys[key]

    def _need(self, request: web.Request, least: str) -> str:
        role = self._role(request)
        if role == LOGS_ONLY:
            raise Refused(403, "this API key may only read audit logs")
        if ROLES.index(role) < ROLES.index(least):
            raise Refused(403, f"insufficient role: {least} is required")
        return role

    def _user(self, request: web.Request) -> User:
        role = self._role(request)
        return next(user for user in self._store.users if user.role == role)

    def note(self, request: web.Request, action: str) -> None:
        """Put what was done into the audit log."""
        self._store.note(action, self._user(request), request.remote or "", request.headers.get("User-Agent", ""))

    def _project(self, request: web.Request, least: str) -> Project:
        self._need(request, least)
        project = self._store.find_project(request.match_info["project"])
        if project is None:
            raise Refused(404, "project not found")
        if project.archived_at and least != "viewer":
            raise Refused(403, "project is archived")
        return project

    def _created(self, document: dict[str, Any]) -> web.Response:
        return web.json_response(document, status=self._switches.created_status)

    def _listed(self, key: str, rows: list[dict[str, Any]]) -> web.Response:
        """Answer a whole list, which may be null when it is empty (§1.9)."""
        return web.json_response({key: rows or None if self._switches.null_lists else rows})

    def _only_known(self, body: dict[str, Any], known: set[str]) -> dict[str, Any]:
        if self._switches.unknown_fields == "reject" and (unknown := set(body) - known):
            raise bad(f"unknown field {min(unknown)}")
        return body


async def json_of(request: web.Request) -> dict[str, Any]:
    """Return the body; 400 when it is no JSON object, or says that it is something else."""
    if request.content_type != "application/json":
        raise bad("the body must be application/json")
    try:
        body = json.loads(await request.text(), parse_constant=_no_constant)
    except (ValueError, LookupError, RecursionError):  # also: unknown charset, numbers and nesting without end
        raise bad("malformed JSON") from None
    if not isinstance(body, dict):
        raise bad("body must be a JSON object")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def case_of(project: Project, wanted: str) -> Case:
    """Resolve id, then number, then legacy id (A-06)."""
    case = project.by_id.get(wanted)
    if case is None and _NUMBER.fullmatch(wanted):
        case = project.by_seq.get(int(wanted))
    if case is None:
        case = next((other for other in project.cases if wanted and other.legacy_id == wanted), None)
    if case is None:
        raise Refused(404, "test case not found")
    return case


def number_in_path(request: web.Request, name: str, what: str) -> int:
    """Return an id in the path; 404 when it is no number."""
    text = request.match_info[name]
    if not _NUMBER.fullmatch(text):
        raise Refused(404, f"{what} not found")
    return int(text)


def flag_of(query: MultiMapping[str], name: str) -> bool | None:
    """Read a boolean parameter; None when it is absent, 400 when it is neither true nor false."""
    value = query.get(name)
    if value not in (None, "true", "false"):
        raise bad(f"{name} must be true or false")
    return None if value is None else value == "true"
