"""From Workiva's rows to entities (``workiva-api.md``, entity map); pure, and never fails for a row that has an id.

Nothing is named by its place in a list: rows move when others are inserted, and a title that moved along would be an
edit of every case below. A sample is called by its matrix and the first values of its data cells.
"""

import hashlib
from collections.abc import Sequence

from pydantic import JsonValue

from connectors.workiva.api import Path, Row, WorkivaApi, row_id
from connectors.workiva.convert import graph as graph_to
from connectors.workiva.convert.columns import all_names, by_column, called, columns_html, names_of, tested
from connectors.workiva.convert.verdicts import Aggregator
from connectors.workiva.read.graph import CONTROL, TESTS, FormGraph, Related
from connectors.workiva.wire import WireAttachment, WireMatrix, WireNamed, WireRecord, WireSample
from migrator.core.model import (
    Attachment,
    Cell,
    CustomField,
    Folder,
    Link,
    Project,
    Requirement,
    Result,
    RichText,
    Step,
    StepResult,
    TestCase,
)
from migrator.core.model import TestRun as Run
from migrator.core.refs import EXPORT, Ref

EXPECTED = "PASS"
_EXPECTED = RichText(value=EXPECTED, markup="plain")
RECORDED_IN = "the test form's XLSX export, a file of its overview if the grant may export it, else in Workiva"
"""Where tester and date stand, which no list shows (§6). Whether an export can be had shows after the results."""
_VALUES_IN_TITLE = 3
_LONGEST_VALUE = 80
_SHORT_ID = 8
_FOLDERS = ("form", "phase", "matrix")
_DASH = " \u2013 "
_KINDS = (*_FOLDERS, "run", "overview", "sample", "result", "attachment", EXPORT, TESTS)


