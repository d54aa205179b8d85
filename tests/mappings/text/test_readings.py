"""What stands in attributes, in tables that programs copy, and in an office program's own marks."""

import re

import pytest

from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.text import visible_text


@pytest.mark.parametrize(
    ("value", "shown", "notes"),
    [
        ("<p><abbr title='Point of Sale'>POS</abbr> on</p>", "POS (Point of Sale) on", []),
        ("<p><abbr title='POS'>POS</abbr> on</p>", "POS on", []),
        ("<p><i class='fa' title='Passed'></i> a</p>", "a", [("hidden_text", "Passed")]),
        ("<p><span aria-label='warning'>!</span></p>", "!", [("hidden_text", "warning")]),
        *((f"<{name} title='Note'>a</{name}>", "a", [("hidden_text", "Note")]) for name in ("p", "div", "u", "h2")),
        *((f"<p>b <{name} title='Note'>a</{name}></p>", "b a", [("hidden_text", "Note")]) for name in ("font", "kbd")),
        ("<ul><li title='Note'>a</li></ul>", "a", [("hidden_text", "Note")]),
        ("<p style='x:y'><dfn title='Point of Sale'>POS</dfn> on</p>", "POS (Point of Sale) on", []),
        ("<p style='x:y'><label title='Note'>a</label></p>", "a", [("hidden_text", "Note")]),
        ("<p><a href='https://h.test' title='https://h.test'>l</a></p>", "l", []),
        ("<p><a href='https://h.test' title='more'>l</a></p>", "l", [("hidden_text", "more")]),
        ("<p><u style='text-decoration:none'>a</u> <s style='text-decoration: none'>b</s></p>", "a b", []),
        ("<p><!--[if !supportLists]--><span style='x:y'>1.</span><!--[endif]--> a</p>", "1. a", []),
        ("<!--[if !mso]><!-->a<!--<![endif]--><p>b</p>", "a b", []),
    ],
)
def test_words_of_attributes_and_marks_of_programs(value: str, shown: str, notes: list[tuple[str, str]]) -> None:
    result = to_html(RichText(value=value))
    assert visible_text(result.html) == shown
    assert [(loss.code.value, loss.original) for loss in result.losses] == notes


_SHEET = "<table data-sheets-root='1'><colgroup><col><col></colgroup><tr><td>a</td><td>b</td></tr></table>"


@pytest.mark.parametrize(
    "value",
    [
        _SHEET,
        f"<google-sheets-html-origin>{_SHEET}</google-sheets-html-origin>",
        f"<google-sheets-html-origin><style>td {{x: y}}</style>{_SHEET}",
    ],
)
def test_a_table_that_a_browser_copied_leaves_no_tags(value: str) -> None:
    result = to_html(RichText(value=value))
    assert visible_text(result.html) == "a | b"
    assert "markup_assumed" not in {loss.code for loss in result.losses}


def test_words_of_a_table_outside_of_its_cells_stay_apart() -> None:
    assert visible_text(to_html(RichText(value="<table>one<tr>two<td>three</td></tr></table>")).html) == "one two three"


def test_a_row_may_have_an_empty_first_cell() -> None:
    value = "Step\tExpected\nOpen\tShown\n\tmore\tx"
    assert to_html(RichText(value=value)).html == "<p>Step | Expected<br>Open | Shown<br> | more | x</p>"
    assert " | " not in to_html(RichText(value="if x:\n\treturn\t1")).html


@pytest.mark.parametrize(
    "value",
    [
        "<svg width='10'><text>one</text><title>two</title></svg><p>x</p>",
        "<p>Enter <img/src=x onerror=go()> here</p>",
        "<p>Enter <ol start='3' onclick='go()'> here</p>",
        "<p>" + "".join(f"<a href='/x/{number}'>y</a> " for number in range(3000)) + "</p>",
        "a\n<div id='x'>" * 3000 + "</div>" * 3000,
    ],
)
def test_nothing_is_missing(value: str) -> None:
    assert "content_missing" not in {loss.code for loss in to_html(RichText(value=value)).losses}


_HEADED = "<table><tr><th>Role</th><th>Page</th><th>May</th></tr>{}</table>"


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("<tr><td rowspan=2>Admin</td><td>Users</td><td>yes</td></tr><tr><td>Logs</td><td>no</td></tr>",
         ["Admin | Users | yes", "| Logs | no"]),
        ("<tr><td>a</td><td rowspan='2'>b</td><td>c</td></tr><tr><td>d</td><td>e</td></tr><tr><td>f</td></tr>",
         ["a | b | c", "d | | e", "f"]),
        ("<tr><td colspan=2>a</td><td>b</td></tr><tr><td>c</td></tr>", ["a | | b", "c"]),
        ("<tr><td rowspan=0 colspan=2>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr>",
         ["a | | b", "| | c", "| | d"]),
        ("<tr><td colspan=99999>a</td></tr><tr><td rowspan=x>b</td><td>c</td></tr>", ["a", "b | c"]),
        ("<tr><td>a<table><tr><td rowspan=2>1</td><td>2</td></tr><tr><td>3</td></tr></table></td><td>b</td></tr>",
         ["a", "1 | 2", "| 3 | b"]),
    ],
)  # fmt: skip
def test_cells_stay_under_their_heading(rows: str, lines: list[str]) -> None:
    html = to_html(RichText(value=_HEADED.format(rows))).html
    found = [" ".join(re.sub("<[^<>]*>", "", line).split()) for line in re.split("<br>|</p>", html)]
    assert found == ["Role | Page | May", *lines, ""]


def test_a_table_that_is_kept_has_cells_where_others_reach_in() -> None:
    rows = "<tr><td rowspan=2>a</td><td>b</td><td>c</td></tr><tr><td>d</td><td>e</td></tr>"
    html = to_html(RichText(value=_HEADED.format(rows)), Setting(tables=True)).html
    assert "<tr><td></td><td>d</td><td>e</td></tr>" in html


def test_a_table_cannot_claim_millions_of_cells() -> None:
    row = "<td colspan=9999 rowspan=9999>a</td>" * 50
    html = to_html(RichText(value=f"<table><tr>{row}</tr>{'<tr><td>b</td></tr>' * 500}</table>")).html
    assert len(html) < 200_000


@pytest.mark.parametrize(
    ("value", "html"),
    [
        ("<p><b>a <span style='font: 12px Arial'>b</span></b></p>", "<p><b>a </b>b</p>"),
        ("<p><i>a <span style='font: bold 12px Arial'>b</span></i></p>", "<p><i>a </i><b>b</b></p>"),
        ("<p><b>a <span style='font: inherit'>b</span></b></p>", "<p><b>a b</b></p>"),
        ("<p><span style='font-weight:bold;font: 12px Arial'>a</span></p>", "<p>a</p>"),
        ("<p><span style='font: 12px Arial;font-weight:bold'>a</span></p>", "<p><b>a</b></p>"),
    ],
)
def test_the_short_form_of_a_font_resets_what_it_does_not_name(value: str, html: str) -> None:
    assert to_html(RichText(value=value)).html == html
