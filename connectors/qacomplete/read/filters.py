"""Filter expressions for list reads (``qacomplete-api.md`` §3.3); pure.

A condition stands in parentheses, because the precedence of AND and OR is not documented.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

DateStyle = Literal["iso", "us"]


def one_of(name: str, numbers: Iterable[int]) -> str:
    """Return the condition that a numeric field has one of these values; ``ValueError`` without any."""
    listed = ",".join(str(int(number)) for number in numbers)
    if not listed:
        raise ValueError("an empty list is no condition")
    return f"({name} in {{{listed}}})"


def since(name: str, moment: datetime, style: DateStyle = "iso") -> str:
    """Return the condition that a date field is not before this moment of the server's local time (§3.4), in one of
    the two spellings that a server may read (§3.3).

    ``ValueError`` for a moment with a zone: converting it is what makes an hour of the autumn disappear.
    """
    if moment.tzinfo is not None:
        raise ValueError("the server compares local times without a zone")
    text = moment.isoformat(timespec="seconds") if style == "iso" else moment.strftime("%m/%d/%Y %I:%M:%S %p")
    return f"({name} >= '{text}')"
