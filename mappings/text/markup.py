"""Texts ready to be parsed: everything that is not proved to be markup is escaped, so that nothing typed can vanish."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mappings.text.breaks import NEXT_CELL, breaks_of, declared_in, lines_of
from mappings.text.elements import RAW, UNCLOSED, VOID
from mappings.text.evidence import (
    PROLOGUE,
    Entities,
    Evidence,
    assumed,
    blocks_of,
    doubtful_ones,
    evidence_of,
    with_typed_entities,
)
from mappings.text.mentions import is_blank_emphasis
from mappings.text.nesting import misplaced_ones
from mappings.text.office import recognise
from mappings.text.setting import Loss
from mappings.text.tags import Comment, Tag, comments_of, tags_of
from mappings.text.traces import NONE_UNTRACED, Untraced, untraced
from mappings.text.typed import is_proved, judge
from migrator.core.notes import NoteCode
from migrator.core.text import BLOCKS, without_stray_references

# they part the attributes of no tag that a parser reads
_LINE_ENDS = re.compile("[\u2028\u2029]+")
_DEEPEST = 100
# lines end there, if any words stand on both sides
_RULE = "<hr>"
_TABLE = "table"
_OF_PAGES = frozenset(("html", "head", "body", "meta", "title"))


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with markup.

    Args:
        html: what was typed is escaped.
        losses: what this left out.
        assumed: the tags and entities that are taken for an editor's, where nothing proves that one wrote them.
        untraced: tags that show nothing, though somebody may have typed them.
        has_typed_entities: its entities are words.
    """

    html: str
    losses: tuple[Loss, ...]
    assumed: Sequence[str] = ()
    untraced: Untraced = NONE_UNTRACED
    has_typed_entities: bool = False


def marked(text: str, *, proved: bool = False) -> Marked | None:
    """Return the text ready to be parsed, or None when it is none that an editor wrote. ``proved``: it is one."""
    if "<" not in text and not proved:
        return None
    comments = list(comments_of(text))
    tags = tags_of(text, comments)
    recognise(text, tags)
    evidence, entities = (Evidence.SURE, Entities.EDITED) if proved else evidence_of(text, tags, comments)
    misplaced = misplaced_ones(tags)
    judge(text, tags, evidence, misplaced)
    if not proved and not is_proved(text, tags, comments):
        return None
    kept = _not_too_deep([tag for tag in tags if not tag.typed])
    html, losses = _written(text, kept, comments, evidence, entities)
    is_doubtful = entities == Entities.DOUBTFUL and evidence != Evidence.SURE
    doubtful = doubtful_ones(blocks_of(text, tags, comments), evidence) if is_doubtful else []
    begun = (
        [text[tag.start : tag.end] for tag in kept if not tag.closes and is_blank_emphasis(text, tag)]
        if evidence
        else assumed(text, kept)
    )
    return Marked(
        html,
        (*losses, *_prologues(text, kept)),
        (*begun, *doubtful),
        NONE_UNTRACED if proved or not evidence else untraced(text, list(kept), evidence, misplaced),
        entities == Entities.TYPED,
    )


