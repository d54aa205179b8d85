"""Workiva's JSON as it is (``workiva-api.md`` §6, §7): anything may be absent or null, and cells may be numbers."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


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
    testable: Annotated[bool | None, BeforeValidator(_flag)] = None

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
