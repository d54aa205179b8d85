"""The short version of foreign texts: without a browser. ``python -m tests.torture.texts`` opens pages in one."""

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.hostile_texts import EVERY, HTML
from tests.torture.texts import PAGES, in_spreadsheet, on_terminal

STORED = sorted(name for name, text in EVERY.items() if text.encode(errors="ignore").decode() == text)


@pytest.mark.parametrize("name", EVERY)
def test_a_terminal_only_shows(name: str) -> None:
    assert list(on_terminal(EVERY[name])) == []


@pytest.mark.parametrize("name", STORED)
def test_a_spreadsheet_calculates_nothing(name: str, tmp_path: Path) -> None:
    assert list(in_spreadsheet(EVERY[name], tmp_path)) == []


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_has_no_element_out_of_a_text(kind: str) -> None:
    expected = {node.tag for node in LexborHTMLParser(PAGES[kind]("words")).css("*")}
    for name, text in HTML.items():
        page = LexborHTMLParser(PAGES[kind](text))
        found = [node for node in page.css("*") if node.tag not in expected | SAFE]
        handlers = [key for node in page.css("*") for key in node.attributes if key.startswith("on")]
        assert ([node.tag for node in found], handlers) == ([], []), name


SAFE = {"b", "code", "p", "br", "a", "ul", "li", "pre"}
"""What rich text may bring."""
