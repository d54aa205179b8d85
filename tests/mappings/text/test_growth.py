"""What a text costs grows with its length, not with its square, whatever it repeats: calls are counted, never time."""

import sys
from typing import SupportsIndex

import pytest

from mappings.text.markup import marked
from mappings.text.richtext import to_html
from migrator.core.model import RichText

SHORT, TIMES = 6_000, 4
REPEATED = {
    "a\n\n\n": "{}", "a\tb\tc\n": "{}", "\t": "a{}b", "&lt;": "{}", "&amp; x ": "<p>{}</p>",
    "<!-- x -->": "<p>x</p>{}", "see <!-- x ": "<p>{}</p>", "<a href='https://h.test/x'>link</a> ": "<p>{}</p>",
    "<s>ab</s> ": "<p>{}</p>", "x<sup>2</sup> ": "<p>{}</p>", "<p>word word</p>": "{}", "a<br>": "<p>{}</p>",
    "<li>a</li>": "<ol start=3>{}</ol>", "<tr><td>a</td><td>b</td></tr>": "<table>{}</table>",
    "<tr><td rowspan=2>a</td></tr>": "<table>{}</table>", "a < b ": "{}", "press <Enter> ": "<p>{}</p>",
    "<span style='color:red'>a</span> ": "<p>{}</p>", "<mark>a</mark>": "<p style='x:y'>{}</p>",
    "type <span style='font-size:9px'>a</span> now ": "<p>{}</p>", "<font face=Wingdings>\xfc</font>": "<p>{}</p>",
    "<img src='https://h.test/a.png'>": "<p>{}</p>", "Enter <b>x</b> and ": "{}", "<b></b> ": "<p>Use {}</p>",
    "<math xmlns='m'><mi>x</mi></math> ": "<p>{}</p>", "<span class='katex'>a</span>": "<p>{}</p>",
    "<section>a</section>": "<p>{}</p>", "</b>": "<p>a{}</p>", "<title>": "<p>a{}</p>", "<td>": "<p>a{}</p>",
}  # fmt: skip


def calls(text: str) -> int:
    """Return how many functions are called for a text."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        to_html(RichText(value=text))
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("repeated", REPEATED)
def test_four_times_the_text_costs_four_times_the_calls(repeated: str) -> None:
    pieces = SHORT // len(repeated)
    short, long = (REPEATED[repeated].format(repeated * number) for number in (pieces, pieces * TIMES))
    to_html(RichText(value=short))  # what is kept for later is there
    assert calls(long) < calls(short) * TIMES * 1.3 + 500


class Copied(str):  # noqa: SLOT000 - it has to count
    """A text that counts how much of it is copied."""

    signs = 0

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        part = super().__getitem__(key)
        self.signs += len(part)
        return part


@pytest.mark.parametrize("repeated", REPEATED)
def test_reading_the_markup_copies_a_text_a_few_times_at_most(repeated: str) -> None:
    text = Copied(REPEATED[repeated].format(repeated * (SHORT * TIMES // len(repeated))))
    marked(text)
    assert text.signs < 100 * len(text)


@pytest.mark.parametrize(
    "begin", ["<font face=Wingdings>", "<div style='color:red'>", "<b style='x:y'>", "<table><tr><td>"]
)
def test_elements_within_each_other_cost_what_they_are_long(begin: str) -> None:
    name = begin[1:].partition(" ")[0].rstrip(">")
    end = "</td></tr></table>" if name.startswith("table") else f"</{name}>"
    short, long = (begin * number + "\xfc" + end * number for number in (300, 300 * TIMES))
    to_html(RichText(value=short))
    assert calls(long) < calls(short) * TIMES * 1.3 + 500
