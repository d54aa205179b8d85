"""Projects, users, folders and tests (§5)."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from connectors.qacomplete.sandbox.answers import Refused, Responder, filter_of, to_json
from connectors.qacomplete.sandbox.data import SeedData, Test
from connectors.qacomplete.sandbox.rows import department_row, folder_row, project_row, test_row, user_row
from connectors.qacomplete.sandbox.switches import Switches

_DEPARTMENT = 1
"""The one department, to which all projects belong."""


class Handlers:
    """One method per endpoint."""

    def __init__(self, responder: Responder, data: SeedData, switches: Switches) -> None:
        self._responder = responder
        self._data = data
        self._switches = switches
        self._mutations = int(switches.mutate_between_pages)

    async def departments(self, request: web.Request) -> web.Response:
        self._responder.visible(request)
        return await self._responder.rows(request, [department_row(_DEPARTMENT)])

    async def department(self, request: web.Request) -> web.Response:
        self._in_department(request)
        return to_json(department_row(_DEPARTMENT))

    async def department_users(self, request: web.Request) -> web.Response:
        self._in_department(request)
        return await self._responder.rows(request, [user_row(user) for user in self._data.users])

    def _in_department(self, request: web.Request) -> None:
        self._responder.visible(request)
        if int(request.match_info["dept"]) != _DEPARTMENT:
            raise Refused(404)

    async def projects(self, request: web.Request) -> web.Response:
        visible = self._responder.visible(request)
        rows = [project_row(p) for p in self._data.projects if visible is None or p.id in visible]
        return await self._responder.rows(request, rows)

    async def project(self, request: web.Request) -> web.Response:
        return to_json(project_row(self._responder.existing(self._data.project(self._responder.project_of(request)))))

    async def users(self, request: web.Request) -> web.Response:
        self._responder.project_of(request)
        return await self._responder.rows(request, [user_row(user) for user in self._data.users])

    async def user(self, request: web.Request) -> web.Response:
        self._responder.project_of(request)
        wanted = int(request.match_info["user"])
        return to_json(user_row(self._responder.existing(next((u for u in self._data.users if u.id == wanted), None))))

    async def folders(self, request: web.Request) -> web.Response:
        project = self._responder.project_of(request)
        folders = self._data.folders_of(project) if _of_tests(request) else []
        by_id = {folder.id: folder for folder in folders}
        rows = [folder_row(folder, by_id) for folder in folders]
        return await self._responder.rows(request, rows)

    async def folder(self, request: web.Request) -> web.Response:
        project, wanted = self._responder.project_of(request), int(request.match_info["folder"])
        folders = {folder.id: folder for folder in self._data.folders_of(project)} if _of_tests(request) else {}
        return to_json(folder_row(self._responder.existing(folders.get(wanted)), folders))

    async def tests(self, request: web.Request) -> web.Response:
        tests = self._data.tests_of(self._responder.project_of(request, "Test Library"))
        version = "v1" if "/v1/" in request.path.lower() else "v2"
        steps = self._switches.steps_in_lists in ("both", version)
        row = self._test_rows(steps=steps)
        if await filter_of(request) is not None:
            return await self._responder.rows(request, [row(test) for test in tests])
        # building every row for every page would be slow with many tests
        offset, limit = self._responder.window(request)
        page = [row(test) for test in self._responder.ordered(tests)[offset : offset + limit]]
        if self._mutations and offset == 0 and len(tests) > limit:
            self._mutations -= 1
            tests[0].id = max(test.id for test in tests) + 1
        return self._responder.envelope(page, offset, limit, len(tests))

    async def test(self, request: web.Request) -> web.Response:
        project, wanted = self._responder.project_of(request, "Test Library"), int(request.match_info["test"])
        test = self._responder.existing(
            next((t for t in self._data.tests if t.id == wanted and t.project_id == project), None)
        )
        if test.unreadable:
            raise Refused(500)
        return to_json(self._test_rows(steps=True)(test))

    def _test_rows(self, *, steps: bool) -> Callable[[Test], dict[str, Any]]:
        """Return what makes rows of tests, having counted what hangs on them."""
        notes, files = self._data.notes_on("tests"), self._data.files_on("tests")
        step_files = self._data.files_on("teststeps")
        return lambda test: test_row(
            test, self._switches, steps=steps, notes=notes[test.id], files=files[test.id], step_files=step_files
        )


def _of_tests(request: web.Request) -> bool:
    return request.match_info["code"].lower() == "tests"
