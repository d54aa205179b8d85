"""Cells of several names, and of requirements with their addresses. Pure."""

import re

_SEVERAL = re.compile(r"[,;\n]")
# a title may hold brackets, an address parentheses, each once within the other
_MARKDOWN_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\(((?:[^()\s]|\([^()\s]*\))*)\)")


def parts_of(text: str) -> list[str]:
    """Return the names in a cell, each once; comma, semicolon or line break stand between them."""
    return list(dict.fromkeys(part.strip() for part in _SEVERAL.split(text) if part.strip()))


def requirements_in(text: str) -> list[tuple[str, str]]:
    """Return titles with addresses, empty for those without; QA Sphere's export writes both as a link of Markdown.
    What stands around links are titles, too, unless it is a sign such as that of a list."""
    links = list(_MARKDOWN_LINK.finditer(text))
    if not links:
        return [(part, "") for part in parts_of(text)]
    found: list[tuple[str, str]] = []
    end = 0
    for link in links:
        found += _named(text[end : link.start()])
        found.append((link[1].strip() or link[2], link[2]))
        end = link.end()
    return list(dict.fromkeys([*found, *_named(text[end:])]))


def _named(text: str) -> list[tuple[str, str]]:
    return [(part, "") for part in parts_of(text) if any(sign.isalnum() for sign in part)]
