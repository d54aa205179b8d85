"""``plan --decisions``: what colleagues have to decide, as a spreadsheet to fill in. It proposes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mappings.rules import MappingRules
from mappings.vocabulary import looked_up, single_line
from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config
from migrator.config.decisions import (
    DECISION,
    FIELDS,
    FOLDER_CHOICES,
    FOLDERS,
    LEAVE_OUT,
    PEOPLE,
    PEOPLE_CHOICES,
    PEOPLE_SETTING,
    PRIORITIES,
    STATUSES,
    TABLES,
    Decisions,
    read_decisions,
)
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import Person, Result, TestCase
from migrator.engine.plan.slices import folder_paths_at_source
from migrator.report.workbook import Cell, Sheet, write_workbook
from state.workspace import Workspace, open_workspace

_EXAMPLES = 3
_LONGEST = 200


@dataclass
class Seen:
    """Values of the source.

    Args:
        statuses, priorities: value → items.
        examples: sheet and value → titles or values.
        folders: code and path → cases directly in it.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    priorities: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    folders: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def count(self, sheet: str, counter: Counter[str], value: str, example: str) -> None:
        """Count a value, with the first few examples."""
        counter[value] += 1
        shown = self.examples.setdefault((sheet, value), [])
        text = single_line(example)[:_LONGEST]
        if text and len(shown) < _EXAMPLES and text not in shown:
            shown.append(text)


def refuse_existing(path: Path) -> None:
    """Raise ``ConfigError`` when the file cannot be written without losing what somebody has filled in."""
    if path.suffix.lower() != ".xlsx":
        raise ConfigError(f"{path} does not end in .xlsx", code=ErrorCode.FILE_UNUSABLE, next_step="name it so")
    if path.exists():
        raise ConfigError(
            f"{path} exists already",
            code=ErrorCode.FILE_UNUSABLE,
            cause="somebody may have filled it in",
            next_step="name another file; what `mapping.decisions` has is filled in there again",
        )


def write_decisions(config: Config, path: Path) -> int:
    """Write what the workspace has seen at the source, with a column to fill in; return how many rows there are."""
    before = read_decisions(config.mapping.decisions) if config.mapping.decisions else Decisions()
    with open_workspace(config.workspace, write=False) as workspace, workspace.db.atomic():
        seen = _seen(config, workspace)
    with whole_file(path) as file:
        return write_workbook(file, _sheets(seen, config.mapping, before))


def _seen(config: Config, workspace: Workspace) -> Seen:
    seen = Seen()
    for project in config.projects:
        current = workspace.store.rounds.last(project.source)
        if current is None:
            continue
        path_of = folder_paths_at_source(workspace.store, current)
        for case in workspace.store.archive.entities(current, TestCase):
            seen.count(PRIORITIES, seen.priorities, single_line(case.priority or ""), case.title)
            for value in case.custom_fields:
                seen.count(FIELDS, seen.fields, single_line(value.name), value.value.value)
            _take_people(seen, case.title, case.author, case.owner, case.assignee)
            # no rule can name a folder that the source does not list
            if case.folder and (path := "/".join(path_of(case.folder.marker))):
                seen.folders[project.destination, path] += 1
        for result in workspace.store.archive.entities(current, Result):
            seen.count(STATUSES, seen.statuses, single_line(result.status or ""), result.title)
            _take_people(seen, result.title, result.tester)
    return seen


def _take_people(seen: Seen, title: str, *people: Person | None) -> None:
    for person in people:
        if person and (name := single_line(person.name or "")):
            seen.count(PEOPLE, seen.people, name, title)


def _sheets(seen: Seen, rules: MappingRules, before: Decisions) -> Iterator[Sheet]:
    known = {STATUSES: (seen.statuses, rules.status, rules.fallback.status)}
    known |= {PRIORITIES: (seen.priorities, rules.priority, rules.fallback.priority)}  # type: ignore[dict-item]
    for name, (counts, table, fallback) in known.items():
        key, heading, choices = TABLES[name]
        columns = {heading: 30, "count": 9, "examples": 60, "today": 28, DECISION: 16, "remark": 40}
        decided = before.tables.get(key, {})
        rows = [
            (value, count, _examples(seen, name, value), _today(value, table, fallback), _of(value, decided), "")
            for value, count in counts.most_common()
            if value
        ]
        # what no rule knows stands first: that is what has to be decided
        rows.sort(key=lambda row: looked_up(row[0], table) is not None)
        yield Sheet(name, columns, rows, {DECISION: choices})
    yield _field_sheet(seen, rules, before)
    columns = {"setting": 30, "count": 9, "examples": 60, "today": 28, DECISION: 16, "remark": 40}
    names = [(name, count, _examples(seen, PEOPLE, name), "", "", "") for name, count in seen.people.most_common()]
    setting = (PEOPLE_SETTING, len(names), ", ".join(list(seen.people)[:_EXAMPLES]), rules.people, before.people, "")
    yield Sheet(PEOPLE, columns, [setting, *names], {DECISION: PEOPLE_CHOICES}, chosen=1)
    yield Sheet(
        FOLDERS,
        {"project": 9, "folder": 70, "cases": 9, DECISION: 16, "remark": 40},
        [
            (code, path, count, LEAVE_OUT if path in before.left_out.get(code, ()) else "", "")
            for (code, path), count in sorted(seen.folders.items())
        ],
        {DECISION: FOLDER_CHOICES},
    )


def _field_sheet(seen: Seen, rules: MappingRules, before: Decisions) -> Sheet:
    key, heading, choices = TABLES[FIELDS]
    decided = before.tables.get(key, {})
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            count,
            _examples(seen, FIELDS, name),
            looked_up(name, rules.custom_fields) or "QA Sphere's field of that name, else text",
            _of(name, decided),
            "",
        )
        for name, count in seen.fields.most_common()
    ]
    columns = {heading: 30, "count": 9, "examples": 60, "today": 28, DECISION: 16, "remark": 40}
    # the name of a custom field of QA Sphere may stand there as well
    return Sheet(FIELDS, columns, rows, {DECISION: choices}, is_open=True)


def _today(value: str, table: Mapping[str, str], fallback: str) -> str:
    target = looked_up(value, table)
    return target if target is not None else f"{fallback}, as no rule knows it"


def _of(value: str, decided: Mapping[str, str]) -> str:
    return looked_up(value, decided) or ""


def _examples(seen: Seen, sheet: str, value: str) -> str:
    return " | ".join(seen.examples.get((sheet, value), ()))
