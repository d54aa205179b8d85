"""Test runs and their items (§5)."""

from aiohttp import web

from connectors.qacomplete.sandbox.answers import Refused, Responder, filter_of, to_json
from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.run_rows import run_item_row, run_row
from connectors.qacomplete.sandbox.runs import TestRun
from connectors.qacomplete.sandbox.switches import Switches


class RunHandlers:
    """One method per endpoint."""

    def __init__(self, responder: Responder, data: SeedData, switches: Switches) -> None:
        self._responder = responder
        self._data = data
        self._switches = switches

    async def runs(self, request: web.Request) -> web.Response:
        runs = self._held(request)
        if await filter_of(request) is not None:
            return await self._responder.rows(request, [run_row(run, self._switches) for run in runs])
        offset, limit = self._responder.window(request)
        page = self._responder.ordered(runs)[offset : offset + limit]
        return self._responder.envelope([run_row(run, self._switches) for run in page], offset, limit, len(runs))

    async def run(self, request: web.Request) -> web.Response:
        return to_json(run_row(self._one(request), self._switches))

    async def items(self, request: web.Request) -> web.Response:
        run, steps = self._one(request), self._switches.steps_in_run_lists
        if await filter_of(request) is not None:
            items = run.some_items(0, run.length())
            return await self._responder.rows(
                request, [run_item_row(i, run, self._switches, steps=steps) for i in items]
            )
        # a long run is never built whole
        offset, limit = self._responder.window(request)
        items = run.some_items(offset, offset + limit)
        rows = [run_item_row(item, run, self._switches, steps=steps) for item in items]
        return self._responder.envelope(rows, offset, limit, run.length())

    async def item(self, request: web.Request) -> web.Response:
        run, wanted = self._one(request), int(request.match_info["part"])
        items = run.some_items(0, run.length())
        item = self._responder.existing(next((item for item in items if item.id == wanted), None))
        if item.unreadable:
            raise Refused(500)
        return to_json(run_item_row(item, run, self._switches, steps=True))

    def _held(self, request: web.Request) -> list[TestRun]:
        project = self._responder.project_of(request, "Test Library")
        return sorted((run for run in self._data.runs if run.project_id == project), key=lambda run: run.id)

    def _one(self, request: web.Request) -> TestRun:
        wanted = int(request.match_info["item"])
        return self._responder.existing(next((run for run in self._held(request) if run.id == wanted), None))
