"""Words of a document with the looks that the elements around give them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from mappings.text.output import Looks, Output, Shown
from mappings.text.styles import KEPT, Look
from mappings.text.symbols import as_seen, told_of
from mappings.text.wording import hidden
from mappings.vocabulary import without_control
from migrator.core.notes import NoteCode

Lose = Callable[[NoteCode, str, str], None]
"""Notes a loss: code, original, message."""
CODE = "code"
"""How blanks count within ``pre``: as they are, there and in QA Sphere."""
_ALL_BLANKS = frozenset(("pre", "pre-wrap", "break-spaces"))
_AROUND_WORDS = {"~~": ("~~", "~~"), "q": ("“", "”")}
_ONE_WORD = re.compile(r"[-+]?\w*")
_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_LINES = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_RUN = re.compile("^ |(?<= ) |\t")
_TAB = "\xa0" * 4


@dataclass(frozen=True, slots=True)
class Around:
    """What the elements around do to words.

    Args:
        spaces: how blanks count.
        font: a symbol font.
        is_noted: a note holds all of it.
        case: the letters that are seen, for which there is a note.
    """

    looks: Looks = ()
    spaces: str = ""
    font: str = ""
    is_noted: bool = False
    case: str = ""

    def within(self, look: Look, node: LexborNode, lose: Lose) -> "Around":
        """Return what reaches into an element."""
        looks = tuple(shown for shown in self.looks if shown.name not in look.ends)
        for name in look.adds:
            is_there = any(shown.name == name for shown in looks)
            if name in KEPT and (name == node.tag or not is_there):
                looks += (Shown(name, f"<{name}>", f"</{name}>"),)
            elif name not in KEPT and not is_there:
                looks += (Shown(name, *_signs(name, node)),)
                lose(NoteCode.FORMATTING_LOST, node.html or "", f"is shown with {name}")
        spaces = self.spaces if look.spaces is None or self.spaces == CODE else look.spaces
        font = self.font if look.font is None else look.font
        if look.case and look.case != self.case and not self.is_noted:
            lose(NoteCode.FORMATTING_LOST, node.html or "", f"is shown as {look.case}")
        return Around(looks, spaces, font, self.is_noted, look.case or self.case)

    def as_code(self) -> "Around":
        """Return the same within ``pre``."""
        return replace(self, spaces=CODE)

    def typed(self) -> "Around":
        """Return the same where lines and blanks stay, but no ``pre`` stands."""
        return replace(self, spaces="pre-wrap")

    def noted(self) -> "Around":
        """Return the same where a note holds all of it."""
        return replace(self, is_noted=True)


def write_text(text: str, around: Around, out: Output, lose: Lose) -> None:
    """Write the text of a document where it stands."""
    if told := told_of(text, around.font):
        lose(NoteCode.FORMATTING_LOST, text, told)
    text = as_seen(text, around.font)
    keeps_lines = around.spaces in _ALL_BLANKS or around.spaces == "pre-line"
    lines = (_LINES if keeps_lines else _BREAKS).split(text) if text.strip() else [text]
    for number, line in enumerate(lines):
        if number:
            out.sign("<br>", around.looks)
        _write_line(without_control(line), around, out)


def _write_line(line: str, around: Around, out: Output) -> None:
    if around.spaces in _ALL_BLANKS:
        line = _RUN.sub(lambda match: _TAB if match[0] == "\t" else "\xa0", line)
    if line.strip():
        out.words(hidden(line), around.looks)
    elif line:
        out.blanks(hidden(line), around.looks)


def _signs(name: str, node: LexborNode) -> tuple[str, str]:
    """Return what stands before and behind words that are struck, quoted, raised or lowered."""
    if name in _AROUND_WORDS:
        return _AROUND_WORDS[name]
    return (name, "") if _ONE_WORD.fullmatch(node.text().strip()) else (f"{name}(", ")")
