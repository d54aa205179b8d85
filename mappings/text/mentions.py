"""Tags that a sentence speaks of (``starts with <div> and ends with </div>``), told by what stands around them."""

import re
from collections.abc import Sequence

from mappings.text.tags import Tag, without_blanks
from migrator.core.text import BLOCKS

_QUOTES = {'"': '"', "'": "'", "`": "`", "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"}  # fmt: skip
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_BLANKS = (" ", "\xa0")
_LINE_ENDS = ("", "\n", "\r", "\u2028")
_STOPS = tuple(".,;:!?)")
# how far a blank may be from the word before it
_NEAR = 40
_GAP = r"[ \xa0]{1,3}"
_ENUMERATED = re.compile(
    rf"[\"'`]?(?:[,;/]|{_GAP}(?:and|or|und|oder|et|ou|y|o)\b)(?:{_GAP}(?:and|or|und|oder))?{_GAP}[\"'`]?|[/|]"
)
# an editor makes them bold, and has a blank within
_LOOKS = frozenset(("b", "em", "i", "strong", "u"))
_MOST_WORDS = 3
_JOINING = frozenset((
    "a", "also", "and", "as", "auf", "avec", "before", "behind", "bis", "by", "closing", "con", "da", "et", "for",
    "from", "in", "into", "is", "it", "mit", "not", "o", "oder", "of", "on", "or", "ou", "the", "then", "to", "und",
    "von", "while", "with", "without", "y", "zu",
))  # fmt: skip
_BEFORE_QUOTES = ("", " ", "\xa0", "\n", "\r", "(", "[", ">", ",", ":", "=")


def is_quoted(text: str, start: int, end: int) -> bool:
    """Return whether a part of a text stands in quotes by itself, and not between others: ``"one"<br>"two"``."""
    closing = _QUOTES.get(text[max(start - 1, 0) : start])
    return (
        closing is not None
        and text[end : end + 1] == closing
        and text[max(start - 2, 0) : max(start - 1, 0)] in _BEFORE_QUOTES
        and not text[end + 1 : end + 2].isalnum()
    )


def are_words(text: str, tag: Tag) -> bool:
    """Return whether both tags of a pair are words: in quotes of their own, or apart from what is between them."""
    pair = tag.pair
    if pair is None:
        return False
    if any(is_quoted(text, one.start, one.end) for one in (tag, pair)):
        return True
    if text[max(tag.start - 1, 0) : tag.start] == "`" and text[pair.end : pair.end + 1] == "`":
        return True
    if tag.name in BLOCKS and is_quoted(text, tag.start, pair.end):
        return True
    return _stand_apart(text, tag, pair) and not _is_emphasis(text, tag, pair)


def is_blank_emphasis(text: str, tag: Tag) -> bool:
    """Return whether a pair stands as two words may, and is an editor's by the words in it: ``<b> save </b>``."""
    return tag.pair is not None and _stand_apart(text, tag, tag.pair) and _is_emphasis(text, tag, tag.pair)


def is_in_sentence(text: str, tag: Tag) -> bool:
    """Return whether an element stands in a sentence like a word: ``wrap it with <b></b>, or (<i></i>)``."""
    pair = tag.pair or tag
    if is_quoted(text, tag.start, pair.end):
        return True
    if text[max(tag.start - 1, 0) : tag.start] in _OPENING and text[pair.end : pair.end + 1] in _CLOSING:
        return True
    is_apart = _ends_apart(text, pair) or text[pair.end : pair.end + 1] in (*_CLOSING, *_QUOTES.values())
    return _has_word_before(text, tag) and is_apart


def is_named_break(text: str, tags: Sequence[Tag], number: int) -> bool:
    """Return whether a line break is a word of a sentence: in quotes, in brackets, in a list of tags, before a stop."""
    tag = tags[number]
    before, behind = text[max(tag.start - 1, 0) : tag.start], text[tag.end : tag.end + 1]
    if is_quoted(text, tag.start, tag.end) or (before == "(" and behind == ")"):
        return True
    has_word = _has_word_before(text, tag)
    if has_word and behind in _STOPS and text[tag.end + 1 : tag.end + 2] in (*_BLANKS, *_LINE_ENDS, "<"):
        return True
    if not (has_word or before in _LINE_ENDS):
        return False
    return (number > 0 and _enumerates(text, tags[number - 1], tag)) or (
        number + 1 < len(tags) and _enumerates(text, tag, tags[number + 1])
    )


def _stand_apart(text: str, tag: Tag, pair: Tag) -> bool:
    return not tag.attributes and _opens_apart(text, tag) and _closes_apart(text, pair) and _goes_on(text, tag, pair)


def _is_emphasis(text: str, tag: Tag, pair: Tag) -> bool:
    """Return whether a few words that end none of a sentence's parts stand between the tags of a look."""
    if tag.name not in _LOOKS or pair.start - tag.end > _NEAR:
        return False
    words = text[tag.end : pair.start].lower().split()
    return 0 < len(words) <= _MOST_WORDS and words[-1] not in _JOINING and all(map(str.isalnum, words))


def _enumerates(text: str, first: Tag, second: Tag) -> bool:
    """Return whether two tags follow each other as in a list of words: ``<br>, <hr> and <wbr>``."""
    if any(tag.closes or tag.pair for tag in (first, second)):
        return False
    return second.start - first.end < _NEAR and _ENUMERATED.fullmatch(text, first.end, second.start) is not None


def _opens_apart(text: str, tag: Tag) -> bool:
    behind = text[tag.end : tag.end + 1]
    if text[max(tag.start - 1, 0) : tag.start] in _LINE_ENDS:
        return behind in _STOPS and text[tag.end + 1 : tag.end + 2] in _BLANKS
    return _has_word_before(text, tag) and (behind in _BLANKS or behind in _STOPS)


def _closes_apart(text: str, tag: Tag) -> bool:
    return _has_word_before(text, tag) and _ends_apart(text, tag)


def _ends_apart(text: str, tag: Tag) -> bool:
    behind = text[tag.end : tag.end + 1]
    return behind in (*_BLANKS, *_LINE_ENDS, "<") or behind in _STOPS


def _goes_on(text: str, tag: Tag, pair: Tag) -> bool:
    """Return whether the sentence goes on between two tags; emphasis begins anew: ``<em> Copy </em>``."""
    first = text[tag.end : tag.end + _NEAR].lstrip(" \xa0")[:1]
    return first.islower() or first in (*_STOPS, "/") or text[max(tag.end, pair.start - 2) : pair.start].strip() == ":"


def _has_word_before(text: str, tag: Tag) -> bool:
    """Return whether a blank stands before a tag, and something of the same sentence before that."""
    before = text[max(tag.start - _NEAR, 0) : tag.start]
    word = without_blanks(before)
    if word == before:
        return False
    return word[-1:] not in (*_LINE_ENDS, ">") or (word[-1:] == ">" and tag.before is not None and tag.before.typed)
