"""The config's ``source`` block for spreadsheets."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors import SourceSettings
from connectors.places import checked_address


class Columns(BaseModel):
    """Which column holds what, by the header.

    Not given: the header is recognised, if it is one that exports of other tools have. Empty: there is no such column.
    ``steps`` and ``expected`` may hold one ``*``, for the numbers of columns such as ``Step 1``, ``Step 2``.

    Args:
        preconditions, description: both stand in the precondition.
        files: paths that begin at the folder of the table.
        custom: columns that become custom fields; ``*`` stands for all others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = None
    folder: str | None = None
    title: str | None = None
    steps: str | None = None
    expected: str | None = None
    priority: str | None = None
    tags: str | None = None
    requirements: str | None = None
    preconditions: str | None = None
    description: str | None = None
    files: str | None = None
    custom: tuple[str, ...] = ("*",)


class ResultColumns(BaseModel):
    """Which column of a table of results holds what; as in ``Columns``. A table with ``run``, ``case`` and ``status``
    and without steps is one.

    Args:
        case: what the test case is known by.
        title: of the case, as it was then.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str | None = None
    case: str | None = None
    status: str | None = None
    id: str | None = None
    title: str | None = None
    tester: str | None = None
    date: str | None = None
    comment: str | None = None
    files: str | None = None


class SpreadsheetSettings(BaseModel):
    """Where the tables are and how to read them.

    ``instance`` names them in every marker.

    Args:
        path: a CSV file, a workbook, or a folder of such.
        separator: what stands between the folders of a path; default ``>`` where the path has one, else ``/``.
        item_url: what links lead to, with ``{id}``.
        timezone: of dates without one.
        date_format: as ``strptime`` has it; default ISO 8601.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["spreadsheet"] = "spreadsheet"
    instance: str = Field(default="files", pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    path: Path
    columns: Columns = Columns()
    results: ResultColumns = ResultColumns()
    timezone: str = "UTC"
    date_format: str = ""
    separator: str = ""
    item_url: str = ""

    @field_validator("item_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return checked_address(value, ("id",)) if value else value

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("must be the IANA name of a time zone, such as Europe/Berlin") from error
        return value


SETTINGS = SourceSettings(
    SpreadsheetSettings,
    Path(__file__).with_name("defaults.yaml"),
    unused=("columns", "form_columns", "pages"),
)