class Converter:
    """Knows the instance, the words of the verdicts, and how items are addressed. ``export_forms``: the XLSX export of
    each test form is one of its files."""

    def __init__(
        self, instance: str, item_url: str, api: WorkivaApi, verdicts: Aggregator, *, export_forms: bool = False
    ) -> None:
        self.export_forms = export_forms
        self._instance = instance
        self._item_url = item_url
        self.links_to_api = "{base_url}" in item_url
        self._api = api
        self._verdicts = verdicts

    def ref(self, kind: str, *ids: str) -> Ref:
        """Return the address of an item. A folder and the run or overview made of the same item differ in kind."""
        return Ref(connector="workiva", instance=self._instance, kind=kind, ids=ids)

    def project(self, project: str, only: Row | None = None) -> Project:
        """Return what the API grant opens: it names no workspace (§2). ``only``: the one test form that is taken."""
        return Project(ref=self.ref("workspace", project), title=form_title(only) if only else "Workiva test forms")

    def folder(self, ids: Path, row: Row) -> Folder:
        """Return a form, a phase or a matrix as a folder; a matrix names its columns."""
        table = WireMatrix.model_validate(row) if len(ids) == len(_FOLDERS) else WireMatrix()
        columns: list[JsonValue] = [list(names) for names in all_names(table)]
        return Folder(
            ref=self.ref(_FOLDERS[len(ids) - 1], *ids),
            title=WireNamed.model_validate(row).name,
            parent=self._folder_ref(ids[:-1]) if len(ids) > 1 else None,
            extra={"columns": columns} if columns else {},
            comment=f"Workiva test form {ids[0]}" if len(ids) == 1 else "",
        )

    def run(self, ids: Path, form: Row, row: Row) -> Run:
        """Return a phase as a run. Workiva does not say when a phase is over, so it stays open."""
        title = _DASH.join((_name(form, "Test form", ids[0]), _name(row, "Phase", ids[1])))
        return Run(ref=self.ref("run", *ids), title=title, set_title=title, address=self.address(ids))

    def requirement(self, record: WireRecord, related: Sequence[Related]) -> Requirement:
        """Return a control that is tested."""
        return graph_to.requirement(self._control_ref(record), record, related)

    def link(self, record: WireRecord, case: Ref) -> Link:
        """Return the link between a control and a case."""
        ref, control = self.ref(TESTS, *case.ids, record.id), self._control_ref(record)
        return Link(ref=ref, title="", first=control, second=case, relation="control")

    def _control_ref(self, record: WireRecord) -> Ref:
        # the last id stands behind a requirement's text
        return self.ref(CONTROL, record.id, graph_to.control_id(record))

    def overview(self, ids: Path, row: Row, graph: FormGraph | None = None) -> TestCase:
        """Return the case that carries the files of a form, a phase or a matrix; a matrix shows its columns, a
        form what the graph knows of it."""
        kind = ("Test form", "Phase", "Matrix")[len(ids) - 1]
        columns = columns_html(WireMatrix.model_validate(row)) if len(ids) == len(_FOLDERS) else ""
        return TestCase(
            ref=self.ref("overview", *ids),
            title=_name(row, kind, ids[-1]) + _DASH + "overview",
            folder=self._folder_ref(ids),
            description=RichText(value=columns, markup="html") if columns else None,
            attributes=_controls(graph),
            custom_fields=_known(graph),
            address=self.address(ids),
        )

    def sample(self, ids: Path, matrix: Row, row: Row, graph: FormGraph | None = None) -> TestCase:
        """Return a sample as a test case: what it is stands in fields, what is checked in steps."""
        table, wire = WireMatrix.model_validate(matrix), WireSample.model_validate(row)
        values = by_column(wire.data_values, table.data_columns)
        return TestCase(
            ref=self.ref("sample", *ids),
            title=_title(_name(matrix, "Matrix", ids[2]), [cell.value for cell in values], ids[-1]),
            folder=self._folder_ref(ids[:-1]),
            steps=tuple(
                Step(action=called(column), expected=_EXPECTED, names=names_of(column)) for column in tested(table)
            ),
            custom_fields=tuple(
                CustomField(name=cell.label, value=RichText(value=cell.value, markup="plain")) for cell in values
            ),
            attributes=_controls(graph),
            address=self.address(ids),
        )

    def result(self, ids: Path, matrix: Row, row: Row, position: int) -> Result:
        """Return the verdicts of a sample: one per step, and what they come to."""
        table, wire = WireMatrix.model_validate(matrix), WireSample.model_validate(row)
        cells = {cell.column: cell.value.strip() for cell in wire.result_values}
        checked = tested(table)
        others = [column for column in table.result_columns if column not in checked]
        beside = [cell for cell in wire.result_values if cell.column not in {column.id for column in checked}]
        remarks = by_column(beside, others)
        data = by_column(wire.data_values, table.data_columns)
        return Result(
            ref=self.ref("result", *ids),
            title=self.sample(ids, matrix, row).title,
            run=self.ref("run", *ids[:2]),
            case=self.ref("sample", *ids),
            position=position,
            status=self._verdicts.status([cells.get(column.id, "") for column in checked]),
            steps=tuple(
                StepResult(
                    status=cells.get(column.id) or None,
                    action=called(column),
                    expected=_EXPECTED,
                    names=names_of(column),
                )
                for column in checked
            ),
            remarks={cell.label: cell.value for cell in remarks},
            cells=(
                *(Cell(names=cell.names, value=cell.value) for cell in data),
                *(Cell(names=cell.names, value=cell.value, remark=cell.label) for cell in remarks),
            ),
            recorded_in=RECORDED_IN if self.export_forms else "",
            address=self.address(ids),
        )

    def about(self, owner: Path) -> Ref:
        """Return the case that carries the files of an item."""
        return self.ref("sample" if len(owner) > len(_FOLDERS) else "overview", *owner)

    def listed(self, ids: Path) -> Ref:
        """Return what is always made of a row, whatever hangs on it."""
        return self._folder_ref(ids) if len(ids) <= len(_FOLDERS) else self.ref("sample", *ids)

    def attachments(self, owner: Path, rows: Sequence[Row]) -> list[tuple[Attachment, Row]]:
        """Return the attachments of an item, each with its row.

        Their ids need not be unique beyond their owner (§6). One without an id is known by its name; it cannot be had.
        """
        about = self.about(owner)
        found: dict[Ref, tuple[Attachment, Row]] = {}
        for row in rows:
            wire = WireAttachment.model_validate(row)
            has_id = bool(wire.id) and len(owner) > 1  # those of forms are shown with and without
            ref = self.ref("attachment", *owner, *((wire.id,) if has_id else ("named", _digest(wire.file_name))))
            while ref in found and not has_id:  # the same name twice
                ref = self.ref("attachment", *ref.ids, "again")
            title = wire.file_name if wire.file_name.strip() else f"Attachment {ref.ids[-1]}"
            found.setdefault(ref, (Attachment(ref=ref, title=title, about=about, address=self.address(owner)), row))
        return list(found.values())

    def branches(self, form: str) -> tuple[str, ...]:
        """Return the markers of all that is made of a test form, without the ids of what lies beneath it. A control
        is none of them, because other forms may test it as well."""
        return tuple(self.ref(kind, form).marker for kind in _KINDS)

    def export(self, ids: Path, row: Row, edition: str | None) -> Attachment:
        """Return the XLSX export of a form as a file of its overview case. ``edition``: what makes it another file;
        None: it could not be taken. Earlier versions had the kind in the place of an id."""
        end = " (export not taken)" if edition is None else ""
        return Attachment(
            ref=self.ref(EXPORT, *ids, "none" if edition is None else _digest(edition)),
            title=f"{_name(row, 'Test form', ids[0])}{end}.xlsx",
            about=self.ref("overview", *ids),
            address=self.address(ids),
        )

    def _folder_ref(self, ids: Path) -> Ref:
        return self.ref(_FOLDERS[len(ids) - 1], *ids)

    def address(self, ids: Path) -> str:
        """Return the address to link to."""
        return self._item_url.format(base_url=self._api.base_url, form=ids[0], path=self._api.path(ids))


def _controls(graph: FormGraph | None) -> dict[str, str]:
    ids = graph_to.control_ids(graph) if graph else ""
    return {"control": ids} if ids else {}


def _known(graph: FormGraph | None) -> tuple[CustomField, ...]:
    facts = graph_to.facts_of(graph.record, graph.related) if graph else {}
    return tuple(CustomField(name=name, value=RichText(value=text)) for name, text in facts.items())


def form_title(row: Row) -> str:
    """Return what people call a test form, or the beginning of its id."""
    return _name(row, "Test form", row_id(row))


def _name(row: Row, kind: str, ident: str) -> str:
    return WireNamed.model_validate(row).name.strip() or f"{kind} {ident[:_SHORT_ID]}"


def _title(matrix: str, values: Sequence[str], ident: str) -> str:
    lines = [" ".join(value.split()) for value in values]
    first = [_shortened(line) for line in lines if line][:_VALUES_IN_TITLE]
    return matrix + _DASH + (" · ".join(first) or f"sample {ident[:_SHORT_ID]}")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1].rstrip() + "…"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
