"""Numbers of lists as editors and browsers show them, and what is too little for a note."""

import pytest

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from migrator.core.text import visible_text


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("<ol><li type=a>x</li><li type=a>y</li></ol>", "a. x b. y"),
        ("<ol type=I><li>x</li></ol>", "I. x"),
        ("<style>p {x: y} OL, ul.x { list-style-type: lower-alpha }</style><ol><li>x</li><li>y</li></ol>", "a. x b. y"),
        ("<style>li {list-style: upper-roman inside}</style><ol type=a><li>x</li></ol>", "I. x"),
        ("<style>ol {list-style: upper-roman}</style><ol style='list-style: lower-alpha'><li>x</li></ol>", "a. x"),
        ("<ol><li>a</li><li class='ql-indent-1'>x</li><li class='ql-indent-1'>y</li><li>b</li></ol>",
         "1. a a. x b. y 2. b"),
        ("<ol><li data-list='ordered'>a</li><li data-list='bullet' class='ql-indent-1'>x</li>"
         "<li data-list='ordered'>b</li></ol>", "1. a x 2. b"),
        ("<ol><li class='ql-indent-2'>x</li><li class='ql-indent-1'>y</li><li class='ql-indent-2'>z</li></ol>",
         "i. x a. y i. z"),
    ],
)  # fmt: skip
def test_items_have_the_numbers_that_people_saw(value: str, seen: str) -> None:
    result = to_html(RichText(value=value))
    assert visible_text(result.html) == seen
    assert NoteCode.LIST_NUMBERS in [loss.code for loss in result.losses]


@pytest.mark.parametrize(
    "value",
    [
        "<ul><li class='ql-indent-1'>x</li></ul>",
        "<ol><li type=disc>x</li></ol>",
        "<p>a&nbsp;</p><ol><li data-list='bullet'>x</li></ol>",
        "<!DOCTYPE html><html><head><title></title></head><body style='x:y'><p>a</p></body></html>",
        "<p>a&nbsp;<img src='https://h.test/my%20shot.png' title='my shot.png'></p>",
    ],
)
def test_what_changes_nothing_is_not_noted(value: str) -> None:
    codes = {loss.code for loss in to_html(RichText(value=value)).losses} - {NoteCode.IMAGE_LINKED}
    assert codes == set()
