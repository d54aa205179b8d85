"""Markers that stand in texts: the last line of a result's comment, of a run's description."""

import html
import re

from migrator.core.base import digest_of
from migrator.core.refs import MARKER_LABEL
from migrator.core.text import visible_text

_ROOM = 255 - len("@12345678")
_DIGITS = 16
_STATED = re.compile(re.escape(MARKER_LABEL) + r"(\S+@\S+:\S+)")


def marker_line(marker: str) -> str:
    """Return the paragraph that states a marker."""
    return f"<p>{MARKER_LABEL}{html.escape(marker, quote=False)}</p>"


def stated_marker(text: str) -> str:
    """Return the marker that HTML states last, or an empty text; an earlier one may be the source's own words."""
    found = _STATED.findall(visible_text(text))
    return found[-1] if found else ""


def variant(marker: str, suffix: str) -> str:
    """Return the marker of another edition of an item: ``MARKER@SUFFIX``; ``suffix`` has at most 8 characters.

    Ids in a marker are percent-encoded, so no other item's marker begins like this. ``variant(marker, "")`` is what all
    editions of an item begin with.
    """
    if len(marker) > _ROOM:
        marker = f"{marker[: _ROOM - _DIGITS - 1]}~{digest_of(marker)[:_DIGITS]}"
    return f"{marker}@{suffix}"


def with_source_id(title: str, marker: str, limit: int) -> str:
    """Return a title with the source id behind it, within the limit: what makes it unique never depends on order."""
    suffix = f" [#{marker.rpartition('/')[2]}]"
    return title[: limit - len(suffix)].rstrip() + suffix