def _written(
    text: str, kept: Mapping[Tag, bool], comments: Sequence[Comment], evidence: Evidence, entities: Entities
) -> tuple[str, tuple[Loss, ...]]:
    """Return the text with everything escaped that is no markup, and what this left out."""
    as_words = partial(_escaped, declared=declared_in(text), typed=entities == Entities.TYPED)
    prologue = PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    cells = None if any(tag.name == _TABLE and not tag.closes for tag in kept) else _Cells()
    once = _Once()
    out: list[str] = []
    losses = [
        Loss(NoteCode.MARKUP_OF_EDITORS, text[tag.start : tag.end], "an element with one tag only")
        for tag in kept
        if tag.unclosed
    ]
    pieces: list[Tag | Comment] = sorted([*kept, *comments], key=lambda piece: piece.start)
    breaks = breaks_of(text, pieces, is_sure=evidence == Evidence.SURE)
    before: Tag | Comment | None = None
    for piece in pieces:
        if piece.start < at:
            continue
        words = as_words(lines_of(text, at, piece.start, breaks))
        out += [words, " " if words.strip() and _is_astray(before) else ""]
        at, before = piece.end, piece
        if isinstance(piece, Comment):
            losses += [] if piece.silent else [Loss(NoteCode.HIDDEN_TEXT, piece.text, "a comment was removed")]
        elif not kept[piece]:
            out.append(" " if piece.name in BLOCKS else "")
        elif cells and piece.name in UNCLOSED and _TABLE in UNCLOSED[piece.name]:
            out.append(cells.written(piece))
        else:
            out.append(once.written(piece, _LINE_ENDS.sub(" ", text[piece.start : piece.end])))
            if piece.name in RAW and piece.pair and not piece.closes:
                out.append(text[piece.end : piece.pair.start])
                at = piece.pair.start
    out.append(as_words(lines_of(text, at, len(text), breaks)))
    if not all(kept.values()):
        losses.append(Loss(NoteCode.FORMATTING_LOST, "", "elements lay over a hundred deep; their words are kept"))
    if NEXT_CELL in breaks.values():
        losses.append(Loss(NoteCode.TABLE_FLATTENED, text, "cells between tabs became lines"))
    if cells and cells.count:
        losses.append(Loss(NoteCode.TABLE_FLATTENED, text, "cells outside of a table became lines"))
    return "".join(out), tuple(losses)


def _prologues(text: str, kept: Mapping[Tag, bool]) -> list[Loss]:
    """Return the loss of what begins a page and stands before something else: somebody wrote about it."""
    prologue, first = PROLOGUE.match(text), next(iter(kept), None)
    written = prologue[0].strip() if prologue else ""
    if not written or first is None or first.name in _OF_PAGES:
        return []
    return [Loss(NoteCode.MARKUP_UNSEEN, written, "what begins a page stands before something else")]


def _is_astray(before: Tag | Comment | None) -> bool:
    """Return whether words behind a piece stand in a table, but in no cell: a parser moves them out, and joins them."""
    if not isinstance(before, Tag):
        return False
    if before.name == _TABLE:
        return not before.closes
    return _TABLE in UNCLOSED.get(before.name, ()) and (before.closes or before.name not in ("td", "th"))


class _Once:
    """Keeps apart what stands in elements of which a parser takes only one: forms in a form, pages behind a page."""

    def __init__(self) -> None:
        self._open: dict[str, Tag] = {}
        self._dropped: set[Tag] = set()

    def written(self, tag: Tag, html: str) -> str:
        if tag.name not in ("form", "body"):
            return html
        if tag.closes:
            if self._open.get("form") is tag.pair:
                del self._open["form"]
            return _RULE if tag.pair in self._dropped else html
        if tag.name in self._open:
            self._dropped.add(tag)
            return _RULE
        self._open[tag.name] = tag
        return html


class _Cells:
    """Keeps the cells apart that stand in no table: a parser drops their tags."""

    def __init__(self) -> None:
        self.count = 0
        self._in_row = 0

    def written(self, tag: Tag) -> str:
        if tag.name in ("td", "th"):
            self.count += not tag.closes
            self._in_row += not tag.closes
            return " | " if self._in_row > 1 and not tag.closes else ""
        self._in_row = 0
        return "" if tag.name != "tr" else "</div>" if tag.closes else "<div>"


def _not_too_deep(tags: Sequence[Tag]) -> dict[Tag, bool]:
    """Return for each tag whether it stays; parsers take the longer the deeper elements lie."""
    kept: dict[Tag, bool] = {}
    depth = 0
    for tag in tags:
        if tag.closes:
            kept[tag] = tag.pair is None or kept.get(tag.pair, True)
            depth -= tag.pair is not None and kept[tag]
        elif tag.name in VOID or (tag.pair is None and tag.name in UNCLOSED):
            kept[tag] = True
        else:
            kept[tag] = depth < _DEEPEST
            depth += kept[tag]
    return kept


def _escaped(lines: Sequence[str], *, declared: re.Pattern[str], typed: bool) -> str:
    """Return lines of words for a parser. ``declared``: what is none; ``typed``: entities in them are words."""
    shown = [with_typed_entities(line) for line in lines] if typed else lines
    return without_stray_references(
        "<br>".join(declared.sub("", line).replace("<", "&lt;") if "<" in line else line for line in shown)
    )
