"""Plain text as HTML: paragraphs, line breaks, indentation and the cells of pasted tables stay as people see them."""

import re
from collections.abc import Sequence
from enum import StrEnum

from mappings.text.wording import escaped

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INDENTED = re.compile(r"^(?: {2,}|\t)", re.MULTILINE)
_LEADING = re.compile(r"^[ \t]+")
_RUN = re.compile(r" {3,}")
_CODE = re.compile(
    r"""[{}\[\](),;]\s*$|^\s*(?:[-{}\[\]<@|#$>]|"[^"]*"\s*:|[\w.-]+\s*[:=]"""
    r"""|(?:Feature|Background|Scenario|Examples|Given|When|Then|And|But)\b)"""
)
_FRAME = re.compile(r"\s*(?:[{}\[\]<@#]|(?:Feature|Background|Scenario|Examples|Rule)\b)")
# a tab behind the sign of an item parts no cells
_ITEM = re.compile(r"^([ \t]*+(?:[-*•·]|\(?(?:\d{1,3}|[A-Za-z])[.)]))\t+", re.MULTILINE)
_EMPTY_LINES = re.compile(r"(\n(?:[ \t]*+\n)++)")
# empty lines part no code: neither blocks of it nor what stands between them
_RUNS = re.compile("[bf](?:l*+[bf])*+|.")
TAB = "\xa0" * 4
"""What a tab becomes that parts no cells."""


def with_line_ends(text: str) -> str:
    """Return the text with every kind of line end as one line feed."""
    return _LINE_ENDS.sub("\n", text)


def plain_to_html(text: str) -> str:
    """Return plain text as paragraphs; single line breaks stay."""
    return plain(text)[0]


def plain(text: str) -> tuple[str, bool]:
    """Return plain text as HTML, and whether the cells of a table became lines."""
    # paragraphs, and what parts them
    pieces = _EMPTY_LINES.split(_ITEM.sub(r"\1 ", with_line_ends(text).strip("\n")))
    kinds = "".join(map(_kind, pieces[::2]))
    shown: list[str] = []
    for run in _RUNS.finditer(kinds):
        first, last = 2 * run.start(), 2 * run.end() - 1
        if _Kind.BLOCK in run[0]:
            shown.append(f"<pre>{escaped(''.join(pieces[first:last]))}</pre>")
        else:
            shown += [_paragraph(part) for part in pieces[first:last:2] if part.strip()]
    return "".join(shown), _Kind.TABLE in kinds


class _Kind(StrEnum):
    """What a paragraph can be. ``FRAME``: of code as a block is; ``LINES``: of code or prose ("Note: …")."""

    BLOCK = "b"
    FRAME = "f"
    LINES = "l"
    TABLE = "t"
    PROSE = "p"


def _kind(paragraph: str) -> _Kind:
    lines = paragraph.split("\n")
    if _are_cells(lines):
        return _Kind.TABLE
    code = sum(map(_is_code, lines))
    if _INDENTED.search(paragraph) and code * 2 > len(lines):
        return _Kind.BLOCK
    if _FRAME.match(paragraph) and code == len(lines):
        return _Kind.FRAME
    return _Kind.LINES if code == len(lines) else _Kind.PROSE


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if _are_cells(lines):
        rows = [" | ".join(cell.strip() for cell in line.split("\t")) if "\t" in line else line for line in lines]
        return f"<p>{'<br>'.join(map(escaped, rows))}</p>"
    return f"<p>{'<br>'.join(escaped(with_blanks(line)) for line in lines)}</p>"


def begins_item(line: str) -> bool:
    """Return whether the beginning of a line, with the tab behind it, is only the sign of an item."""
    return _ITEM.fullmatch(line) is not None


def _is_code(line: str) -> bool:
    """Return whether a line could be one of JSON, YAML, Gherkin, XML, or of a program."""
    return _CODE.search(line) is not None


def _are_cells(lines: Sequence[str]) -> bool:
    """Return whether tabs part cells: in lines with equally many, or where no line begins with blanks."""
    if not any("\t" in line for line in lines):
        return False
    counts = {line.count("\t") for line in lines}
    if len(lines) > 1 and len(counts) == 1 and not all(line.startswith("\t") for line in lines):
        return True
    if not any(_LEADING.match(line) for line in lines):
        return True
    # the first cell of a later row may be empty
    return not _LEADING.match(lines[0]) and all("\t" in line and not line.startswith(" ") for line in lines)


def with_blanks(line: str) -> str:
    """Return a line whose indentation HTML keeps, and whose columns stay apart."""
    line = _LEADING.sub(lambda match: match[0].replace("\t", TAB).replace(" ", "\xa0"), line)
    return _RUN.sub(lambda match: "\xa0" * (len(match[0]) - 1) + " ", line)
