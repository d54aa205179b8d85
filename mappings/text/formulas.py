"""Formulas as one line: pages hold each several times, drawn for people, as MathML for programs, and as TeX."""

import re

from selectolax.lexbor import LexborNode

from migrator.core.text import TEXT

# KaTeX and MathJax put all copies of a formula into one of these
_RENDERED = re.compile(r"(?:^|\s)(?:katex|MathJax(?:_Display|_SVG|_CHTML)?)(?=\s|$)")
_OF_MATHJAX = "mjx-container"
_TEX = re.compile(r"\s*(?:application/x-tex|latex|tex)\s*", re.IGNORECASE)
_SOURCES = frozenset(("annotation", "annotation-xml"))
_SIGNS = {"mfrac": "/", "msup": "^", "msub": "_", "mover": "^", "munder": "_"}
_BOTH = frozenset(("msubsup", "munderover"))
_ONE_WORD = re.compile(r"\w*|\\?\S")


def formula_of(node: LexborNode) -> str:
    """Return the formula that an element is, or holds with its copies: its TeX if that is there, else its MathML in one
    line, ``(x+1)/2``. Empty for what is no formula."""
    name = node.tag or ""
    if name != "math":
        if name != _OF_MATHJAX and not _RENDERED.search(node.attributes.get("class") or ""):
            return ""
        math = node.css_first("math")
        return formula_of(math) if math else ""
    for source in node.css("annotation"):
        if _TEX.fullmatch(source.attributes.get("encoding") or "") and source.text().strip():
            return source.text().strip()
    return " ".join((node.attributes.get("alttext") or "").split()) or _line(node).strip()


def _line(node: LexborNode) -> str:
    if node.tag == TEXT:
        return " ".join((node.text_content or "").split())
    name = node.tag or ""
    parts = [_line(part) for part in node.iter(include_text=True) if part.tag not in _SOURCES]
    parts = [part for part in parts if part]
    if name in _SIGNS and len(parts) == 2:
        return _SIGNS[name].join(map(_grouped, parts))
    if name in _BOTH and len(parts) == 3:
        base, below, above = map(_grouped, parts)
        return f"{base}_{below}^{above}"
    inner = (" " if name == "mtr" else "; " if name == "mtable" else "").join(parts)
    return f"√{_grouped(inner)}" if name == "msqrt" else inner


def _grouped(part: str) -> str:
    return part if _ONE_WORD.fullmatch(part) else f"({part})"
