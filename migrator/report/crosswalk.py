"""The crosswalk: every item with its old and its new id, as CSV for spreadsheets or as JSON for scripts."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields

import orjson

from migrator.report.values import Crossing

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# what no spreadsheet takes, and what a terminal obeys when somebody looks at the file there
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
COLUMNS = tuple(field.name for field in fields(Crossing))


def as_csv(crossings: Iterable[Crossing]) -> Iterator[str]:
    """Yield a CSV file that spreadsheets take for UTF-8 text, line by line.

    A cell that a spreadsheet would run as a formula begins with an apostrophe, and control characters are written as
    their numbers; JSON has the text as it is.
    """
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _line(COLUMNS)
    for crossing in crossings:
        yield _line([_defused(cell) for cell in asdict(crossing).values()])


def as_json(crossings: Iterable[Crossing]) -> Iterator[str]:
    """Yield a JSON array of objects, one a line."""
    before = "[\n"
    for crossing in crossings:
        yield before + orjson.dumps(asdict(crossing)).decode()
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def _defused(cell: str) -> str:
    shown = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", cell)
    return "'" + shown if shown.startswith(_FORMULA) else shown


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
