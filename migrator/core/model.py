"""Canonical entities: what a source holds, in our words and nobody's wire format.

Connectors build them; mappings read them. ``extra`` keeps what only one vendor knows. The untouched vendor JSON is
stored beside the entity, so nothing that is left out here is lost.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue, TypeAdapter

from migrator.core.base import Frozen
from migrator.core.refs import Ref

ItemKind = Literal["project", "milestone", "folder", "file", "case", "run", "result", "requirement", "archive"]
"""The kinds of items in reports and ``--json``. ``archive``: kept in the workspace, has no place in QA Sphere."""


class RichText(Frozen):
    """A text of the source. ``detect``: the vendor does not say whether it is HTML; the mapping looks."""

    value: str
    markup: Literal["plain", "html", "detect"] = "detect"


class Person(Frozen):
    """Someone named by an item. Either may be unknown; ``ref`` leads to the ``User`` with the e-mail address."""

    ref: Ref | None = None
    name: str | None = None


def _unsaid(value: object) -> bool:
    """Leave a field out of the stored JSON, so that items of which nothing is said look as they did before it."""
    return not value


Names = Annotated[tuple[str, ...], Field(exclude_if=_unsaid)]
"""What rules may call a column of a table by: its name, the key that people gave it, its id."""


class Step(Frozen):
    """One step of a test case, in order.

    Args:
        critical: the source stops the test when this step fails.
        names: of the column that the step stands for, in a source whose tests are rows of tables.
    """

    action: RichText
    expected: RichText
    critical: bool = False
    names: Names = ()


class CustomField(Frozen):
    """A custom field value. ``name`` is what people see; empty values are not listed."""

    name: str
    value: RichText


class Entity(Frozen):
    """Shared by all entities: where it came from, what people call it there, and what only that vendor has."""

    item_kind: ClassVar[ItemKind]
    ref: Ref
    title: str
    extra: dict[str, JsonValue] = {}


class Project(Entity):
    """A project of the source."""

    item_kind: ClassVar[ItemKind] = "project"
    kind: Literal["project"] = "project"
    active: bool = True


class User(Entity):
    """A person with an account at the source; the title is the full name."""

    item_kind: ClassVar[ItemKind] = "archive"
    kind: Literal["user"] = "user"
    email: str | None = None


class Folder(Entity):
    """A folder of test cases. Siblings are in the order of extraction.

    Args:
        parent: None means top level.
        comment: plain text for whoever looks at the folder in QA Sphere.
    """

    item_kind: ClassVar[ItemKind] = "folder"
    kind: Literal["folder"] = "folder"
    parent: Ref | None = None
    active: bool = True
    comment: Annotated[str, Field(exclude_if=_unsaid)] = ""


class TestCase(Entity):
    """A test case with its steps.

    ``folder`` None: it lies at the root. ``folder_name`` is the source's own copy of the folder's name, for folders
    that are not listed. ``attributes`` are the vendor's built-in choice fields by name (``test_type``, ...);
    ``address`` is the item's URL at the source. Dates carry a zone.
    """

    __test__: ClassVar[bool] = False  # the name makes pytest collect it otherwise
    item_kind: ClassVar[ItemKind] = "case"
    kind: Literal["case"] = "case"
    folder: Ref | None = None
    folder_name: str | None = None
    description: RichText | None = None
    steps: tuple[Step, ...] = ()
    priority: str | None = None
    state: str | None = None
    active: bool = True
    attributes: dict[str, str] = {}
    custom_fields: tuple[CustomField, ...] = ()
    author: Person | None = None
    owner: Person | None = None
    assignee: Person | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: str | None = None
    address: str | None = None


class Item(Entity):
    """What most kinds beside test cases have in common. ``attributes`` and ``address`` are those of ``TestCase``; dates
    carry a zone.

    ``texts`` are the vendor's long texts beside the description, by name.
    """

    description: RichText | None = None
    state: str | None = None
    active: bool = True
    attributes: dict[str, str] = {}
    texts: dict[str, RichText] = {}
    custom_fields: tuple[CustomField, ...] = ()
    author: Person | None = None
    owner: Person | None = None
    assignee: Person | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: Person | None = None
    address: str | None = None


class Milestone(Item):
    """A release, iteration or build. ``parent`` None: it is part of nothing larger."""

    item_kind: ClassVar[ItemKind] = "milestone"
    kind: Literal["milestone"] = "milestone"
    parent: Ref | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Configuration(Item):
    """What tests are run on: an operating system, a browser, a device."""

    item_kind: ClassVar[ItemKind] = "archive"
    kind: Literal["configuration"] = "configuration"


class Requirement(Item):
    """Something that the tested product must do."""

    item_kind: ClassVar[ItemKind] = "requirement"
    kind: Literal["requirement"] = "requirement"


class Defect(Item):
    """A bug."""

    item_kind: ClassVar[ItemKind] = "archive"
    kind: Literal["defect"] = "defect"
    priority: str | None = None
    severity: str | None = None
    closed_at: datetime | None = None


class TestSetItem(Frozen):
    """One place in a test set. A case may hold several."""

    __test__: ClassVar[bool] = False
    case: Ref
    active: bool = True


class TestSet(Item):
    """Test cases to be run together, in order."""

    __test__: ClassVar[bool] = False
    item_kind: ClassVar[ItemKind] = "archive"
    kind: Literal["test_set"] = "test_set"
    priority: str | None = None
    sequential: bool = False
    items: tuple[TestSetItem, ...] = ()


class Comment(Entity):
    """What somebody wrote about an item. ``about`` leads to the item."""

    item_kind: ClassVar[ItemKind] = "archive"
    kind: Literal["comment"] = "comment"
    about: Ref
    text: RichText
    author: Person | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Link(Entity):
    """Two items that belong together, in no order that means anything. ``second`` None: the source does not say.

    ``relation`` is how the source calls it.
    """

    item_kind: ClassVar[ItemKind] = "archive"
    kind: Literal["link"] = "link"
    first: Ref
    second: Ref | None
    relation: str


class Attachment(Entity):
    """A file that hangs on an item; the title is its name there.

    Args:
        about: leads to the item.
        step: one of the item's steps, from 1.
        size: in bytes, None when the source does not say.
        media_type: the source's word for it.
        address: where people can open it at the source.
        texts: what people wrote of it, by name.
    """

    item_kind: ClassVar[ItemKind] = "file"
    kind: Literal["attachment"] = "attachment"
    about: Ref
    step: int | None = None
    size: int | None = None
    media_type: str | None = None
    texts: dict[str, RichText] = {}
    author: Person | None = None
    created_at: datetime | None = None
    address: str | None = None


class TestRun(Item):
    """Test cases that were run together, for one release and configuration. Its results are entities of their own.

    Args:
        set_title: the test set that was run, or the title of the one test; ``test_set`` leads to the set where the
            source says which.
        single: a run of one test only.
        closed: final at the source, nothing will be added.
    """

    __test__: ClassVar[bool] = False
    item_kind: ClassVar[ItemKind] = "run"
    kind: Literal["run"] = "run"
    set_title: str = ""
    test_set: Annotated[Ref | None, Field(exclude_if=_unsaid)] = None
    milestone: Ref | None = None
    configuration: Ref | None = None
    single: bool = False
    closed: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None


class StepResult(Frozen):
    """How one step went; action and expected result as they were then, when the source keeps them. ``names`` as in
    ``Step``."""

    status: str | None = None
    action: RichText | None = None
    expected: RichText | None = None
    actual: RichText | None = None
    names: Names = ()


class Cell(Frozen):
    """A value of the row that a result stands for, which is no step: ``names`` of its column as in ``Step``.

    ``remark``: under which name it stands among the result's remarks; empty for what describes the test.
    """

    names: tuple[str, ...]
    value: str
    remark: str = ""


class Result(Entity):
    """What came of one test case in one run. The title is the test's at that time.

    Args:
        case: None when the source does not say which test it was.
        position: place within the run, from 0; a case may stand in several places.
        status: None when it was not run.
        assigned: who is to run a test that was not run.
        duration_ms: in milliseconds.
        defects: lead to defects.
        facts: what else the source knows of it, by name.
        preset: names of facts that the source itself gives every test of a planned run, for a test that was not run.
        remarks: what people wrote of it elsewhere than in the comment, by name; they make a result even of a test that
            was not run.
        other_date: the source's date where it lies outside the run, so that ``executed_at`` is one of the run's.
        cells: the rest of the row, where tests are rows of tables.
        recorded_in: where people find tester and date of which the source tells nothing.
    """

    item_kind: ClassVar[ItemKind] = "result"
    kind: Literal["result"] = "result"
    run: Ref
    case: Ref | None
    position: int
    status: str | None = None
    tester: Person | None = None
    executed_at: datetime | None = None
    other_date: datetime | None = None
    duration_ms: int | None = None
    comment: RichText | None = None
    steps: tuple[StepResult, ...] = ()
    defects: tuple[Ref, ...] = ()
    case_version: str | None = None
    facts: dict[str, str] = {}
    remarks: dict[str, str] = {}
    address: str | None = None
    cells: Annotated[tuple[Cell, ...], Field(exclude_if=_unsaid)] = ()
    recorded_in: Annotated[str, Field(exclude_if=_unsaid)] = ""
    assigned: Annotated[Person | None, Field(exclude_if=_unsaid)] = None
    preset: Annotated[tuple[str, ...], Field(exclude_if=_unsaid)] = ()


AnyEntity = Annotated[
    Project
    | User
    | Folder
    | TestCase
    | Milestone
    | Configuration
    | Requirement
    | Defect
    | TestSet
    | Comment
    | Link
    | Attachment
    | TestRun
    | Result,
    Field(discriminator="kind"),
]
ENTITY: TypeAdapter[AnyEntity] = TypeAdapter(AnyEntity)
"""Reads a stored entity back."""
