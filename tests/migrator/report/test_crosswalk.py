"""The crosswalk as a file: nothing in it runs, nothing in it is lost."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from migrator.report.crosswalk import COLUMNS, as_csv, as_json
from migrator.report.values import Crossing
from tests.support.spreadsheet import opened_in_spreadsheet

CROSSING = Crossing(
    "case", "Sign in", "12", "345", "https://old.example/345", "migrated", "c1", "SHOP-001",
    "https://new.example/project/SHOP/tcase/1", "qacomplete@acme:test:12/345", "",
)  # fmt: skip


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0"])
def test_a_cell_that_would_be_a_formula_is_text(tmp_path: Path, title: str) -> None:
    path = tmp_path / "crosswalk.csv"
    path.write_text("".join(as_csv([replace(CROSSING, title=title)])), encoding="utf-8", newline="")
    (line,) = opened_in_spreadsheet(path)
    assert line["title"].replace("\n", "\r") == "'" + title
    (found,) = orjson.loads("".join(as_json([replace(CROSSING, title=title)])))
    assert found["title"] == title


def test_control_characters_are_their_numbers(tmp_path: Path) -> None:
    title = "a\x1b]52;c;x\x07b\x9b31m\x00\ttab\nline"
    path = tmp_path / "crosswalk.csv"
    path.write_text("".join(as_csv([replace(CROSSING, title=title)])), encoding="utf-8", newline="")
    (line,) = opened_in_spreadsheet(path)
    assert line["title"] == "a\\x1b]52;c;x\\x07b\\x9b31m\\x00\ttab\nline"
    (found,) = orjson.loads("".join(as_json([replace(CROSSING, title=title)])))
    assert found["title"] == title


def test_commas_quotes_line_breaks_and_letters_survive(tmp_path: Path) -> None:
    title = 'Grüße, "Zoë"\nŁódź; 日本'
    path = tmp_path / "crosswalk.csv"
    path.write_text("".join(as_csv([replace(CROSSING, title=title)])), encoding="utf-8", newline="")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    (line,) = opened_in_spreadsheet(path)
    assert line == {**{name: getattr(CROSSING, name) for name in COLUMNS}, "title": title}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_array(count: int) -> None:
    assert len(orjson.loads("".join(as_json([CROSSING] * count)))) == count
