"""Colours and highlights that say something: QA Sphere keeps none, so one note per text names them with their words."""

import pytest

from mappings.text.check import Content, missing
from mappings.text.richtext import SafeHtml, to_html
from mappings.text.setting import Loss, Setting
from migrator.core.model import RichText
from migrator.core.notes import NoteCode


def colours(result: SafeHtml) -> list[Loss]:
    return [loss for loss in result.losses if loss.code == NoteCode.COLOUR_LOST]


@pytest.mark.parametrize(
    ("text", "original", "message"),
    [
        ('<p>Type <span style="color:red">x</span></p>', '<span style="color:red">x</span>', "red"),
        ('<p>a <font color="#C00000">b</font></p>', '<font color="#C00000">b</font>', "#c00000"),
        ("<p>a <FONT COLOR=red>b</FONT></p>", '<font color="red">b</font>', "red"),
        ("<p>a <mark>b</mark> c</p>", "<mark>b</mark>", "on yellow"),
        ('<p>a <mark class="pen-red">b</mark></p>', '<mark class="pen-red">b</mark>', "red"),
        ('<p>a<span class="ql-bg-yellow">b</span></p>', '<span class="ql-bg-yellow">b</span>', "on yellow"),
        ('<p style="COLOR: rgb(255, 0, 0)">b</p>', '<p style="COLOR: rgb(255, 0, 0)">b</p>', "#ff0000"),
        ('<p><b style="color:hsl(0, 100%, 50%);">b</b></p>', '<b style="color:hsl(0, 100%, 50%);">b</b>', "#ff0000"),
        ('<p style="background:#ff0">b</p>', '<p style="background:#ff0">b</p>', "on #ffff00"),
        ('<p style="color:#fff;background:red">b</p>', '<p style="color:#fff;background:red">b</p>', "#ffffff on red"),
        (
            "<p><span style='background:yellow;mso-highlight:yellow'>b</span></p>",
            '<span style="background:yellow;mso-highlight:yellow">b</span>',
            "on yellow",
        ),
    ],
)
def test_a_colour_is_named_with_its_words(text: str, original: str, message: str) -> None:
    assert colours(to_html(RichText(value=text))) == [Loss(NoteCode.COLOUR_LOST, original, message)]


@pytest.mark.parametrize(
    "style",
    [
        "color:black", "color:#000", "color:windowtext", "color:inherit", "color:#333333", "color:rgb(51, 51, 51)",
        "color:#172b4d", "color:var(--ds-text, #172B4D)", "color:hsl(0, 0%, 0%)", "color:initial", "color:",
        "background:white", "background-color:rgb(255, 255, 255)", "background-color:#f5f5f5", "background:transparent",
        "background:rgba(0, 0, 0, 0)", "background:none repeat scroll 0% 0% transparent", "font-size:12pt",
        "background:url(x.png) no-repeat", "color:#ff000000", "border-color:red", "color:var(--x)",
    ],
)  # fmt: skip
def test_colours_in_which_editors_write_everything_are_none(style: str) -> None:
    assert colours(to_html(RichText(value=f'<p><span style="{style}">a</span> b</p>'))) == []


def test_a_link_is_blue_without_saying_anything() -> None:
    text = '<p><a href="https://h.test/x" style="color:#0563c1"><span style="color:blue">a</span></a></p>'
    assert colours(to_html(RichText(value=text))) == []


def test_nothing_coloured_is_nothing() -> None:
    assert colours(to_html(RichText(value='<p>a <span style="color:red"> </span></p>'))) == []


def test_a_text_has_one_note_that_holds_each_coloured_word_once() -> None:
    text = (
        '<div style="color:red"><p>a <font color="blue">b</font></p></div><p>c <mark>d</mark></p>'
        '<p>e <span style="color:red">f</span></p>'
    )
    assert colours(to_html(RichText(value=text))) == [
        Loss(
            NoteCode.COLOUR_LOST,
            '<div style="color:red"><p>a <font color="blue">b</font></p></div>\n<mark>d</mark>\n'
            '<span style="color:red">f</span>',
            "red (x2), blue, on yellow",
        )
    ]


@pytest.mark.parametrize("keeps", [False, True])
def test_a_cell_says_something_by_its_ground_alone(keeps: bool) -> None:
    text = "<table><tr><td>Login</td><td bgcolor=green></td></tr></table>"
    found = colours(to_html(RichText(value=text), Setting(tables=keeps)))
    assert found == [Loss(NoteCode.COLOUR_LOST, '<td bgcolor="green"></td>', "on green")]


def test_words_that_are_missing_are_not_held_by_the_note_of_their_colour() -> None:
    held = Loss(NoteCode.COLOUR_LOST, '<b style="color:red">gone</b>', "red")
    found = missing(Content("here gone", "here gone"), "here", "here", [held], Setting())
    assert found == [Loss(NoteCode.CONTENT_MISSING, "gone", "words")]
