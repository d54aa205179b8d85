"""Every fact that Workiva's stand-in holds, and the migration of its companies."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from connectors.workiva.sandbox import (
    Attachment,
    Column,
    Form,
    GraphRecord,
    Matrix,
    Phase,
    Relation,
    Sample,
    SeedData,
    demo_data,
    generate,
)
from migrator.core.refs import Ref
from tests.facts.evidence import gathered
from tests.facts.ledger import Fact, Judged, judged
from tests.support.workiva import stand_in, workiva_rig

COLUMNS = {"Tested by": "tester", "Date tested": "executed_at", "Conclusion": "comment"}
_TITLES = ("name", "title", "summary")


def generated() -> SeedData:
    """Return a company whose testers write who, when and why, with a graph around it."""
    data = generate(2, phases=2, matrices=2, samples=6, attachments=20)
    for form, _, matrix in data.matrices():
        written = [Column(f"{matrix.id}-{name}", name, testable=False) for name in COLUMNS]
        matrix.result_columns += written
        for number, sample in enumerate(matrix.samples):
            for column in written:
                sample.results[column.id] = f"{column.name} {form.name[:3]} {number}"
        matrix.attachments = [Attachment.of(f"{matrix.id}-p", "population.csv", matrix.id.encode())]
    for number, form in enumerate(data.forms):
        form.narrative = f"Nobody may approve his own entries {number}"
        control = GraphRecord(
            f"c{number}", "Control", {"name": f"Entries are approved {number}", "alias": f"C-{number}"}
        )
        data.records += [GraphRecord(form.id, "Test", {"conclusion": f"Effective {number}"}), control]
        data.relations.append(Relation("tests_control", form.id, control.id))
    return data


WORKIVA: Mapping[str, Callable[[], SeedData]] = {"workiva-demo": demo_data, "workiva-generated": generated}


async def migrated_workiva(folder: Path, data: SeedData) -> list[Judged]:
    """Migrate all test forms of a company, with every option on, and judge each fact."""
    async with workiva_rig(folder, stand_in(data)) as running:
        running.settings = {"graph": True, "export_forms": True}
        columns = {column.name for *_, matrix in data.matrices() for column in matrix.result_columns}
        running.mapping = {"columns": {name: role for name, role in COLUMNS.items() if name in columns}}
        status = await running.run()
        assert status.balanced, status.imbalance
        return list(judged(WorkivaFacts(data).all(), gathered(running)))


class WorkivaFacts:
    """Yields them, with markers as a workspace has them."""

    def __init__(self, data: SeedData) -> None:
        self._data = data
        self._forms = {form.id for form in data.forms}

    def all(self) -> Iterator[Fact]:
        """Yield every fact."""
        for form in self._data.forms:
            yield from self._form(form)
            for phase in form.phases:
                yield from self._phase(form, phase)
                for matrix in phase.matrices:
                    yield from self._matrix((form.id, phase.id, matrix.id), matrix)
        yield from self._graph()

    def _form(self, form: Form) -> Iterator[Fact]:
        yield Fact("form name", (_marker("form", form.id),), _words(form.name))
        overview = _marker("overview", form.id)
        export = hashlib.sha256(b"PK\3\4" + (form.name + form.narrative).encode()).hexdigest()
        yield Fact("export bytes", (overview,), sha256=export)
        for file in form.attachments:
            owner = _marker("attachment", form.id, "named", hashlib.sha256(file.file_name.encode()).hexdigest()[:16])
            yield Fact("file of a form", (overview, owner), (file.file_name,))

    def _phase(self, form: Form, phase: Phase) -> Iterator[Fact]:
        name = _words(phase.name)
        yield Fact("phase name", (_marker("phase", form.id, phase.id),), name)
        if any(sample.results for matrix in phase.matrices for sample in matrix.samples):
            yield Fact("run title", (_marker("run", form.id, phase.id),), (form.name,))
        yield from self._files((form.id, phase.id), phase.attachments, "overview")

    def _matrix(self, ids: tuple[str, ...], matrix: Matrix) -> Iterator[Fact]:
        yield Fact("matrix name", (_marker("matrix", *ids),), _words(matrix.name))
        for column in (*(matrix.data_columns or ()), *matrix.result_columns):
            for text in filter(None, (column.name, column.external_id)):
                yield Fact("column", (_marker("overview", *ids),), (text,))
        yield from self._files(ids, matrix.attachments, "overview")
        for sample in matrix.samples:
            yield from self._sample((*ids, sample.id), sample)

    def _sample(self, ids: tuple[str, ...], sample: Sample) -> Iterator[Fact]:
        for text in filter(str.strip, sample.data.values()):
            yield Fact("data cell", (_marker("sample", *ids),), (text,))
        for text in filter(str.strip, sample.results.values()):
            yield Fact("result cell", (_marker("result", *ids),), (text,))
        yield from self._files(ids, sample.attachments, "sample")

    def _files(self, ids: tuple[str, ...], files: list[Attachment], kind: str) -> Iterator[Fact]:
        for file in files:
            owners = (_marker(kind, *ids), _marker("attachment", *ids, file.id))
            if file.file_name.strip():
                yield Fact("file name", owners, (file.file_name,))
            yield Fact("file bytes", owners, sha256=hashlib.sha256(file.content()).hexdigest())

    def _graph(self) -> Iterator[Fact]:
        records = {record.id: record for record in self._data.records}
        for record in self._data.records:
            for value in record.properties.values() if _has_a_place(record, self._forms) else ():
                yield Fact(f"graph {record.type} property", self._owners(record), (str(value),))
        for one in self._data.relations:
            ends = records[one.source], records[one.target]
            for this, other in (ends, ends[::-1]):
                if _has_a_place(this, self._forms):
                    yield Fact(f"graph {one.label}", self._owners(this), (_title(other), other.id))
                    for value in other.properties.values():
                        yield Fact(f"graph {other.type} property", self._owners(this), (str(value),))

    def _owners(self, record: GraphRecord) -> tuple[str, ...]:
        alias = str(record.properties.get("alias", ""))
        return (_marker("overview", record.id), _marker("control", record.id, alias))


def _has_a_place(record: GraphRecord, forms: set[str]) -> bool:
    """Whether a record is a form's or a control: others stand where these are related to them."""
    return record.id in forms or record.type == "Control"


def _title(record: GraphRecord) -> str:
    return next((str(record.properties[name]) for name in _TITLES if name in record.properties), record.id)


def _words(text: str) -> tuple[str, ...]:
    return (text,) if text.strip() else ("unnamed",)


def _marker(kind: str, *ids: str) -> str:
    return Ref(connector="workiva", instance="acme", kind=kind, ids=ids).marker
