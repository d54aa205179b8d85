"""Workiva's JSON as it is (``workiva-api.md`` §6, §7): anything may be absent or null, and cells may be numbers."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def rows_of(value: Any) -> list[Any]:
    """Return the objects of a list; absent, null and what is no list are empty (§3)."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


Text = Annotated[str, BeforeValidator(_text)]


class Wire(BaseModel):
    """Base of all wire models: no row is ever refused."""

    model_config = ConfigDict(extra="ignore")


class WireNamed(Wire):
    """A test form or a test phase."""

    id: Text = ""
    name: Text = ""


class WireColumn(Wire):
    """A column of a matrix. ``testable`` None: not said."""

    id: Text = ""
    name: Text = ""
    external_id: Text = Field(default="", alias="externalId")
    testable: Annotated[bool | None, BeforeValidator(lambda value: value if isinstance(value, bool) else None)] = None

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name.strip() or self.external_id.strip() or f"Column {self.id}"


Columns = Annotated[list[WireColumn], BeforeValidator(rows_of)]


class WireMatrix(WireNamed):
    """A matrix without its samples."""

    data_columns: Columns = Field(default=[], alias="dataColumns")
    result_columns: Columns = Field(default=[], alias="resultColumns")


class WireCell(Wire):
    """A cell of a sample."""

    column: Text = ""
    value: Text = ""


Cells = Annotated[list[WireCell], BeforeValidator(rows_of)]


class WireSample(Wire):
    """A row of a matrix; cells refer to columns by id and need not be there."""

    id: Text = ""
    data_values: Cells = Field(default=[], alias="dataValues")
    result_values: Cells = Field(default=[], alias="resultValues")


class WireAttachment(Wire):
    """An attachment; within an expansion its id may be missing (§4)."""

    id: Text = ""
    file_name: Text = Field(default="", alias="fileName")


class WireDetail(Wire):
    """Why an operation went wrong."""

    code: Text = ""
    message: Text = ""
    target: Text = ""


class WireOperation(Wire):
    """An operation (§7); prose and schema spell the link differently."""

    status: Text = ""
    resource_url: Text = Field(default="", alias="resourceUrl")
    resource_url_too: Text = Field(default="", alias="resourceURL")
    original_request: Text = Field(default="", alias="originalRequest")
    details: Annotated[list[WireDetail], BeforeValidator(rows_of)] = []

    @property
    def resource(self) -> str:
        """Where the result is, if it says so."""
        return self.resource_url or self.resource_url_too

    @property
    def reasons(self) -> str:
        """What it says about itself, for people and for the vendor's support."""
        said = [f"{one.code} {one.message} {one.target}".split() for one in self.details]
        words = "; ".join(" ".join(one) for one in said if one) or "it gives no reason"
        return f"{words} (request {self.original_request})" if self.original_request else words


class WireValue(Wire):
    """A property of a record; a ``map`` may be a hyperlink."""

    datatype: Text = ""
    value: Any = None

    @property
    def text(self) -> str:
        """The value as people read it."""
        return _words(self.value)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))
    if isinstance(value, dict):
        if "url" in value:
            return f"{_words(value.get('text'))} ({_words(value['url'])})".strip()
        return ", ".join(f"{name}: {_words(inner)}" for name, inner in value.items())
    return _text(value).strip()


class WireRelationship(Wire):
    """A relation between two records (§11). Direction matters, and both ends appear."""

    label: Text = ""
    display_label: Text = Field(default="", alias="displayLabel")
    from_type: Text = Field(default="", alias="fromType")
    to_type: Text = Field(default="", alias="toType")
    from_record: Text = Field(default="", alias="fromRecord")
    to_record: Text = Field(default="", alias="toRecord")

    @property
    def name(self) -> str:
        """What people call it."""
        return self.display_label.strip() or self.label.replace("_", " ").strip() or "related to"

    def other_end(self, ident: str) -> tuple[str, str]:
        """Return id and type of the end that is not this record."""
        return (self.from_record, self.from_type) if self.to_record == ident else (self.to_record, self.to_type)


def _properties(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return {str(name): one if isinstance(one, dict) else {"value": one} for name, one in value.items()}


class WireRecord(Wire):
    """A record of the graph."""

    id: Text = ""
    type: Text = ""
    properties: Annotated[dict[str, WireValue], BeforeValidator(_properties)] = {}
    relationships: Annotated[list[WireRelationship], BeforeValidator(rows_of)] = []
