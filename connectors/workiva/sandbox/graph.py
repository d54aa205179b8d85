"""The graph's routes (§11): types, and records with their relations."""

import re
from typing import Any

from aiohttp import web

from connectors.workiva.sandbox.data import GraphRecord, SeedData
from connectors.workiva.sandbox.tokens import Refused, TokenService, missing, to_json

_READ = "graph:read"
_CONDITION = re.compile(r"(id|type) (eq|ne) (?:'((?:[^']|'')*)'|(\S+))")
_DATATYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (list, "list"), (dict, "map"))


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
        found = [one for one in self._data.records if one.id not in self._data.denied and self._fits(request, one)]
        page, link = self._tokens.page(request, found)
        return self._tokens.listed([self._row(one, expand) for one in page], link)

    async def types(self, request: web.Request) -> web.Response:
        """Answer the names of types, with those of their properties."""
        self._admit(request)
        names = dict.fromkeys(one.type for one in self._data.records)
        rows = [
            {
                "id": name,
                "properties": sorted({key for one in self._data.records if one.type == name for key in one.properties}),
            }
            for name in names
        ]
        page, link = self._tokens.page(request, rows)
        return self._tokens.listed(page, link)

    def _admit(self, request: web.Request) -> None:
        self._tokens.admit(request, self._prefix, _READ)

    def _expansion(self, request: web.Request) -> set[str]:
        return self._tokens.expansion(request, {"relationships"})

    @staticmethod
    def _fits(request: web.Request, record: GraphRecord) -> bool:
        """Return whether a record fits the filter: conditions joined by or, each of some joined by and."""
        text = request.query.get("$filter", "")
        if not _CONDITION.search(text):
            raise Refused(400, "at least one filter is needed", "$filter")
        for part in text.split(" or "):
            conditions = [_CONDITION.fullmatch(one.strip()) for one in part.split(" and ")]
            if all(
                one and (getattr(record, one[1]) == (one[3] or one[4]).replace("''", "'")) == (one[2] == "eq")
                for one in conditions
            ):
                return True
        return False

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
