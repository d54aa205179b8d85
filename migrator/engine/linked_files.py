"""The files that a text of a run or a result leads to, and how it reads without some of them. Pure."""

import html
from collections.abc import Container, Mapping
from itertools import takewhile
from typing import TypeVar

from migrator.core.derived import pages_line, without_pages
from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.text import symbols_in, visible_text, with_links_replaced

D = TypeVar("D", RunDraft, ResultDraft)
WORDS = " is not in QA Sphere, because its file could not be stored there. It stays in the archive of the migration."
"""Follow the text of the link. With the link's own they take less room than its longest address."""
_WHOLE = "#text-"
_STAYS = " (this file could not be stored in QA Sphere)"
_WEB = ("http://", "https://")
_NOWHERE: Mapping[str, str] = {}


def files_of(draft: RunDraft | ResultDraft) -> list[str]:
    """Return the markers of the files that the text leads to, each once."""
    return list(dict.fromkeys(marker for kind, marker in symbols_in(_text(draft)) if kind == "file"))


def with_links_to(files: Container[str], draft: D, addresses: Mapping[str, str] = _NOWHERE) -> D:
    """Return the draft with words in place of the links to all other files.

    Args:
        files: what may be linked, by marker.
        draft: as it is wished.
        addresses: where others are at the source, as far as anybody knows.
    """

    def instead(marker: str, words: str) -> str | None:
        if marker in files:
            return None
        if _WHOLE in marker:
            return words + WORDS
        address = html.escape(addresses.get(marker, ""))
        if address.startswith(_WEB):
            return f'<a href="{address}">{words}</a>{_STAYS}'
        return f"{words} ({address}){_STAYS}" if address else words + _STAYS

    return draft.model_copy(update={field_of(draft): with_links_replaced(_text(draft), instead)})


def as_seen(draft: D, seen: str) -> D:
    """Return the draft as it was written, by the text (HTML) that QA Sphere gives back; files may have come since."""
    words = visible_text(seen)
    if isinstance(draft, RunDraft) and visible_text(pages_line(draft.description)) not in words:
        # earlier versions did not lead to pages
        draft = draft.model_copy(update={"description": without_pages(draft.description)})
    linked = files_of(draft)
    for marker in files_of(draft):
        without = [other for other in linked if other != marker]
        if _agreeing(words, with_links_to(without, draft)) > _agreeing(words, with_links_to(linked, draft)):
            linked = without
    return with_links_to(linked, draft)


def _agreeing(words: str, draft: RunDraft | ResultDraft) -> int:
    """Return how far the visible words of a draft are these, from the beginning."""
    pairs = zip(words, visible_text(_text(draft)), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _text(draft: RunDraft | ResultDraft) -> str:
    return draft.description if isinstance(draft, RunDraft) else draft.comment


def field_of(draft: RunDraft | ResultDraft) -> str:
    """Return the name of the field that holds the text."""
    return "description" if isinstance(draft, RunDraft) else "comment"
