"""``mapping.decisions``: rules in a spreadsheet. The config wins; contradictions are errors."""

from collections.abc import Collection, Iterator, Mapping
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
_HEADINGS: Mapping[str, tuple[str, ...]] = {sheet: (heading,) for sheet, (_, heading, _) in TABLES.items()} | {
    PEOPLE: ("setting",),
    FOLDERS: ("project", "folder"),
}
"""Sheet → the headings that a decision is about."""
PEOPLE_SETTING = "how people are named"

Row = dict[str, str]


@dataclass
class Decisions:
    """What was filled in.

    Args:
        tables: table of ``mapping`` → value → target.
        left_out: code of a project → paths of its folders at the source, ``taken`` likewise.
        people: how people are named, empty where nothing is said.
    """

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    taken: dict[str, list[str]] = field(default_factory=dict)
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
                _take_folder(found, row, decision, where)
            elif row.get("setting", "").strip() == PEOPLE_SETTING:
                found.people = _chosen(decision, PEOPLE_CHOICES, where)
            else:
                raise ConfigError(
                    f"{where}: how one person is named cannot be decided alone",
                    next_step=f"decide in the row “{PEOPLE_SETTING}”, for all of them, and leave this one empty",
                )
    return found


def with_decisions(config: Mapping[str, Any], path: Path, found: Decisions) -> dict[str, Any]:
    """Return the config as it was read, with the decisions that it does not make itself. Raises ``ConfigError`` where
    both decide, and not the same."""
    mapping = dict(config.get("mapping") or {})
    for table, rules in found.tables.items():
        mapping[table] = _united(mapping.get(table) or {}, rules, f"mapping.{table}", path)
    if found.people and mapping.setdefault("people", found.people) != found.people:
        raise _contradiction("mapping.people", str(mapping["people"]), found.people, path)
    _refuse_strange_projects(config, path, found)
    projects = [_without_folders(project, found, path) for project in config.get("projects") or []]
    return dict(config) | {"mapping": mapping, "projects": projects}


def _take_folder(found: Decisions, row: Row, decision: str, where: str) -> None:
    code, folder = row.get("project", "").strip().upper(), row.get("folder", "")
    is_left_out = _chosen(decision, FOLDER_CHOICES, where) == LEAVE_OUT
    (found.left_out if is_left_out else found.taken).setdefault(code, []).append(folder)
    for taken in found.taken.get(code, ()):
        for left_out in found.left_out.get(code, ()):
            if _is_in(taken, left_out):
                raise ConfigError(
                    f"{where}: {taken} is to be taken, and {left_out} left out, in which it lies",
                    next_step="leave one of them empty, or choose for the folders within it one by one",
                )


def _refuse_strange_projects(config: Mapping[str, Any], path: Path, found: Decisions) -> None:
    """Raise ``ConfigError`` when folders were decided of a project that has another code now, or is not there."""
    projects = [project for project in config.get("projects") or [] if isinstance(project, dict)]
    known = {str(project.get("destination", "")).upper() for project in projects}
    if strange := sorted((found.left_out.keys() | found.taken.keys()) - known):
        raise ConfigError(
            f"{path.name}, sheet {FOLDERS}: no project of the config goes to {', '.join(strange)}",
            cause=f"its folders were decided on; the projects of the config go to {', '.join(sorted(known))}",
            next_step="correct the column `project`, or leave the decisions of those rows empty",
        )


def _is_in(folder: str, other: str) -> bool:
    return f"{folder}/".startswith(f"{other}/")


def _take_rule(found: Decisions, sheet: str, row: Row, decision: str, where: str) -> None:
    table, heading, choices = TABLES[sheet]
    if sheet != FIELDS or decision.lower() in choices:  # else it is a system name, in which capitals count
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
    code = str(project.get("destination", "")).upper()
    left_out = found.left_out.get(code, [])
    include, exclude = (_listed(project.get(key)) for key in ("include", "exclude"))
    for own in include:
        if any(_is_in(own, folder) for folder in left_out):
            raise _contradiction(f"projects[].include {own}", "taken", LEAVE_OUT, path)
    for folder in found.taken.get(code, ()):
        if any(_is_in(folder, own) for own in exclude):
            raise _contradiction(f"projects[].exclude {folder}", LEAVE_OUT, "taken", path)
        if include and not any(_is_in(folder, own) for own in include):
            raise _contradiction(f"projects[].include {folder}", LEAVE_OUT, "taken", path)
    if not left_out:
        return project
    return project | {"exclude": list(dict.fromkeys([*exclude, *left_out]))}


def _listed(value: Any) -> list[str]:
    """Return the texts of a list; what is none is refused when the config is validated."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


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
            names = {folded(name): name for name in book.sheet_names}
            return {
                sheet: list(_rows(sheet, book.get_sheet_by_name(names[sheet]).to_python(skip_empty_area=False)))
                for sheet in _sheets_in(path, names)
            }
    except (ConfigError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library's own defects are no exceptions of Python's usual kind
        raise ConfigError(
            f"cannot read the decisions in {path}",
            code=ErrorCode.FILE_UNUSABLE,
            cause=str(error)[:200],
            next_step="name a workbook in .xlsx or .ods that `migrator plan --decisions FILE.xlsx` wrote",
        ) from error


def _sheets_in(path: Path, names: Collection[str]) -> Collection[str]:
    """Return the sheets to read. Raises ``ConfigError`` when one is missing: nobody knows what was decided in it."""
    if missing := [sheet for sheet in _HEADINGS if sheet not in names]:
        raise ConfigError(
            f"{path.name} has no sheet {', '.join(missing)}",
            code=ErrorCode.FILE_UNUSABLE,
            cause=f"its sheets: {', '.join(names)}"[:200],
            next_step="give a renamed sheet its name back; `migrator plan --decisions FILE.xlsx` writes all of them",
        )
    return _HEADINGS


def _rows(sheet: str, cells: list[list[Any]]) -> Iterator[tuple[int, Row]]:
    headings = [_text(cell).strip().lower() for cell in cells[0]] if cells else []
    if missing := [heading for heading in (*_HEADINGS[sheet], DECISION) if heading not in headings]:
        raise ConfigError(
            f"sheet {sheet} has no column {', '.join(missing)} in its first row",
            code=ErrorCode.FILE_UNUSABLE,
            cause="without it nobody knows what was decided; a row may stand above the headings",
            next_step="let the headings be the first row, as `migrator plan --decisions FILE.xlsx` wrote them",
        )
    for number, line in enumerate(cells[1:], start=2):
        yield number, dict(zip(headings, map(_text, line), strict=False))


def _text(cell: Any) -> str:
    """Return a cell as text, as it is: names of folders may begin and end with blanks. A spreadsheet makes numbers of
    what looks like one."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
