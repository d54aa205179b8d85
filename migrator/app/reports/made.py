"""``report --made``: what this import has made in QA Sphere, in the order in which a person can remove it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from migrator.app.reports.from_workspace import Addresses
from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.refs import marker_prefix
from migrator.report.workbook import Cell, Sheet, write_workbook
from state.questions.outcomes import MadeItem
from state.questions.used import CaseCounts
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
_USED_COLUMNS = (
    {"kind": 11}
    | {name: _COLUMNS[name] for name in ("project", "in QA Sphere", "title", "folder", "address")}
    | {"cases of this import": 20, "cases of others": 16, "at the source": 45}
)
_ORDER = ("run", "case", "folder", "milestone", "project")
"""What holds others comes after them."""
_UNMARKED = ("folder", "milestone", "project")
"""Whether an earlier workspace has made one of these, or people, QA Sphere does not tell."""


def write_made(config: Config, path: Path) -> int:
    """Write the workbook; return how many things it lists that were made. What was there before, and is only used, is
    apart, with how many cases it holds. ``ConfigError`` when the name does not end in .xlsx or the file cannot be
    written."""
    if path.suffix.lower() != ".xlsx":
        raise ConfigError(
            f"{path} does not end in .xlsx", code=ErrorCode.FILE_UNUSABLE, next_step="name the file MADE.xlsx"
        )
    with open_workspace(config.workspace, write=False) as workspace, workspace.db.atomic(), whole_file(path) as file:
        addresses = Addresses(config.destination.base_url, workspace.sums.destination_codes())
        paths = {folder.marker: folder.path for folder in workspace.sums.folders()}
        used = list(_used_rows(workspace, paths, addresses, marker_prefix(config.connector, config.instance)))
        sheets = [
            Sheet(f"{number} {kind}s", _COLUMNS, _rows(workspace, kind, paths, addresses))
            for number, kind in enumerate(_ORDER, start=1)
        ]
        return write_workbook(file, [*sheets, Sheet("6 used, not made", _USED_COLUMNS, used)]) - len(used)


def _rows(
    workspace: Workspace, kind: str, paths: Mapping[str, tuple[str, ...]], addresses: Addresses
) -> Iterator[tuple[Cell, ...]]:
    items = workspace.outcomes.made(kind)
    if kind == "folder":
        items = iter(_deepest_first(items, paths))
    for item in items:
        when = datetime.fromtimestamp(item.made_at, UTC).strftime("%Y-%m-%d %H:%M:%S") if item.made_at else ""
        made_by = "this workspace" if item.made_at else "an earlier workspace"
        yield (*_place(item, paths, addresses), when, made_by, item.marker)


def _used_rows(
    workspace: Workspace, paths: Mapping[str, tuple[str, ...]], addresses: Addresses, prefix: str
) -> Iterator[tuple[Cell, ...]]:
    counts = workspace.used.cases_in_folders(prefix)
    for kind in _UNMARKED:
        items = workspace.used.items(kind)
        for item in _deepest_first(items, paths) if kind == "folder" else items:
            cases = _cases_in(item, counts)
            numbers = (cases.ours, cases.others) if cases else ("", "")
            yield (kind, *_place(item, paths, addresses), *numbers, item.marker)


def _cases_in(item: MadeItem, counts: Mapping[tuple[str, str], CaseCounts]) -> CaseCounts | None:
    """Return the cases directly in a folder, or in a whole project; None for a milestone, which holds runs."""
    if item.kind == "folder":
        return counts.get((item.project, item.new_id), CaseCounts())
    if item.kind == "project":
        of_project = [count for (project, _), count in counts.items() if project == item.project]
        return CaseCounts(sum(one.ours for one in of_project), sum(one.others for one in of_project))
    return None


def _deepest_first(items: Iterable[MadeItem], paths: Mapping[str, tuple[str, ...]]) -> list[MadeItem]:
    # those that hold others come later; there are not many
    return sorted(items, key=lambda item: (item.project, -len(paths.get(item.marker, ()))))


def _place(
    item: MadeItem, paths: Mapping[str, tuple[str, ...]], addresses: Addresses
) -> tuple[str, str, str, str, str]:
    path = " / ".join(paths.get(item.marker) or paths.get(item.need) or ())
    there = (addresses.code(item) if item.kind == "case" else "") or item.new_id
    address = addresses.url(item) or addresses.of_project(item.project)
    return addresses.codes.get(item.project, ""), there, item.title, path, address
