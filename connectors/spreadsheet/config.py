"""The config's ``source`` block for spreadsheets."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors import SourceSettings
from connectors.places import checked_address


class Columns(BaseModel):
    """Which column holds what, by the header.

    Not given: the header is recognised, if it is one that exports of other tools have. Empty: there is no such column.
    ``steps`` and ``expected`` may hold one ``*``, for the numbers of columns such as ``Step 1``, ``Step 2``.

    Args:
        preconditions, description: both stand in the precondition.
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
    custom: tuple[str, ...] = ("*",)


class SpreadsheetSettings(BaseModel):
    """Where the tables are and how to read them.

    ``instance`` names them in every marker.

    Args:
        path: a CSV file, a workbook, or a folder of such.
        separator: what stands between the folders of a path; default ``>`` where the path has one, else ``/``.
        item_url: what links lead to, with ``{id}``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["spreadsheet"] = "spreadsheet"
    instance: str = Field(default="files", pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    path: Path
    columns: Columns = Columns()
    separator: str = ""
    item_url: str = ""

    @field_validator("item_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return checked_address(value, ("id",)) if value else value


SETTINGS = SourceSettings(
    SpreadsheetSettings,
    Path(__file__).with_name("defaults.yaml"),
    unused=("status", "columns", "form_columns", "history", "runs", "pages"),
)
