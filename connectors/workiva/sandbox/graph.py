"""The graph's routes (§11): types, and records with their relations."""

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from connectors.workiva.sandbox.data import GraphRecord, SeedData
from connectors.workiva.sandbox.tokens import Refused, TokenService, missing, to_json

_READ = "graph:read"
_CONDITION = re.compile(r"(id|type) (eq|ne) (?:'((?:[^']|'')*)'|(\S+))")
_DATATYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (list, "list"), (dict, "map"))


def _filter_of(request: web.Request) -> Callable[[GraphRecord], bool]:
    """Return whether a record fits the filter: conditions joined by or, each of some joined by and."""
    text = request.query.get("$filter", "")
    parts = [[_condition_of(one.strip()) for one in part.split(" and ")] for part in text.split(" or ")]
    return lambda record: any(all(one(record) for one in conditions) for conditions in parts)


def _condition_of(text: str) -> Callable[[GraphRecord], bool]:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise Refused(400, "a filter is needed, of conditions on id and type", "$filter")
    name, wanted, is_equal = found[1], (found[3] or found[4] or "").replace("''", "'"), found[2] == "eq"
    return lambda record: (getattr(record, name) == wanted) == is_equal


class GraphHandlers:
    """Answers one generation's reads of the graph."""

    def __init__(self, tokens: TokenService, data: SeedData, prefix: str) -> None:
        self._tokens = tokens
        self._data = data
        self._prefix = prefix

    async def record(self, request: web.Request) -> web.Response:
        """Answer one record."""
        self._admit(request)
        wanted = request.match_info["record"]
        if wanted in self._data.denied:
            raise Refused(403, "this user may not read the record")
        record = next((one for one in self._data.records if one.id == wanted), None) or missing("record")
        return to_json(self._row(record, "relationships" in self._expansion(request)))

    async def records(self, request: web.Request) -> web.Response:
        """Answer the records that fit a filter."""
        self._admit(request)
        expand = "relationships" in self._expansion(request)
        fits = _filter_of(request)
        found = [one for one in self._data.records if one.id not in self._data.denied and fits(one)]
        page, link = self._tokens.page(request, found)
        return self._tokens.listed([self._row(one, expand) for one in page], link)

    async def types(self, request: web.Request) -> web.Response:
        """Answer the names of types, with those of their properties."""
        self._admit(request)
        self._expansion(request)
        page, link = self._tokens.page(request, self._types())
        return self._tokens.listed(page, link)

    async def type(self, request: web.Request) -> web.Response:
        """Answer one type."""
        self._admit(request)
        self._expansion(request)
        wanted = request.match_info["type"]
        found = next((one for one in self._types() if one["id"] == wanted), None)
        return to_json(found or missing("type"))

    def _types(self) -> list[dict[str, Any]]:
        names = dict.fromkeys(one.type for one in self._data.records)
        return [
            {
                "id": name,
                "properties": sorted({key for one in self._data.records if one.type == name for key in one.properties}),
            }
            for name in names
        ]

    def _admit(self, request: web.Request) -> None:
        self._tokens.admit(request, self._prefix, _READ)

    def _expansion(self, request: web.Request) -> set[str]:
        return self._tokens.expansion(request, {"relationships"})

    def _row(self, record: GraphRecord, expand: bool) -> dict[str, Any]:
        properties = {
            name: {
                "datatype": next((word for kind, word in _DATATYPES if isinstance(value, kind)), "string"),
                "value": value,
            }
            for name, value in record.properties.items()
        }
        row: dict[str, Any] = {"id": record.id, "type": record.type, "properties": properties}
        if not expand:
            return row | ({"relationships": None} if self._tokens.switches.nulls else {})
        types = {one.id: one.type for one in self._data.records}
        relations = [
            {
                "label": one.label,
                "displayLabel": one.display or None,
                "fromRecord": one.source,
                "toRecord": one.target,
                "fromType": types.get(one.source, ""),
                "toType": types.get(one.target, ""),
            }
            for one in self._data.relations
            if record.id in (one.source, one.target)
        ]
        return row | {"relationships": relations}
