"""``report --made``: what this import has made in QA Sphere, in the order in which a person can remove it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from migrator.app.reports.from_workspace import Addresses
from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.report.workbook import Cell, Sheet, write_workbook
from state.workspace import Workspace, open_workspace

_COLUMNS = {
    "project": 9,
    "in QA Sphere": 14,
    "title": 50,
    "folder": 50,
    "address": 45,
    "made": 20,
    "made by": 22,
    "at the source": 45,
}
_ORDER = ("run", "case", "folder", "milestone", "project")
"""What holds others comes after them."""


def write_made(config: Config, path: Path) -> int:
    """Write the workbook; return how many things it lists. What was there before any migration is not in it.
    ``ConfigError`` when the name does not end in .xlsx or the file cannot be written."""
    if path.suffix.lower() != ".xlsx":
        raise ConfigError(
            f"{path} does not end in .xlsx", code=ErrorCode.FILE_UNUSABLE, next_step="name the file MADE.xlsx"
        )
    with open_workspace(config.workspace, write=False) as workspace, workspace.db.atomic(), whole_file(path) as file:
        addresses = Addresses(config.destination.base_url, workspace.sums.destination_codes())
        sheets = (
            Sheet(f"{number} {kind}s", _COLUMNS, _rows(workspace, kind, addresses))
            for number, kind in enumerate(_ORDER, start=1)
        )
        return write_workbook(file, sheets)


def _rows(workspace: Workspace, kind: str, addresses: Addresses) -> Iterator[tuple[Cell, ...]]:
    items = workspace.outcomes.made(kind)
    paths = {folder.marker: folder.path for folder in workspace.sums.folders()}
    if kind == "folder":
        # those that hold others come later; there are not many
        items = iter(sorted(items, key=lambda item: (item.project, -len(paths.get(item.marker, ())))))
    for item in items:
        path = " / ".join(paths.get(item.marker) or paths.get(item.need) or ())
        when = datetime.fromtimestamp(item.made_at, UTC).strftime("%Y-%m-%d %H:%M:%S") if item.made_at else ""
        code = addresses.codes.get(item.project, "")
        there = (addresses.code(item) if item.kind == "case" else "") or item.new_id
        yield (
            code,
            there,
            item.title,
            path,
            addresses.url(item) or addresses.of_project(item.project),
            when,
            "this workspace" if item.made_at else "an earlier workspace",
            item.marker,
        )
