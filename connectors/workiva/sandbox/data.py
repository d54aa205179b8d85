"""What the stand-in holds: plain objects that tests edit, add and delete between runs."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


def ident(*words: object) -> str:
    """Return an opaque id, the same for the same words: 32 hex digits, as most examples show (§3)."""
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()[:32]


@dataclass(slots=True)
class Attachment:
    """An attachment (§6). ``content`` builds the bytes anew on each read; ``size`` of them."""

    id: str
    file_name: str
    content: Callable[[], bytes] = bytes

    @classmethod
    def of(cls, ident: str, file_name: str, content: bytes) -> "Attachment":
        """Return an attachment with these bytes."""
        return cls(ident, file_name, lambda: content)


@dataclass(slots=True)
class Column:
    """A column of a matrix (§6)."""

    id: str
    name: str
    external_id: str = ""
    testable: bool | None = None


@dataclass(slots=True)
class Sample:
    """A row of a matrix: column id → text; a column that is missing has no cell."""

    id: str
    data: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class Matrix:
    """A testing table. ``data_columns`` None: the server says null."""

    id: str
    name: str
    data_columns: list[Column] | None = field(default_factory=list)
    result_columns: list[Column] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class Phase:
    """A round of testing."""

    id: str
    name: str
    matrices: list[Matrix] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """A test form. Its attachments can be seen, but neither downloaded nor added (§5). ``narrative``: what its export
    alone shows."""

    id: str
    name: str
    phases: list[Phase] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    narrative: str = ""


@dataclass(slots=True)
class GraphRecord:
    """A record of the graph (§11). A test form's own has the form's id."""

    id: str
    type: str
    properties: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Relation:
    """A relation of the graph, from a record to another, by their ids."""

    label: str
    source: str
    target: str
    display: str = ""


Owner = Phase | Matrix | Sample


@dataclass
class SeedData:
    """Everything. ``denied``: test forms that the grant's user may not read."""

    forms: list[Form] = field(default_factory=list)
    records: list[GraphRecord] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)

    def matrices(self) -> Iterator[tuple[Form, Phase, Matrix]]:
        """Yield every matrix with what is above it."""
        for form in self.forms:
            for phase in form.phases:
                for matrix in phase.matrices:
                    yield form, phase, matrix

    def samples(self) -> list[Sample]:
        """Return all samples."""
        return [sample for *_, matrix in self.matrices() for sample in matrix.samples]
