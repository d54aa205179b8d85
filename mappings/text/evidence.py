"""Whether an editor wrote a field. Where nothing proves it, a tag that is read as formatting may have been typed."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from html import unescape

from mappings.text.breaks import declared_in
from mappings.text.elements import OFFICE, RAW, UNCLOSED, VOID
from mappings.text.tags import Comment, Tag
from migrator.core.text import BLOCKS

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
# editors lay one of them around all words
_LAID_AROUND = BLOCKS - VOID | {"html"}
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
    beside them stands what editors escape, too, words end in lines as no editor leaves them, or there is no other sign
    of an editor. ``TYPED``: they are words, since the field quotes XML, tells how something is escaped, or has signs
    that nobody escaped."""

    EDITED = "edited"
    DOUBTFUL = "doubtful"
    TYPED = "typed"


def entities_in(text: str) -> list[str]:
    """Return the entities of a text that stand for something, in order."""
    return [match[0] for match in ENTITY.finditer(text) if unescape(match[0]) != match[0]]


def doubtful_ones(blocks: Iterable["Block"], evidence: Evidence) -> list[str]:
    """Return the entities in words that are read as signs although somebody may have typed them. Within elements,
    people type those of XML only, and leave other signs beside them as they are."""
    if not evidence:
        return [entity for block in blocks for entity in entities_in(block.words)]
    return [
        entity for block in blocks if block.has_raw_signs for entity in entities_in(block.words) if entity in OF_XML
    ]


def with_typed_entities(text: str) -> str:
    """Return text for a parser that shows the entities in it as they are written."""
    return ENTITY.sub(lambda match: f"&amp;{match[0][1:]}", text)


def entities_of_words(text: str) -> Entities:
    """Return who wrote the entities of text without tags. Who escapes by hand may leave ``->`` as it is, but no other
    sign."""
    return Entities.TYPED if _raw_signs(text) & {"<", "&"} else Entities.DOUBTFUL


def _raw_signs(words: str) -> set[str]:
    """Return the signs in words that an editor would have escaped."""
    return {"<", ">", "&"} & {*ENTITY.sub("", words)}


def evidence_of(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> tuple[Evidence, Entities]:
    """Return what says that an editor wrote a field, and whether its entities do: for sure do entities in words where
    all signs are escaped, nothing but paragraphs without words, and looks in attributes if all words stand in blocks:
    a person may type a single ``<span style='color: red'>`` into a sentence."""
    entities = entities_in(text)
    if (
        any(comment.silent for comment in comments)
        or declared_in(text).search(text)
        or EMPTY.fullmatch(text)
        # with attributes, people quote them
        or any(tag.name in OFFICE and tag.known and not tag.attributes for tag in tags)
    ):
        return Evidence.SURE, Entities.EDITED
    outermost = _around_all_words(text, tags, comments)
    has_signs = any(has_looks(tag) or (tag.name in OFFICE and tag.known) for tag in tags)
    if has_signs and any(tag.name in _LAID_AROUND for tag in outermost):
        return Evidence.SURE, Entities.EDITED
    evidence = Evidence.ENCLOSED if outermost else Evidence.NONE
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
    return any(
        (tag.name in escaped and (tag.name != "br" or _is_in_sentence(text, tag))) or (tag.pair and not tag.known)
        for tag in tags
    )


def _has_raw_signs(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> bool:
    """Return whether a text holds what an editor would have escaped: signs, or tags that are none of HTML."""
    return any(block.has_raw_signs for block in blocks_of(text, tags, comments))


@dataclass(slots=True)
class Block:
    """Words between elements that begin lines. ``has_raw_signs``: an editor would have escaped some of them."""

    words: str = ""
    has_raw_signs: bool = False


def blocks_of(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> list[Block]:
    """Return the words of a text by blocks."""
    parts: list[list[str]] = [[]]
    unknown: set[int] = set()
    for piece in _pieces(text, tags, comments):
        if isinstance(piece, str):
            parts[-1].append(piece)
        elif not piece.known:
            unknown.add(len(parts) - 1)
        elif piece.name in BLOCKS:
            parts.append([])
    blocks = [Block("".join(words)) for words in parts]
    for number, block in enumerate(blocks):
        block.has_raw_signs = number in unknown or bool(_raw_signs(block.words))
    return blocks


def _pieces(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> Iterator[str | Tag]:
    """Yield the tags and what stands between, but for what is for programs."""
    pieces: list[Tag | Comment] = sorted([*tags, *comments], key=lambda piece: piece.start)
    prologue = PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    for piece in pieces:
        if piece.start > at:
            yield text[at : piece.start]
        at = max(at, piece.end)
        if isinstance(piece, Tag):
            yield piece
            if piece.name in RAW and piece.pair and not piece.closes:
                at = max(at, piece.pair.start)
    yield text[at:]


def has_looks(tag: Tag) -> bool:
    """Return whether an editor gave a tag its looks."""
    return bool(tag.attributes) and _LOOKS.search(tag.attributes) is not None


def _around_all_words(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> list[Tag]:
    """Return the outermost tags of a text; none if there are no words, or some stand outside of all elements."""
    pieces: list[Tag | Comment] = sorted([*tags, *comments], key=lambda piece: piece.start)
    prologue = PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    begin = len(text) - len(text.lstrip())
    depth = 0
    has_words = False
    outermost: list[Tag] = []
    for piece in pieces:
        if piece.start < at:
            continue
        is_word = isinstance(piece, Tag) and not piece.known
        if is_word or text[at : piece.start].strip():
            if not depth:
                return []
            has_words = True
        at = piece.end
        if isinstance(piece, Comment) or is_word:
            continue
        if piece.closes:
            depth -= piece.pair is not None
        else:
            outermost += [] if depth else [piece]
            has_words = has_words or piece.name in ("img", "input")
            is_left_open = piece.name in UNCLOSED and (depth > 0 or piece.start <= begin)
            depth += piece.name not in VOID and (piece.pair is not None or is_left_open)
    return outermost if (depth > 0 if text[at:].strip() else has_words) else []


def assumed(text: str, tags: Collection[Tag]) -> list[str]:
    """Return the tags that begin formatting, as written. ``tags``: those that are markup. Line breaks that touch the
    words before them, or end a line, stand as nobody types them into a sentence."""
    return [
        text[tag.start : tag.end]
        for tag in tags
        if not tag.closes and (tag.name != "br" or tag.attributes or _is_in_sentence(text, tag))
    ]


def _is_in_sentence(text: str, tag: Tag) -> bool:
    before = text[max(tag.start - 1, 0) : tag.start]
    if before in ("", "\n", "\r"):
        return text[tag.end : tag.end + 1] == " "
    return before in _BEFORE_WORDS and not _ENDS_LINE.match(text, tag.end)
