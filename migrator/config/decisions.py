"""``mapping.decisions``: rules in a spreadsheet. The config wins; contradictions are errors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from mappings.vocabulary import folded
from migrator.core.drafts import Priority, ResultStatus
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

DECISION = "decision"
LEAVE_OUT = "leave out"
STATUSES, PRIORITIES, FIELDS, PEOPLE, FOLDERS = "statuses", "priorities", "custom fields", "people", "folders"
TABLES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    STATUSES: ("status", "value", get_args(ResultStatus)),
    PRIORITIES: ("priority", "value", get_args(Priority)),
    FIELDS: ("custom_fields", "field", ("text", "tag", "drop")),
}
"""Sheet → table of ``mapping``, heading of its keys, and what may be chosen; of custom fields also a system name."""
PEOPLE_CHOICES = ("name", "email", "none")
FOLDER_CHOICES = ("take", LEAVE_OUT)
_BYTES = 32 * 1024 * 1024
PEOPLE_SETTING = "how people are named"

Row = dict[str, str]


@dataclass
class Decisions:
    """What was filled in. ``tables``: table of ``mapping`` → value → target; ``left_out``: code of a project → paths of
    its folders at the source; ``people``: how people are named, empty where nothing is said."""

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    people: str = ""


def read_decisions(path: Path) -> Decisions:
    """Read a workbook that ``plan --decisions`` wrote and somebody has filled in. Rows without a decision say nothing.

    Raises ``ConfigError`` when it cannot be read, or a cell holds what may not be chosen there.
    """
    found = Decisions()
    for sheet, rows in _sheets(path).items():
        for number, row in rows:
            decision = row.get(DECISION, "").strip()
            if not decision:
                continue
            where = f"{path.name}, sheet {sheet}, row {number}"
            if sheet in TABLES:
                _take_rule(found, sheet, row, decision, where)
            elif sheet == FOLDERS:
                if _chosen(decision, FOLDER_CHOICES, where) == LEAVE_OUT:
                    found.left_out.setdefault(row.get("project", "").strip().upper(), []).append(row.get("folder", ""))
            elif sheet == PEOPLE and row.get("setting", "").strip() == PEOPLE_SETTING:
                found.people = _chosen(decision, PEOPLE_CHOICES, where)
    return found


def with_decisions(config: Mapping[str, Any], path: Path, found: Decisions) -> dict[str, Any]:
    """Return the config as it was read, with the decisions that it does not make itself. Raises ``ConfigError`` where
    both decide, and not the same."""
    mapping = dict(config.get("mapping") or {})
    for table, rules in found.tables.items():
        mapping[table] = _united(mapping.get(table) or {}, rules, f"mapping.{table}", path)
    if found.people and mapping.setdefault("people", found.people) != found.people:
        raise _contradiction("mapping.people", str(mapping["people"]), found.people, path)
    projects = [_without_folders(project, found, path) for project in config.get("projects") or []]
    return dict(config) | {"mapping": mapping, "projects": projects}


def _take_rule(found: Decisions, sheet: str, row: Row, decision: str, where: str) -> None:
    table, heading, choices = TABLES[sheet]
    if sheet != FIELDS:
        decision = _chosen(decision, choices, where)
    rules = found.tables.setdefault(table, {})
    value = row.get(heading, "").strip()
    before = next((target for key, target in rules.items() if folded(key) == folded(value)), decision)
    if before != decision:
        raise ConfigError(
            f"{where}: {value} becomes {before} in another row, and {decision} here",
            next_step="leave one of them empty",
        )
    if value:
        rules[value] = decision


def _chosen(decision: str, choices: tuple[str, ...], where: str) -> str:
    chosen = next((choice for choice in choices if choice == decision.lower()), None)
    if chosen is None:
        raise ConfigError(
            f"{where}: {decision[:40]} cannot be chosen there", next_step=f"choose one of: {', '.join(choices)}"
        )
    return chosen


def _united(own: Mapping[str, Any], rules: Mapping[str, str], table: str, path: Path) -> dict[str, Any]:
    known = {folded(str(key)): target for key, target in own.items()}
    for value, target in rules.items():
        if known.get(folded(value), target) != target:
            raise _contradiction(f"{table} of “{value}”", str(known[folded(value)]), target, path)
    return {value: target for value, target in rules.items() if folded(value) not in known} | dict(own)


def _without_folders(project: Any, found: Decisions, path: Path) -> Any:
    if not isinstance(project, dict):
        return project
    left_out = found.left_out.get(str(project.get("destination", "")).upper(), [])
    for folder in left_out:
        if folder in (project.get("include") or ()):
            raise _contradiction(f"projects[].include {folder}", "taken", LEAVE_OUT, path)
    if not left_out:
        return project
    return project | {"exclude": list(dict.fromkeys([*(project.get("exclude") or ()), *left_out]))}


def _contradiction(what: str, own: str, theirs: str, path: Path) -> ConfigError:
    return ConfigError(
        f"{what} is decided twice: {own} in the config, {theirs} in {path.name}",
        next_step="make them the same, or take it out of one of the two",
    )


def _sheets(path: Path) -> dict[str, list[tuple[int, Row]]]:
    """Return name of a sheet → its rows by heading, each with its number in the spreadsheet."""
    from python_calamine import load_workbook  # noqa: PLC0415 - only who has decisions in a file needs it

    try:
        if path.stat().st_size > _BYTES:
            raise ValueError("it is larger than 32 MiB")
        with load_workbook(path) as book:
            known = [name for name in book.sheet_names if name in (*TABLES, PEOPLE, FOLDERS)]
            return {name: list(_rows(book.get_sheet_by_name(name).to_python(skip_empty_area=False))) for name in known}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library's own defects are no exceptions of Python's usual kind
        raise ConfigError(
            f"cannot read the decisions in {path}",
            code=ErrorCode.FILE_UNUSABLE,
            cause=str(error)[:200],
            next_step="name a workbook in .xlsx or .ods that `migrator plan --decisions FILE.xlsx` wrote",
        ) from error


def _rows(cells: list[list[Any]]) -> Iterator[tuple[int, Row]]:
    if not cells:
        return
    headings = [_text(cell).strip().lower() for cell in cells[0]]
    for number, line in enumerate(cells[1:], start=2):
        yield number, dict(zip(headings, map(_text, line), strict=False))


def _text(cell: Any) -> str:
    """Return a cell as text, as it is: names of folders may begin and end with blanks. A spreadsheet makes numbers of
    what looks like one."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
