"""Columns of sources whose tests are rows of tables: which of them hold tester, date, comment or a verdict. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain

from mappings.rules import ColumnRule, MappingRules, VerdictColumn
from mappings.vocabulary import folded, looked_up
from migrator.core.drafts import ResultCell, ResultStatus
from migrator.core.model import Folder, Result, StepResult, TestCase

COLUMNS = "columns"
"""In a folder's ``extra``: the names of each column of its table, a list each."""
_NEAR = 0.75
_SHOWN = 10
_Table = Mapping[str, ColumnRule]
NO_WORDS: Mapping[str, ResultStatus] = {}
"""Of a column that has none of its own."""


@dataclass(slots=True)
class Row:
    """What the rules read in the row of one result; without a rule for any of its columns what the source says.

    Args:
        steps: those that are nothing else.
        remarks: likewise.
        verdicts: each word with what its own column makes of words; None: no rule speaks of a verdict, so the source's
            own status holds.
        cells: all that a reader is shown.
    """

    steps: list[StepResult]
    remarks: dict[str, str]
    testers: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)
    verdicts: list[tuple[str, Mapping[str, ResultStatus]]] | None = None
    cells: list[ResultCell] = field(default_factory=list)


class ColumnReader:
    """Reads rows by ``mapping.columns`` and ``mapping.form_columns``."""

    def __init__(self, rules: MappingRules) -> None:
        self._all = _by_name(rules.columns)
        self._of_form = {form.strip(): _by_name(table) for form, table in rules.form_columns.items()}

    def tested(self, case: TestCase) -> TestCase:
        """Return a test without steps that stand for tester, date or comment: nobody carries those out."""
        form = case.ref.ids[0]
        steps = tuple(step for step in case.steps if not isinstance(self._rule(form, step.names), str))
        return case if len(steps) == len(case.steps) else case.model_copy(update={"steps": steps})

    def row(self, result: Result) -> Row:
        """Return what the rules read in a result."""
        form = result.ref.ids[0]
        row = Row([], dict(result.remarks))
        words: list[tuple[str, Mapping[str, ResultStatus]]] = []
        decides = False
        for step in result.steps:
            rule, value = self._rule(form, step.names), (step.status or "").strip()
            row.cells += _shown(step.names, value)
            if isinstance(rule, str):
                decides = True  # the source took its text for a verdict
                _place(row, rule, step.names, value)
                continue
            row.steps.append(_read_by(rule, step, value) if rule else step)
            decides = decides or rule is not None
            words.append((value, rule.verdict if rule else NO_WORDS))
        for cell in result.cells:
            rule, value = self._rule(form, cell.names), cell.value.strip()
            row.cells += _shown(cell.names, value) if rule or cell.remark else []
            if isinstance(rule, str):
                row.remarks.pop(cell.remark, None)
                _place(row, rule, cell.names, value)
            elif rule is not None:
                decides = True
                words.append((value, rule.verdict))
        if decides:
            row.verdicts = [(word, table) for word, table in words if word]
        return row

    def _rule(self, form: str, names: Sequence[str]) -> ColumnRule | None:
        for table in (self._of_form.get(form), self._all):
            if table:
                found = (table.get(folded(name)) for name in names)
                if rule := next((one for one in found if one is not None), None):
                    return rule
        return None


def _by_name(table: Mapping[str, ColumnRule]) -> _Table:
    return {folded(name): rule for name, rule in table.items()}


def _read_by(rule: VerdictColumn, step: StepResult, value: str) -> StepResult:
    """Return a step that says what its word means: a “No” may be good news."""
    meaning = looked_up(value, rule.verdict)
    return step.model_copy(update={"status": f"{value} ({meaning})"}) if meaning else step


def _shown(names: Sequence[str], value: str) -> list[ResultCell]:
    """Return the cell of a column, whose id is the last of its names; nothing for what is in no table."""
    return [ResultCell(column=names[-1], name=names[0], value=value)] if names else []


def _place(row: Row, role: str, names: Sequence[str], value: str) -> None:
    if not value:
        return
    if role == "tester":
        row.testers.append(value)
    elif role == "executed_at":
        row.dates.append(value)
    else:
        row.comments.append((names[0], value))


def misspelt(rules: MappingRules, folders: Sequence[Folder]) -> Iterator[tuple[str, bool]]:
    """Yield in words each rule that names no column of these folders' tables, with the names that are nearest, and
    whether that must be a mistake: results cannot be changed once their tester is missing.

    A rule for all forms without a near name may be meant for another project.
    """
    seen = _columns_of(folders)
    for form, table in rules.form_columns.items():
        if (columns := seen.get(form.strip())) is not None:
            yield from ((text, True) for text, _ in _unknown(f"form_columns: {form}: ", table, columns, list(table)))
        elif near := get_close_matches(form.strip(), seen, cutoff=_NEAR):
            yield f"form_columns: “{form}” is no test form; nearest: {_listed(near)}", True
    if seen:
        ruled = [*rules.columns, *chain.from_iterable(rules.form_columns.values())]
        yield from _unknown("columns: ", rules.columns, list(chain.from_iterable(seen.values())), ruled)


def _columns_of(folders: Sequence[Folder]) -> dict[str, list[list[str]]]:
    """Return the names of the columns of each form that has tables, a list for each column."""
    found: dict[str, list[list[str]]] = {}
    for folder in folders:
        columns = folder.extra.get(COLUMNS)
        if isinstance(columns, list):
            names = [[str(name) for name in one] for one in columns if isinstance(one, list)]
            found.setdefault(folder.ref.ids[0], []).extend(names)
    return found


def _unknown(
    where: str, table: Mapping[str, VerdictColumn | str], columns: Sequence[Sequence[str]], ruled: Sequence[str]
) -> Iterator[tuple[str, bool]]:
    known = {folded(name) for names in columns for name in names}
    taken = set(map(folded, ruled))
    free = {folded(names[0]): names[0] for names in columns if not taken.intersection(map(folded, names))}
    for name in table:
        if folded(name) not in known:
            near = [free[one] for one in get_close_matches(folded(name), free, cutoff=_NEAR)]
            others = f"nearest: {_listed(near)}" if near else f"there are {_listed(list(free.values()))}"
            yield f"{where}“{name}” is no column; {others}", bool(near)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"“{name}”" for name in names[:_SHOWN]) + more if names else "no others"
