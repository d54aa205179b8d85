"""Looks for tags of a text that left no trace: neither as words, nor as an element of the result, nor in a note.

It knows nothing of what the mapping takes for markup. It counts what looks like a tag in the text and in the result, by
names, and every tag without attributes has to be found again. Those with attributes are no words that people type.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import unescape

from mappings.text.check import without_comments
from mappings.text.setting import Loss
from migrator.core.notes import NoteCode

_TOKEN = re.compile(r"<(/?)([A-Za-z][\w:.-]*+)\s*+(/?)>")
_ANY = re.compile(r"<(/?)([A-Za-z][\w:.-]*+)(?=[\s/>])")
_TIMES = re.compile(r"(<[^<>]*+>) \(x(\d+)\)")
# elements in which nothing can be seen; no line break begins one, so that each is looked at once
_BLANK = re.compile(
    r"<(?!br\b)([A-Za-z][A-Za-z0-9]*+)[^<>]*+>(?:[\s\xa0]|&nbsp;|&#160;|<br\s*+/?>)*+</\1\s*+>", re.IGNORECASE
)
_MOST_LEVELS = 5
# what editors lay around words, and what shows in the lines and cells of a result
_NEUTRAL = frozenset((
    "a", "body", "br", "col", "colgroup", "dd", "div", "dl", "dt", "font", "head", "html", "o:p", "p", "span", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr",
))  # fmt: skip
# what a result has for a name
_SHOWN_AS = {
    **dict.fromkeys(("b", "strong"), ("b", "strong")), **dict.fromkeys(("i", "em"), ("i", "em")),
    **dict.fromkeys(("u", "ins"), ("u",)), **dict.fromkeys(("code", "kbd", "samp", "tt"), ("code", "pre")),
    **dict.fromkeys(("ul", "ol", "menu"), ("ul", "ol")), "li": ("li",), "pre": ("pre",),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ("h4",)),
}  # fmt: skip
_IN_LINES = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "li", "menu", "ol", "pre", "ul"))
_HOLDING_ALL = frozenset((NoteCode.TABLE_FLATTENED, NoteCode.LIST_NUMBERS))


def traceless(
    value: str, html: str, shown: str, losses: Sequence[Loss], *, has_typed_entities: bool = False
) -> list[str]:
    """Return the tags without attributes that nothing holds, as written.

    Args:
        value: the text of the source.
        html: the result.
        shown: the words of the result.
        losses: all that the notes of the text hold.
        has_typed_entities: entities are words in it.
    """
    text = without_comments(value)
    written = [token for token in _TOKEN.finditer(text) if token[2].lower() not in _NEUTRAL]
    if not written:
        return []
    read = text if has_typed_entities else unescape(text)
    lost = Counter(_tokens(read)) - Counter(_tokens(shown)) - Counter(_noted(losses))
    if not lost:
        return []
    seen = Counter(token[2] for token in _ANY.finditer(html) if not token[1])
    opened = Counter(token[2].lower() for token in _ANY.finditer(text) if not token[1])
    is_flattened = any(loss.code == NoteCode.TABLE_FLATTENED for loss in losses)
    blank = _blank_ones(text)
    names: Counter[str] = Counter()
    for (name, closes), count in lost.items():
        if name in _NEUTRAL or (is_flattened and name in _IN_LINES):
            continue
        if closes:
            names[f"/{name}"] = max(count - opened[name], 0)
        else:
            names[name] = count - sum(seen[look] for look in _SHOWN_AS.get(name, ())) - blank[name]
    return list(_first_ones(written, names))


def _tokens(text: str) -> Iterable[tuple[str, bool]]:
    return ((token[2].lower(), token[1] == "/") for token in _TOKEN.finditer(text))


def _noted(losses: Sequence[Loss]) -> Iterable[tuple[str, bool]]:
    for loss in losses:
        if "<" in loss.original and loss.code not in _HOLDING_ALL:
            yield from _tokens(unescape(_TIMES.sub(lambda match: match[1] * int(match[2]), loss.original)))


def _blank_ones(text: str) -> Counter[str]:
    """Return how many elements of each name hold nothing but blanks, or elements like that."""
    found: Counter[str] = Counter()
    for _ in range(_MOST_LEVELS):
        names = [match[1].lower() for match in _BLANK.finditer(text)]
        if not names:
            break
        found.update(names)
        text = _BLANK.sub(" ", text)
    return found


def _first_ones(written: Iterable["re.Match[str]"], names: Counter[str]) -> Iterable[str]:
    for token in written:
        name = f"{token[1]}{token[2].lower()}"
        if names[name] > 0:
            names[name] -= 1
            yield token[0]
