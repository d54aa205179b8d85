"""Results and run logs (§3.12, §3.13)."""

from typing import Any

from aiohttp import web

from connectors.qasphere.sandbox.access import Access, json_of
from connectors.qasphere.sandbox.handlers_runs import member_of, run_of
from connectors.qasphere.sandbox.readers import LONGEST_HTML, Refused, bad, objects, text
from connectors.qasphere.sandbox.run_bodies import ResultBody
from connectors.qasphere.sandbox.runs import add_result, members
from connectors.qasphere.sandbox.sanitise import sanitise
from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.sandbox.store_cases import Case
from connectors.qasphere.sandbox.store_runs import Result, Run, RunLog
from connectors.qasphere.sandbox.store_settings import User

_RESULTS_PER_CALL = 500
_KEYS = {"status", "comment", "timeTaken", "links"}


class ResultHandlers(Access):
    """One method per endpoint."""

    async def create_result(self, request: web.Request) -> web.Response:
        project, run = self._open_run(request)
        _, case = member_of(project, run, request.match_info["case"])
        body = self._only_known(await json_of(request), _KEYS)
        values = ResultBody(self._store, self._switches).read(body)
        return self._created({"id": self._add(project, run, case, values, self._user(request))})

    async def create_results(self, request: web.Request) -> web.Response:
        """Store all or nothing: everything is read before (A-36). A server that is not atomic stores what comes before
        the first wrong item."""
        project, run = self._open_run(request)
        rows = objects(self._only_known(await json_of(request), {"items"}).get("items"), "items")
        if not 1 <= len(rows) <= _RESULTS_PER_CALL:
            raise bad(f"items must hold 1 to {_RESULTS_PER_CALL} entries")
        cases = {case.id: case for _, case in members(project, run)}
        user = self._user(request)
        read: list[tuple[Case, dict[str, Any]]] = []
        try:
            for row in rows:
                read.append(self._read(cases, row))  # noqa: PERF401 - what was read counts when a later one is wrong
        except Refused:
            for case, values in [] if self._switches.atomic_batches else read:
                self._add(project, run, case, values, user)
            raise
        return self._created({"ids": [self._add(project, run, case, values, user) for case, values in read]})

    def _read(self, cases: dict[str, Case], row: dict[str, Any]) -> tuple[Case, dict[str, Any]]:
        case = cases.get(row["tcaseId"]) if isinstance(row.get("tcaseId"), str) else None
        if case is None:
            raise bad(f"test case {row.get('tcaseId')} is not in the run")
        return case, ResultBody(self._store, self._switches).read(self._only_known(row, _KEYS | {"tcaseId"}))

    async def create_log(self, request: web.Request) -> web.Response:
        _, run = self._open_run(request)
        body = self._only_known(await json_of(request), {"comment"})
        comment = text(body.get("comment"), "comment", 1, LONGEST_HTML)
        log = RunLog(self._store.ids.next(), sanitise(comment, self._switches.html))
        run.logs.append(log)
        return self._created({"id": log.id})

    def _open_run(self, request: web.Request) -> tuple[Project, Run]:
        project = self._project(request, "test-runner")
        run = run_of(project, request)
        if run.closed_at:
            raise Refused(409, "run is closed")
        return project, run

    def _add(self, project: Project, run: Run, case: Case, values: dict[str, Any], user: User) -> int:
        result = Result(next(self._store.result_ids), **values, author_id=user.id)
        add_result(project, run, case, result)
        # a link that names an issue makes the server write to a live issue tracker (§3.13)
        self._store.remote_comments += [link for link in result.links if (link.get("meta") or {}).get("id")]
        return result.id
