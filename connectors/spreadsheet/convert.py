"""Rows → entities: folders and requirements when they are first met, cases with their links."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import orjson

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.files import attachment, places_in, root_of
from connectors.spreadsheet.headers import Layout
from connectors.spreadsheet.requirements import parts_of, requirements_in
from connectors.spreadsheet.rows import Rows
from connectors.spreadsheet.seen import Seen
from connectors.spreadsheet.steps import steps_of
from connectors.spreadsheet.tables import Table
from migrator.core.base import digest_of
from migrator.core.model import CustomField, Folder, Link, Requirement, RichText, TestCase
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Record
from migrator.core.refs import Ref

_DIGITS = 16
_TEXT = "description"
_NO_FOLDER = (
    "it has no folder, and the case above has one: of cells merged over rows, only Excel's workbooks say that they are"
)
RELATION = "covers"


@dataclass
class Converter:
    """Makes records of the rows of one reading, from its start.

    Args:
        outer: what the ids of this project begin with.
        tables: names of the files that are read.
    """

    settings: SpreadsheetSettings
    outer: tuple[str, ...]
    tables: frozenset[str] = frozenset()
    _met: set[Ref] = field(default_factory=set)
    _addresses: dict[Ref, str] = field(default_factory=dict)
    _seen: Seen = field(default_factory=Seen)
    _had_folder: bool = False

    def records(self, table: Table, layout: Layout, rows: Rows) -> Iterator[Record]:
        """Yield a case behind its folders and before its links."""
        path = self._path(table, layout, rows)
        for depth in range(1, len(path) + 1):
            folder = self.ref("folder", *path[:depth])
            if self._is_new(folder):
                parent = self.ref("folder", *path[: depth - 1]) if depth > 1 else None
                yield Record(Folder(ref=folder, title=path[depth - 1], parent=parent), b"{}")
        key, troubles = self._key(layout, rows, path)
        if "folder" in layout.single:
            if self._had_folder and not path:
                troubles.append(_NO_FOLDER)
            self._had_folder = bool(path)
        case = self._case(layout, rows, path, key)
        root = root_of(self.settings.path)
        places = places_in(rows.values(layout.columns_of("files")))
        files = [attachment(root, case.ref, place) for place in places]
        troubles += [trouble for _, trouble in files if trouble]
        troubles += [f"its file {place} is read as a table as well" for place in places if place in self.tables]
        troubles += [f"row {line.number} {line.trouble}" for line in rows.lines if line.trouble]
        requirements, wrong = self._requirements(rows.values(layout.columns_of("requirements")), case)
        troubles += wrong
        where = f"{table.name}, row {rows.lines[0].number}"
        notes = [
            Note(code=NoteCode.ROW_UNSURE, marker=case.ref.marker, field=where, original=case.title, message=message)
            for message in ("; ".join(troubles),)
            if message
        ]
        # without the number of the row: one that is inserted above changes nothing
        yield Record(case, orjson.dumps({"rows": rows.cells}), tuple(notes))
        yield from (Record(file, b"{}") for file, _ in files)
        yield from requirements

    def _requirements(self, text: str, case: TestCase) -> tuple[list[Record], list[str]]:
        """Return requirements that are met for the first time, and links; and addresses that find no place, because a
        requirement is known by its title and has one."""
        records: list[Record] = []
        linked: dict[Ref, None] = {}
        troubles = []
        for title, address in requirements_in(text):
            ref = self.ref("requirement", title)
            if ref not in self._addresses:
                self._addresses[ref] = address
                records.append(Record(Requirement(ref=ref, title=title, address=address or None), b"{}"))
            elif address and address != self._addresses[ref]:
                kept = self._addresses[ref] or "none"
                troubles.append(f"the requirement {title} has the address {address} here, and keeps its first: {kept}")
            linked.setdefault(ref)
        for requirement in linked:
            link = self.ref("link", requirement.ids[-1], case.ref.ids[-1])
            entity = Link(ref=link, title="", first=case.ref, second=requirement, relation=RELATION)
            records.append(Record(entity, b"{}"))
        return records, troubles

    def ref(self, kind: str, *ids: str) -> Ref:
        """Return the ref of an item of this project."""
        return Ref(connector="spreadsheet", instance=self.settings.instance, kind=kind, ids=(*self.outer, *ids))

    def _is_new(self, ref: Ref) -> bool:
        known = ref in self._met
        self._met.add(ref)
        return not known

    def _path(self, table: Table, layout: Layout, rows: Rows) -> tuple[str, ...]:
        if "folder" not in layout.single:
            return (table.sheet,) if table.sheet else ()
        written = rows.first(layout.single["folder"])
        separator = self.settings.separator or (">" if ">" in written else "/")
        return tuple(name for part in written.split(separator) if (name := part.strip()))

    def _key(self, layout: Layout, rows: Rows, path: tuple[str, ...]) -> tuple[str, list[str]]:
        """Return what the case is known by, and what was assumed for that."""
        troubles = []
        title, key = rows.first(layout.single["title"]), rows.first(layout.single.get("id"))
        if not title:
            troubles.append("it has no title")
        if not key:
            if "id" in layout.single:
                troubles.append("it has no id, and goes by its folder and title")
            known_by = [title] if title else [dict(rows.cells[0])]
            key = digest_of([list(path), *known_by])[:_DIGITS]
        key, is_again = self._seen.new(key)
        if is_again:
            same = "id" if rows.first(layout.single.get("id")) else "folder and title"
            troubles.append(f"an earlier row has the same {same}, so it goes by {key}")
        return key, troubles

    def _case(self, layout: Layout, rows: Rows, path: tuple[str, ...], key: str) -> TestCase:
        texts = {name: rows.values(layout.columns_of(name)) for name in layout.single}
        steps, beside = steps_of(rows.cells, layout)
        custom = {column: rows.value(column) for column in (*layout.custom, *beside)}
        if layout.takes_all:
            custom |= {column: rows.value(column) for column in rows.beyond(layout.labels)}
        if "preconditions" in texts and texts.get(_TEXT):
            custom = {layout.single[_TEXT]: texts[_TEXT]} | custom
        text = texts.get("preconditions", texts.get(_TEXT, ""))
        tags = "\n".join(parts_of(texts.get("tags", "")))
        files = texts.get("files", "")
        if not places_in(files):
            custom |= {layout.single.get("files", ""): files}
        ident = rows.first(layout.single.get("id"))
        return TestCase(
            ref=self.ref("case", key),
            title=rows.first(layout.single["title"]),
            folder=self.ref("folder", *path) if path else None,
            description=RichText(value=text) if text else None,
            steps=steps,
            priority=rows.first(layout.single.get("priority")) or None,
            attributes={"tags": tags} if tags else {},
            custom_fields=tuple(
                CustomField(name=name, value=RichText(value=value)) for name, value in custom.items() if value
            ),
            address=self.settings.item_url.format(id=quote(ident, safe="")) or None if ident else None,
        )
