"""Texts that take parsers ages: no element costs more than its own length. Nothing here measures a time; whatever is
not linear in these lengths does not come back."""

import pytest

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.text import visible_text

_DEEP = 5_000
HOSTILE = {
    "2 MB with 5,000 elements within each other": "<div style='font-weight:bold'>" * _DEEP
    + "word other " * 180_000
    + "</div>" * _DEEP,
    "tables within tables": "<table><tr><td>" * _DEEP + "word" + "</td></tr></table>" * _DEEP,
    "raised words within each other": "<sup>" * _DEEP + "word" + "</sup>" * _DEEP,
    "lists within lists": "<ol start=2><li>" * _DEEP + "word" + "</li></ol>" * _DEEP,
    "looks that never end": "".join(f"<font color=c{n}>" for n in range(_DEEP)) + "<p>word" * _DEEP,
    "tags that never end": "word" + "<a " * 100_000,
    "comments that never end": "word" + "<!--" * 80_000,
    "comments that never end, from an editor": "<p style='x:y'>word</p>" + "see <!-- x " * 60_000,
    "line breaks behind what shows nothing": "<p>word</p><section>x</section>" + "<br>" * 40_000,
    "declarations that never end": "word" + "<![CDATA[" * 100_000,
    "quotes that cross": "word" + "<a b=\"<a c='" * 40_000,
    "titles that never end": "word" + "<title<title" * 30_000,
    "style sheets that never end": "word" + "<style a=b>" * 30_000,
    "drawings that never end": "word" + "<svg a=b>" * 30_000,
    "empty lines before a block": "<b>word</b>" + "\n" * 30_000 + "end<p>word</p>",
    "lines without a line feed": "<b>word</b>" + "\u2028x" * 30_000 + "end<p>word</p>",
    "tabs before a block": "<b>word</b>" + "\t" * 60_000 + "end<p>word</p>",
    "code between empty lines": "{\n  word\n}\n\n" * 20_000,
    "attributes": f"<p {'a=b ' * 80_000}>word</p>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_that_take_parsers_ages_are_mapped(name: str) -> None:
    result = to_html(RichText(value=HOSTILE[name]))
    assert "word" in visible_text(result.html)
