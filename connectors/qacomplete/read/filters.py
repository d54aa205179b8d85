"""Filter expressions for list reads (``qacomplete-api.md`` §3.3); pure.

Every condition stands in parentheses, because the precedence of AND and OR is not documented.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

DateStyle = Literal["iso", "us"]
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def equal(name: str, value: str | int | bool) -> str:
    """Return the condition that a field has this value."""
    return f"({_name(name)} = {_literal(value)})"


def contains(name: str, text: str) -> str:
    """Return the condition that a text field contains this text."""
    return f"({_name(name)} ~ {_literal(text)})"


def one_of(name: str, numbers: Iterable[int]) -> str:
    """Return the condition that a numeric field has one of these values; ``ValueError`` without any."""
    listed = ",".join(str(int(number)) for number in numbers)
    if not listed:
        raise ValueError("an empty list is no condition")
    return f"({_name(name)} in {{{listed}}})"


def since(name: str, moment: datetime, style: DateStyle = "iso") -> str:
    """Return the condition that a date field is not before this moment of the server's local time (§3.4), in one of
    the two spellings that a server may read (§3.3).

    ``ValueError`` for a moment with a zone: converting it is what makes an hour of the autumn disappear.
    """
    if moment.tzinfo is not None:
        raise ValueError("the server compares local times without a zone")
    text = moment.isoformat(timespec="seconds") if style == "iso" else moment.strftime("%m/%d/%Y %I:%M:%S %p")
    return f"({_name(name)} >= {_literal(text)})"


def all_of(*conditions: str) -> str:
    """Return the condition that all of these hold."""
    return _joined(" AND ", conditions)


def any_of(*conditions: str) -> str:
    """Return the condition that one of these holds."""
    return _joined(" OR ", conditions)


def negated(condition: str) -> str:
    """Return the opposite of a condition."""
    return f"(NOT {condition})"


def _joined(word: str, conditions: tuple[str, ...]) -> str:
    if not conditions:
        raise ValueError("nothing to join")
    return f"({word.join(conditions)})"


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no field name")
    return name


def _literal(value: str | int | bool) -> str:
    """Quote a text; a quote in it is doubled, as SQL Server wants it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
