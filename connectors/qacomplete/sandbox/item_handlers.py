"""Releases, configurations, requirements, defects, test sets, and what hangs on items (§5)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from connectors.qacomplete.sandbox.answers import Responder, to_json
from connectors.qacomplete.sandbox.data import SeedData, Test
from connectors.qacomplete.sandbox.item_rows import (
    configuration_row,
    defect_row,
    link_row,
    note_row,
    release_row,
    requirement_row,
    set_item_row,
    test_set_row,
)
from connectors.qacomplete.sandbox.items import Item, Link, TestSet
from connectors.qacomplete.sandbox.rows import Row, without_nulls
from connectors.qacomplete.sandbox.switches import Area, Switches


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of item: the list that holds it, who may read it, its row, and its entity code in lower case."""

    held: str
    area: Area
    row: Callable[[Any, Switches, int], Row]
    code: str


_KINDS = {
    "releases": _Kind("releases", "Releases", release_row, "releases"),
    "configurations": _Kind("configurations", "Test Library", configuration_row, ""),
    "requirements": _Kind("requirements", "Requirements", requirement_row, "functionalspecs"),
    "defects": _Kind("defects", "Defects", defect_row, "bugs"),
    "testsets": _Kind("test_sets", "Test Sets", test_set_row, "testsets"),
}
_AREAS: dict[str, Area] = {kind.code: kind.area for kind in _KINDS.values()} | {"tests": "Test Library"}
_HELD = {kind.code: kind.held for kind in _KINDS.values()} | {"tests": "tests"}


class ItemHandlers:
    """One method per shape of endpoint; the path says which kind is meant."""

    def __init__(self, responder: Responder, data: SeedData, switches: Switches) -> None:
        self._responder = responder
        self._data = data
        self._switches = switches

    async def items(self, request: web.Request) -> web.Response:
        kind = _KINDS[request.match_info["kind"].lower()]
        notes = self._data.notes_on(kind.code)
        found = self._held(kind.held, self._responder.project_of(request, kind.area))
        files = self._data.files_on(kind.code)
        return await self._responder.rows(
            request, [self._row(kind, item, notes[item.id], files[item.id]) for item in found]
        )

    async def item(self, request: web.Request) -> web.Response:
        kind = _KINDS[request.match_info["kind"].lower()]
        item = self._one(kind.held, self._responder.project_of(request, kind.area), request.match_info["item"])
        notes, files = self._data.notes_on(kind.code)[item.id], self._data.files_on(kind.code)[item.id]
        return to_json(self._row(kind, item, notes, files))

    async def set_items(self, request: web.Request) -> web.Response:
        return await self._responder.rows(request, [row for _, row in self._places(request)])

    async def set_item(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["seq"])
        return to_json(
            self._responder.existing(next((row for seq, row in self._places(request) if seq == wanted), None))
        )

    async def notes(self, request: web.Request) -> web.Response:
        return await self._responder.rows(request, self._notes(request))

    async def note(self, request: web.Request) -> web.Response:
        wanted = request.match_info["note"]
        return to_json(
            self._responder.existing(next((r for r in self._notes(request) if str(r["id"]) == wanted), None))
        )

    async def links(self, request: web.Request) -> web.Response:
        return await self._responder.rows(request, self._links(request))

    async def link(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["link"])
        return to_json(
            self._responder.existing(next((r for r in self._links(request) if r["link_id"] == wanted), None))
        )

    # --- what is held -------------------------------------------------------------------------------------------------

    def _held(self, held: str, project: int) -> list[Any]:
        items: list[Any] = getattr(self._data, held)
        return sorted((item for item in items if item.project_id == project), key=lambda item: item.id)

    def _one(self, held: str, project: int, ident: str) -> Any:
        return self._responder.existing(
            next((item for item in self._held(held, project) if item.id == int(ident)), None)
        )

    def _row(self, kind: _Kind, item: Item, notes: int, files: int) -> Row:
        # defects may count neither (§6.7)
        counted = None if kind.code == "bugs" and self._switches.loose_types else files
        return without_nulls(kind.row(item, self._switches, notes) | {"nbr_files": counted} | item.extra)

    def _places(self, request: web.Request) -> list[tuple[int, Row]]:
        project = self._responder.project_of(request, "Test Sets")
        test_set: TestSet = self._one("test_sets", project, request.match_info["item"])
        places = sorted(test_set.items, key=lambda item: item.seq)
        return [(place.seq, set_item_row(place, test_set, self._switches)) for place in places]

    def _asked(self, request: web.Request) -> tuple[int, str, int]:
        """Return project, entity code and id of the item on which something hangs."""
        code = request.match_info["code"].lower()
        project = self._responder.project_of(request, _AREAS[code])
        return project, code, int(self._one(_HELD[code], project, request.match_info["item"]).id)

    def _notes(self, request: web.Request) -> list[Row]:
        project, code, ident = self._asked(request)
        return [
            note_row(note, self._switches)
            for note in sorted(self._data.notes, key=lambda note: note.id)
            if (note.project_id, note.code.lower(), note.item_id) == (project, code, ident)
        ]

    def _links(self, request: web.Request) -> list[Row]:
        project, *asked = self._asked(request)
        found = []
        for link in sorted(self._data.links, key=lambda link: link.id):
            ends = [[link.code.lower(), link.item_id], [link.linked_code.lower(), link.linked_id]]
            if link.project_id == project and asked in ends:
                found.append(link_row(link, self._title(link, backwards=asked != ends[0]), self._switches))
        return found

    def _title(self, link: Link, *, backwards: bool) -> str:
        code, ident = (link.code, link.item_id) if backwards else (link.linked_code, link.linked_id)
        items: list[Item | Test] = getattr(self._data, _HELD.get(code.lower(), "tests"))
        return next((item.title for item in items if item.id == ident), "")
