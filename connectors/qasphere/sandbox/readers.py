"""Typed readers of what requests carry: whatever is not what it has to be is 400 (A-03)."""

import re
from collections.abc import Callable
from typing import Any

LONGEST_HTML = 1_000_000
_LARGEST = 2**63 - 1
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?![/?#])[^\x00-\x20\x7f<>\"\\^`{|}]+")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


class Refused(Exception):
    """The request is refused with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad(message: str) -> Refused:
    """Return a 400."""
    return Refused(400, message)


def text(value: Any, what: str, least: int, most: int) -> str:
    """Return the text; 400 when it is none, or too short or long, or holds what is no character."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise bad(f"{what} must be a text of {least} to {most} characters")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value if character > "\ud7ff"):
        raise bad(f"{what} must not contain U+0000 or half a surrogate pair")
    return value


def named(value: Any, what: str, most: int) -> str:
    """Return a title or name: a text that is not blank."""
    if not text(value, what, 1, most).strip():
        raise bad(f"{what} must not be blank")
    return str(value)


def integer(value: Any, what: str, least: int = 1) -> int:
    """Return a whole number; ``true`` is none."""
    if type(value) is not int or not least <= value <= _LARGEST:
        raise bad(f"{what} must be a whole number of at least {least}")
    return value


def boolean(value: Any, what: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise bad(f"{what} must be true or false")
    return value


def one_of(value: Any, what: str, allowed: tuple[str, ...]) -> str:
    """Return one of some words."""
    if not isinstance(value, str) or value not in allowed:
        raise bad(f"{what} must be one of {', '.join(allowed)}")
    return value


def address(value: Any, what: str, most: int = 255, schemes: tuple[str, ...] = ()) -> str:
    """Return an absolute URL with a host; of certain schemes, where they are named."""
    match = _ADDRESS.fullmatch(text(value, what, 1, most))
    if match is None or (schemes and match[1].lower() not in schemes):
        raise bad(f"{what} must be an absolute URL")
    return str(value)


def objects(value: Any, what: str, *, or_null: bool = False) -> list[dict[str, Any]]:
    """Return a list of objects; an empty one for null, where that is permitted."""
    if or_null and value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise bad(f"{what} must be a list of objects")
    return value


def texts(value: Any, what: str, read: Callable[[Any], str]) -> list[str]:
    """Return a list of texts, each as ``read`` returns it."""
    if not isinstance(value, list):
        raise bad(f"{what} must be a list")
    return [read(item) for item in value]


def links(value: Any, least: int = 1) -> list[dict[str, str]]:
    """Return links of text and address; none for null. ``least``: length of a text."""
    return [
        {"text": text(row.get("text"), "link text", least, 255), "url": address(row.get("url"), "link url")}
        for row in objects(value, "links", or_null=True)
    ]


def number(written: str, what: str) -> int:
    """Return the number that a parameter spells."""
    if not _NUMBER.fullmatch(written):
        raise bad(f"{what} must be a number")
    return int(written)
