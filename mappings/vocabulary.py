"""Small decisions about values: tables without regard to case, clean single lines, cutting."""

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS = re.compile("[\t\r\n]+")
ELLIPSIS = "…"
_AS_PICTURE = "\ufe0f"


def folded(text: str) -> str:
    """Return a text as tables compare it: without case, outer blanks, and whether a symbol is drawn as a picture."""
    return text.replace(_AS_PICTURE, "").strip().casefold()


def looked_up(value: str, table: Mapping[str, T]) -> T | None:
    """Return the entry whose key equals the value as ``folded``."""
    wanted = folded(value)
    return next((entry for key, entry in table.items() if folded(key) == wanted), None)


def without_control(text: str) -> str:
    """Return the text without characters that JSON and HTML cannot carry; tabs and line breaks stay."""
    return text if text.isprintable() else _CONTROL.sub("", text)


def address_in(written: str | None) -> str:
    """Return the address that an attribute holds, as browsers read it: they leave out the ends of lines in it."""
    return _LINE_ENDS.sub("", written or "").strip()


def scheme_of(address: str) -> str:
    """Return the scheme of an address in lower case; empty without one."""
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return "unreadable"


def host_of(address: str) -> str:
    """Return the address of the host that an address leads to; empty when it leads to none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme and parts.netloc else ""


def host_name(address: str) -> str:
    """Return the host that an address leads to, in lower case and without a port; empty when it leads to none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def single_line(text: str) -> str:
    """Return the text on one line, blanks and control characters as single spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, the last an ellipsis; never cut between a letter and its accent."""
    if len(text) <= limit:
        return text
    end = limit - len(ELLIPSIS)
    while end > 0 and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS
