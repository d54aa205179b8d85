"""Projects and what their cases refer to (§3.1, §3.7 to §3.10)."""

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from connectors.qasphere.sandbox.access import Access, json_of, number_in_path
from connectors.qasphere.sandbox.query import counted, ordered
from connectors.qasphere.sandbox.readers import LONGEST_HTML, Refused, bad, boolean, links, named, text
from connectors.qasphere.sandbox.sanitise import sanitise
from connectors.qasphere.sandbox.views import field_view, project_view, shared_precondition_view, shared_step_view

_CODE = re.compile(r"[A-Za-z0-9]{2,5}")
_SKIPPABLE = ("skipDefaultFolder", "skipDefaultConfigurations", "skipDefaultAIRules")
_KNOWN = {"code", "title", "links", "overviewTitle", "overviewDescription"}


class ProjectHandlers(Access):
    """One method per endpoint."""

    async def projects(self, request: web.Request) -> web.Response:
        self._need(request, "viewer")
        return self._listed("projects", [project_view(project) for project in self._store.projects.values()])

    async def project(self, request: web.Request) -> web.Response:
        return web.json_response(project_view(self._project(request, "viewer")))

    async def create_project(self, request: web.Request) -> web.Response:
        self._need(request, "admin")
        body = self._only_known(await json_of(request), _KNOWN)
        code, title = body.get("code"), named(body.get("title"), "title", 255)
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise bad("code must be 2 to 5 letters or digits")
        found = links(body.get("links"), 0)
        overview_title = text(_or_empty(body, "overviewTitle"), "overviewTitle", 0, 255)
        overview = text(_or_empty(body, "overviewDescription"), "overviewDescription", 0, LONGEST_HTML)
        skipped = [name for name in _SKIPPABLE if boolean(body.get(name, False), name)]
        if self._store.find_project(code):
            raise Refused(409, f"project code {code.upper()} is already in use")
        project = self._store.add_project(code, title)
        project.links, project.overview_title = found, overview_title
        project.overview = sanitise(overview, self._switches.html)
        if "skipDefaultFolder" not in skipped:
            self._store.upsert_folder(project, [title], None)
        return self._created({"id": project.id})

    async def custom_fields(self, request: web.Request) -> web.Response:
        self._project(request, "viewer")
        return self._listed("customFields", [field_view(field) for field in self._store.custom_fields.values()])

    async def tags(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        uses = _uses(tag for case in project.cases for tag in case.tags)
        rows = [({"id": ident, "title": title}, uses.get(title, 0)) for title, ident in project.tags.items()]
        return web.json_response({"tags": _arranged(request, rows, "title")})

    async def requirements(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        uses = _uses(row["id"] for case in project.cases for row in case.requirements)
        found = project.requirements.values()
        rows = [(row | {"integrationLink": None}, uses.get(row["id"], 0)) for row in found]
        return web.json_response({"requirements": _arranged(request, rows, "text")})

    async def shared_steps(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        uses = _uses(step.get("sharedStepId") for case in project.cases for step in case.steps)
        rows = [(shared_step_view(step), uses.get(step.id, 0)) for step in project.shared_steps.values()]
        return web.json_response({"sharedSteps": _arranged(request, rows, "title")})

    async def shared_step(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        step = project.shared_steps.get(number_in_path(request, "ident", "shared step"))
        if step is None:
            raise Refused(404, "shared step not found")
        return web.json_response(shared_step_view(step))

    async def shared_preconditions(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        uses = _uses(case.shared_precondition for case in project.cases)
        found = project.shared_preconditions.values()
        rows = [(shared_precondition_view(project, row), uses.get(row.id, 0)) for row in found]
        return web.json_response(_arranged(request, rows, "title") or None)

    async def shared_precondition(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        row = project.shared_preconditions.get(number_in_path(request, "ident", "shared precondition"))
        if row is None:
            raise Refused(404, "shared precondition not found")
        return web.json_response(shared_precondition_view(project, row))


def _or_empty(body: dict[str, Any], name: str) -> Any:
    return "" if body.get(name) is None else body[name]


def _arranged(request: web.Request, rows: list[tuple[dict[str, Any], int]], name: str) -> list[dict[str, Any]]:
    """Return rows that came in the order of their creation, sorted as asked, with the number of cases if asked."""
    with_counts = counted(request.query)
    listed = [row | {"tcaseCount": uses} if with_counts else row for row, uses in rows]
    numbered = list(enumerate(listed))
    sorts = {"created_at": lambda pair: pair[0], name: lambda pair: pair[1][name]}
    return [row for _, row in ordered(numbered, request.query, sorts)]


def _uses(found: Iterable[Any]) -> dict[Any, int]:
    uses: dict[Any, int] = {}
    for key in found:
        uses[key] = uses.get(key, 0) + 1
    return uses
