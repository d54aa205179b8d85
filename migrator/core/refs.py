"""Where an item came from, and the marker that carries this into QA Sphere."""

import hashlib
import html
import re
from functools import lru_cache
from urllib.parse import quote

from migrator.core.base import Frozen, digest_of
from migrator.core.text import visible_text

PAGE_CASE = "page_case"
"""The kind of a case that lists pages, and that other cases lead to."""
EXPORT = "export"
"""The kind of a file that the source makes anew of an item; the last id tells one edition from another."""
UNREAD = "unread"
"""The last id of what stands for a list of an item that could not be read, so that there is a place for a note."""
MARKER_LABEL = "Source: "
"""Stands before the marker in the text of a link."""

MARKER_LIMIT = 255 - len(MARKER_LABEL)
"""A custom-field value and a link text hold at most 255 characters (QA Sphere); the link text carries the label too."""


PREFIX = "qasphere-receipt-"
"""What the names of receipts begin with, in any case; sources leave such files out of everything that they read."""

_LONGEST_READ, _SHORT = 12, 8
_ID = re.compile(r"#([0-9A-Za-z-]+)")
_ROOM = 255 - len("@12345678")
_DIGITS = 16
_STATED = re.compile(re.escape(MARKER_LABEL) + r"(\S+@\S+:\S+)")


class Ref(Frozen):
    """The address of one source item: connector, instance, the vendor's kind, and its ids from outer to inner."""

    connector: str
    instance: str
    kind: str
    ids: tuple[str, ...]

    @property
    def marker(self) -> str:
        """The marker, e.g. ``qacomplete@acme:test:12/345``; never longer than ``MARKER_LIMIT``.

        When the ids are too long together, the last ones give way to a 16-digit SHA-256 prefix of the whole path,
        so that the marker stays unique and can be computed again.
        """
        return _marker(marker_prefix(self.connector, self.instance), self.kind, self.ids)

    @property
    def is_shortened(self) -> bool:
        """Whether the marker had to drop ids; plans note this."""
        head = f"{marker_prefix(self.connector, self.instance)}{self.kind}:"
        return self.marker != head + "/".join(quote(part, safe="") for part in self.ids)


@lru_cache(maxsize=8192)  # a run is named by each of its results, and each of them several times on its way
def _marker(prefix: str, kind: str, ids: tuple[str, ...]) -> str:
    head = f"{prefix}{kind}:"
    parts = [quote(part, safe="") for part in ids]
    full = head + "/".join(parts)
    if len(full) <= MARKER_LIMIT:
        return full
    short = hashlib.sha256(full.encode()).hexdigest()[:16]
    kept: list[str] = []
    for part in parts:
        if len(head) + len("/".join([*kept, part, short])) > MARKER_LIMIT:
            break
        kept.append(part)
    return head + "/".join([*kept, short])


@lru_cache(maxsize=64)
def marker_prefix(connector: str, instance: str) -> str:
    """Return what every marker of one source begins with; ``instance`` is percent-encoded."""
    return f"{connector}@{quote(instance, safe='')}:"


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


def edited_item(marker: str) -> str:
    """Return the marker of the item of which this is another edition; of a marker that was cut, or is none, the marker
    itself."""
    item, _, suffix = marker.rpartition("@")
    return item if ":" in item and ":" not in suffix else marker


def editions_of(marker: str) -> str:
    """Return what the markers of all editions of a file begin with that is made anew; empty for every other file."""
    _, _, path = marker.partition(":")
    return f"{marker.rpartition('/')[0]}/" if path.startswith(f"{EXPORT}:") else ""


def lists_pages(marker: str) -> bool:
    """Whether it is the marker of a case that lists pages."""
    return f":{PAGE_CASE}:" in marker


def short_id(ident: str) -> str:
    """Return what people tell an item by: the beginning of an id that is too long to be read."""
    return ident if len(ident) <= _LONGEST_READ else ident[:_SHORT]


def with_short_ids(title: str) -> str:
    """Return a title with the ids in it as ``short_id`` has them; earlier versions wrote them whole."""
    return _ID.sub(lambda found: "#" + short_id(found[1]), title)


def with_source_id(title: str, marker: str, limit: int) -> str:
    """Return a title with the source id behind it, within the limit: what makes it unique never depends on order."""
    suffix = f" [#{marker.rpartition('/')[2]}]"
    return title[: limit - len(suffix)].rstrip() + suffix
