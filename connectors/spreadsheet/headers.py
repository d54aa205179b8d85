"""What the columns of a table hold, by their headers. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from connectors.spreadsheet.config import Columns, ResultColumns

SINGLE = ("id", "folder", "title", "priority", "tags", "requirements", "preconditions", "description", "files")
STEPS = ("steps", "expected")
EVERY = "*"
_NUMBER = r"[ _]*(\d{1,4})[ _]*"
_HEADERS = {
    "id": (
        "id", "case id", "test case id", "testcase id", "test id", "legacy id", "key", "test case key", "issue key",
        "issue id", "external id",
    ),
    "folder": (
        "section hierarchy", "folder path", "folder", "folder name", "module path", "module", "test suite", "suite",
        "section",
    ),
    "title": (
        "title", "name", "test case name", "test name", "test case title", "testcase name", "case title", "summary",
        "test case",
    ),
    "steps": (
        "steps (step)", "test script (step-by-step) - step", "test step description", "step description",
        "test step", "step", "step *", "test step *", "step * description", "step * action", "action *", "steps",
        "test steps", "action",
    ),
    "expected": (
        "steps (expected result)", "test script (step-by-step) - expected result", "test step expected result",
        "step expected result", "expected *", "expected result *", "step * expected result",
        "step * expected", "expected result", "expected results", "expected",
    ),
    "priority": ("priority", "importance"),
    "tags": ("tags", "tag", "labels", "label", "keywords"),
    "requirements": (
        "requirements", "requirement", "references", "coverage (issues)", "coverage", "linked requirements",
    ),
    "preconditions": ("preconditions", "precondition", "pre-conditions", "pre-condition", "prerequisites"),
    "description": ("description", "objective", "test case description"),
    "files": ("files", "file", "attachments", "attachment", "attachment paths"),
}  # fmt: skip
"""Headers of the exports of TestRail, Zephyr, Xray, qTest, QAComplete and QA Sphere; the first that is there wins."""

LISTS = ("tags", "requirements", "files")
"""Fields of several values, which several columns of one header may hold, as Jira's export has them."""
_AS_TEXT = {
    "steps (step)": "steps",
    "steps (expected result)": "expected result",
    "test script (step-by-step) - step": "test script (plain text)",
}
"""Headers of steps → what the same export calls those of cases that are written as one text (TestRail, Zephyr)."""

