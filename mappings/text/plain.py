"""Plain text as HTML: paragraphs, line breaks, indentation and the cells of pasted tables stay as people see them."""

import re
from collections.abc import Sequence

from mappings.text.wording import escaped

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INDENTED = re.compile(r"^(?: {2,}|\t)", re.MULTILINE)
_LEADING = re.compile(r"^[ \t]+")
_RUN = re.compile(r" {3,}")
_CODE = re.compile(
    r"""[{}\[\](),;]\s*$|^\s*(?:[-{}\[\]<@|#$>]|"[^"]*"\s*:|[\w.-]+\s*[:=]"""
    r"""|(?:Feature|Background|Scenario|Examples|Given|When|Then|And|But)\b)"""
)
_TAB = "\xa0" * 4


def with_line_ends(text: str) -> str:
    """Return the text with every kind of line end as one line feed."""
    return _LINE_ENDS.sub("\n", text)


def plain_to_html(text: str) -> str:
    """Return plain text as paragraphs; single line breaks stay."""
    return plain(text)[0]


def plain(text: str) -> tuple[str, bool]:
    """Return plain text as HTML, and whether the cells of a table became lines."""
    lines = with_line_ends(text).strip("\n")
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", lines)]
    shown = [_paragraph(part) for part in paragraphs if part.strip()]
    return "".join(html for html, _ in shown), any(is_table for _, is_table in shown)


def _paragraph(text: str) -> tuple[str, bool]:
    lines = text.split("\n")
    if _are_cells(lines):
        rows = [" | ".join(cell.strip() for cell in line.split("\t")) if "\t" in line else line for line in lines]
        return f"<p>{'<br>'.join(map(escaped, rows))}</p>", True
    if _INDENTED.search(text) and sum(map(_is_code, lines)) * 2 > len(lines):
        return f"<pre>{escaped(text)}</pre>", False
    return f"<p>{'<br>'.join(escaped(_with_blanks(line)) for line in lines)}</p>", False


def _is_code(line: str) -> bool:
    """Return whether a line could be one of JSON, YAML, Gherkin, XML, or of a program."""
    return _CODE.search(line) is not None


def _are_cells(lines: Sequence[str]) -> bool:
    """Return whether tabs part cells: in lines with equally many, or where no line begins with blanks."""
    counts = {line.count("\t") for line in lines}
    if len(lines) > 1 and len(counts) == 1 and counts != {0} and not all(line.startswith("\t") for line in lines):
        return True
    return any("\t" in line for line in lines) and not any(_LEADING.match(line) for line in lines)


def _with_blanks(line: str) -> str:
    """Return a line whose indentation HTML keeps, and whose columns stay apart."""
    line = _LEADING.sub(lambda match: match[0].replace("\t", _TAB).replace(" ", "\xa0"), line)
    return _RUN.sub(lambda match: "\xa0" * (len(match[0]) - 1) + " ", line)
