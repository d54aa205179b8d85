"""Whether an editor wrote a field. Where nothing proves it, a tag that is read as formatting may have been typed."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import IntEnum, StrEnum
from html import unescape

from mappings.text.breaks import DECLARED
from mappings.text.elements import OFFICE, RAW, UNCLOSED, VOID, is_element
from mappings.text.tags import Comment, Tag

ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
"""What editors write for signs, and people rarely."""
OF_XML = frozenset(("&amp;", "&lt;", "&gt;", "&quot;", "&apos;"))
"""Entities that people type, too: in XML, and where a sentence is about them."""
PROLOGUE = re.compile(r"\s*(?:<\?xml\b[^<>]*>\s*)?(?:<!doctype\b[^<>]*>)?", re.IGNORECASE)
"""What stands before a page. Matches every text."""
EMPTY = re.compile(r"(?:\s*<p>\s*</p>)+\s*", re.IGNORECASE)
"""What editors save where nobody wrote anything."""
# classes and ids stand in the sources of pages that people quote as well
_LOOKS = re.compile(
    r"""(?:^|\s)(?:(?:style|face|size|align|valign|bgcolor|border|lang|dir)\s*=|class\s*=\s*["']?mso|color\s*=\s*["']?\#)"""
)
_NAME_IN_SIGNS = re.compile(r"&lt;/?([A-Za-z][\w-]*)")
_ENDS_IN_WORDS = re.compile(r"[^\s>][ \t]*[\r\n]")
_BEFORE_WORDS = tuple(" \t\xa0\"'`([{")
_ENDS_LINE = re.compile(r"[ \t]*(?:[\r\n]|$)")


class Evidence(IntEnum):
    """How much says that an editor wrote a field. ``ENCLOSED``: all its words stand in elements, as those of a source
    that somebody quotes may; ``SURE``: it has what people do not type."""

    NONE = 0
    ENCLOSED = 1
    SURE = 2


class Entities(StrEnum):
    """Who wrote the entities of a text. ``EDITED``: an editor, or there are none. ``DOUBTFUL``: perhaps a person did:
    beside them stands what editors escape, too, or words end in lines as no editor leaves them. ``TYPED``: those of XML
    are words, since the field quotes XML, or tells how something is escaped."""

    EDITED = "edited"
    DOUBTFUL = "doubtful"
    TYPED = "typed"


def entities_in(text: str) -> list[str]:
    """Return the entities of a text that stand for something, in order."""
    return [match[0] for match in ENTITY.finditer(text) if unescape(match[0]) != match[0]]


def doubtful_ones(texts: Iterable[str], entities: Entities, evidence: Evidence = Evidence.NONE) -> list[str]:
    """Return the entities in words that are read as signs although somebody may have typed them. Those that are none of
    XML people type where they tell of them, and not within elements."""
    if entities == Entities.EDITED or evidence == Evidence.SURE:
        return []
    found = [entity for text in texts for entity in entities_in(text)]
    if entities == Entities.TYPED:
        return [entity for entity in found if entity not in OF_XML]
    return [entity for entity in found if not evidence or entity in OF_XML]


def with_typed_entities(text: str) -> str:
    """Return text for a parser that shows the entities of XML in it as they are written."""
    return ENTITY.sub(lambda match: f"&amp;{match[0][1:]}" if match[0] in OF_XML else match[0], text)


def entities_of_words(text: str) -> Entities:
    """Return who wrote the entities of text without tags. Who escapes by hand may leave ``->`` as it is, but no other
    sign."""
    signs = _raw_signs(text)
    return Entities.TYPED if signs & {"<", "&"} else Entities.DOUBTFUL if signs else Entities.EDITED


def _raw_signs(words: str) -> set[str]:
    """Return the signs in words that an editor would have escaped."""
    return {"<", ">", "&"} & {*ENTITY.sub("", words)}


def evidence_of(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> tuple[Evidence, Entities]:
    """Return what says that an editor wrote a field, and whether its entities do: for sure do entities in words where
    all signs are escaped, looks in attributes, and nothing but paragraphs without words."""
    entities = entities_in(text)
    if (
        any(comment.silent for comment in comments)
        or DECLARED.search(text)
        or EMPTY.fullmatch(text)
        or any(tag.name in OFFICE or has_looks(tag) for tag in tags)
    ):
        return Evidence.SURE, Entities.EDITED
    evidence = Evidence.ENCLOSED if _are_words_enclosed(text, tags, comments) else Evidence.NONE
    if not entities:
        return evidence, Entities.EDITED
    if not evidence and _quotes_markup(text, tags):
        return evidence, Entities.TYPED
    are_lines_typed = not evidence and OF_XML.issuperset(entities) and _ENDS_IN_WORDS.search(text)
    if are_lines_typed or _has_raw_signs(text, tags, comments):
        return evidence, Entities.DOUBTFUL
    return Evidence.SURE, Entities.EDITED


def _quotes_markup(text: str, tags: Sequence[Tag]) -> bool:
    """Return whether a text holds elements that are none of HTML, or a tag whose name stands escaped as well."""
    escaped = {name.lower() for name in _NAME_IN_SIGNS.findall(text)}
    return any(tag.name in escaped or (tag.pair and not is_element(tag.name, tag.attributes)) for tag in tags)


def _has_raw_signs(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> bool:
    """Return whether a text holds what an editor would have escaped: signs, or tags that are none of HTML."""
    has_unknown = any(not is_element(tag.name, tag.attributes) for tag in tags)
    return has_unknown or any(map(_raw_signs, words_of(text, tags, comments)))


def words_of(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> Iterator[str]:
    """Yield what stands between tags, but for what is for programs."""
    pieces: list[Tag | Comment] = sorted([*tags, *comments], key=lambda piece: piece.start)
    prologue = PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    for piece in pieces:
        if piece.start > at:
            yield text[at : piece.start]
        at = max(at, piece.end)
        if isinstance(piece, Tag) and piece.name in RAW and piece.pair and not piece.closes:
            at = max(at, piece.pair.start)
    yield text[at:]


def has_looks(tag: Tag) -> bool:
    """Return whether an editor gave a tag its looks."""
    return bool(tag.attributes) and _LOOKS.search(tag.attributes) is not None


def _are_words_enclosed(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> bool:
    """Return whether there are words, and none outside of all elements."""
    pieces: list[Tag | Comment] = sorted([*tags, *comments], key=lambda piece: piece.start)
    prologue = PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    depth = 0
    has_words = False
    for piece in pieces:
        if piece.start < at:
            continue
        is_word = isinstance(piece, Tag) and not is_element(piece.name, piece.attributes)
        if is_word or text[at : piece.start].strip():
            if not depth:
                return False
            has_words = True
        at = piece.end
        if isinstance(piece, Comment) or is_word:
            continue
        if piece.closes:
            depth -= piece.pair is not None
        else:
            has_words = has_words or piece.name in ("img", "input")
            is_left_open = piece.name in UNCLOSED and (depth > 0 or not text[: piece.start].strip())
            depth += piece.name not in VOID and (piece.pair is not None or is_left_open)
    return depth > 0 if text[at:].strip() else has_words


def assumed(text: str, tags: Collection[Tag]) -> list[str]:
    """Return the tags that begin formatting, as written. ``tags``: those that are markup. Line breaks that touch the
    words before them, or end a line, stand as nobody types them into a sentence."""
    return [
        text[tag.start : tag.end] for tag in tags if not tag.closes and (tag.name != "br" or _is_in_sentence(text, tag))
    ]


def _is_in_sentence(text: str, tag: Tag) -> bool:
    before = text[max(tag.start - 1, 0) : tag.start]
    if before in ("", "\n", "\r"):
        return text[tag.end : tag.end + 1] == " "
    return before in _BEFORE_WORDS and not _ENDS_LINE.match(text, tag.end)