NEEDED_FOR_RESULTS = ("run", "case", "status")
_RESULT_HEADERS = {
    "run": ("run", "run name", "test run", "run title", "test run name", "test run title", "test cycle", "cycle name"),
    "case": (
        "case id", "test case id", "testcase id", "case", "test case key", "test case", "test id", "test key",
        "legacy id",
    ),
    "status": ("status", "result", "outcome", "execution status", "test result"),
    "id": ("result id", "execution id", "id"),
    "title": ("title", "case title", "test case title", "test case name", "test name", "name"),
    "tester": ("tester", "tested by", "executed by", "run by", "assigned to", "tester name"),
    "date": ("date", "tested on", "executed on", "executed at", "execution date", "run date", "date executed"),
    "comment": ("comment", "comments", "result comment", "actual result", "notes"),
    "files": ("files", "file", "attachments", "attachment", "attachment paths"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResultLayout:
    """What the columns of a table of results hold. ``single``: a field of a result → its column; ``others``: more."""

    labels: tuple[str, ...]
    single: Mapping[str, str]
    others: tuple[str, ...]

    def words(self) -> str:
        """Say what was recognised."""
        known = [f"{name} = {label}" for name, label in self.single.items()]
        return "; ".join(["results", *known, *([f"facts: {', '.join(self.others)}"] if self.others else [])])


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of one table hold. ``labels``: of all columns, each unlike the others.

    Args:
        single: a field of a case → its column.
        steps, expected: number → column, 0 for one that has none.
        custom: columns that become custom fields.
        takes_all: so does what stands beyond the last header.
        missing: field → header that the config names and this table does not have.
        further: a field of several values → other columns of its header.
        as_text: ``steps`` and ``expected`` → columns of cases without separate steps.
    """

    labels: tuple[str, ...]
    single: Mapping[str, str]
    steps: Mapping[int, str]
    expected: Mapping[int, str]
    custom: tuple[str, ...]
    takes_all: bool
    missing: Mapping[str, str]
    further: Mapping[str, tuple[str, ...]]
    as_text: Mapping[str, str]

    def columns_of(self, name: str) -> tuple[str, ...]:
        """Return the columns of a field; none, one, or several of one header."""
        return (self.single[name], *self.further.get(name, ())) if name in self.single else ()

    @property
    def is_numbered(self) -> bool:
        """Whether each step has columns of its own."""
        return any(number for number in (*self.steps, *self.expected))

    def proposed(self) -> dict[str, str]:
        """Return the same as a setting; columns with numbers as one header with ``*`` in it."""
        named = dict(self.single)
        for name, columns in (("steps", self.steps), ("expected", self.expected)):
            for number, label in list(columns.items())[:1]:
                named[name] = re.sub(r"\d+", EVERY, label, count=1) if number else label
        return named

    def words(self) -> str:
        """Say what was recognised."""
        known = [f"{name} = {', '.join(self.columns_of(name))}" for name in self.single]
        for name, columns in (("steps", self.steps), ("expected", self.expected)):
            if columns:
                known.append(f"{name} = {', '.join([*columns.values(), *filter(None, [self.as_text.get(name)])])}")
        return "; ".join([*known, *([f"custom fields: {', '.join(self.custom)}"] if self.custom else [])])


def layout_of(header: Sequence[str], columns: Columns) -> Layout | None:
    """Return what the columns under a header hold; None when none of them is the title."""
    labels = _unlike(header)
    single: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name in SINGLE:
        if found := _matching(name, labels, getattr(columns, name), missing, _HEADERS):
            single[name] = next(iter(found.values()))
    if "title" not in single:
        return None
    steps, expected = (_matching(name, labels, getattr(columns, name), missing, _HEADERS) for name in STEPS)
    further = {name: _alike(single[name], header, labels) for name in LISTS if name in single}
    as_text = _text_columns({"steps": steps, "expected": expected}, labels, {*single.values()})
    taken = {*single.values(), *steps.values(), *expected.values(), *as_text.values(), *chain(*further.values())}
    wanted = {_folded(name) for name in columns.custom}
    custom = [one for one in labels if one not in taken and (EVERY in wanted or _folded(one) in wanted)]
    takes_all = EVERY in wanted
    return Layout(tuple(labels), single, steps, expected, tuple(custom), takes_all, missing, further, as_text)


def _alike(label: str, header: Sequence[str], labels: Sequence[str]) -> tuple[str, ...]:
    """Return the other columns of the same header."""
    name = _folded(header[labels.index(label)])
    return tuple(
        one for one, cell in zip(labels, header, strict=True) if one != label and name and _folded(cell) == name
    )


def _text_columns(found: Mapping[str, Mapping[int, str]], labels: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Return ``steps`` and ``expected`` → column of cases that are written as one text."""
    free = {_folded(label): label for label in reversed(labels) if label not in taken}
    wanted = {name: _AS_TEXT.get(_folded(columns.get(0, "")), "") for name, columns in found.items()}
    return {name: free[header] for name, header in wanted.items() if header in free}


def results_of(header: Sequence[str], columns: ResultColumns) -> ResultLayout | None:
    """Return what the columns under the header of a table of results hold; None when it is none."""
    labels = _unlike(header)
    single = _result_columns(labels, columns)
    if _matching("steps", labels, None, {}, _HEADERS) or not set(NEEDED_FOR_RESULTS) <= set(single):
        return None
    return ResultLayout(tuple(labels), single, tuple(one for one in labels if one not in single.values()))


def mixed_in(header: Sequence[str], columns: ResultColumns) -> tuple[str, ...]:
    """Return the columns of results under a header that has them beside steps; empty when it has not."""
    single = _result_columns(_unlike(header), columns)
    return tuple(single[name] for name in NEEDED_FOR_RESULTS) if set(NEEDED_FOR_RESULTS) <= set(single) else ()


def _result_columns(labels: Sequence[str], columns: ResultColumns) -> dict[str, str]:
    single: dict[str, str] = {}
    for name in _RESULT_HEADERS:
        free = [label for label in labels if label not in single.values()]
        if found := _matching(name, free, getattr(columns, name), {}, _RESULT_HEADERS):
            single[name] = next(iter(found.values()))
    return single


def _matching(
    name: str, labels: Sequence[str], given: str | None, missing: dict[str, str], known: Mapping[str, tuple[str, ...]]
) -> dict[int, str]:
    """Return number → column of a field. ``given``: the header in the config. ``missing`` takes one that is not there;
    ``known``: headers that are recognised."""
    if given == "":
        return {}
    for wanted in known[name] if given is None else (given,):
        pattern = (
            _NUMBER.join(re.escape(part.strip()) for part in _folded(wanted).split(EVERY)) if name in STEPS else ""
        )
        found: dict[int, str] = {}
        for label in labels:
            if pattern and EVERY in wanted:
                if match := re.fullmatch(pattern, _folded(label)):
                    found.setdefault(int(match[1]), label)
            elif _folded(label) == _folded(wanted):
                found.setdefault(0, label)
        if found:
            return dict(sorted(found.items()))
    if given is not None:
        missing[name] = given
    return {}


def unnamed(place: int) -> str:
    """Return how a column without a header is called; ``place`` from 0."""
    return f"Column {place + 1}"


def _unlike(header: Sequence[str]) -> list[str]:
    labels: list[str] = []
    for place, cell in enumerate(header):
        label = name = " ".join(cell.split()) or unnamed(place)
        number = 2
        while label in labels:
            label, number = f"{name} ({number})", number + 1
        labels.append(label)
    return labels


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
