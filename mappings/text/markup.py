"""Texts ready to be parsed: everything that is not proved to be markup is escaped, so that nothing typed can vanish."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mappings.text.elements import RAW, UNCLOSED, VOID
from mappings.text.tags import Comment, Tag, comments_of, tags_of
from mappings.text.typed import is_proved, judge
from migrator.core.text import BLOCKS

_PROLOGUE = re.compile(r"\s*(?:<\?xml\b[^<>]*>\s*)?(?:<!doctype\b[^<>]*>)?", re.IGNORECASE)
_DECLARED = re.compile(r"<!\[(?:if\b[^<>]*|endif|else)\]>|<\?xml:namespace\b[^<>]*>", re.IGNORECASE)
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with markup. ``html``: what was typed is escaped; ``names``: of the elements that it holds; ``comments``:
    what people wrote into comments; ``deep``: elements were left out because they lay too deep."""

    html: str
    names: frozenset[str]
    comments: tuple[str, ...]
    deep: bool


def marked(text: str, *, proved: bool = False) -> Marked | None:
    """Return the text ready to be parsed, or None when it is none that an editor wrote. ``proved``: it is one."""
    if "<" not in text and not proved:
        return None
    comments = list(comments_of(text))
    tags = tags_of(text, comments)
    judge(text, tags)
    if not proved and not is_proved(text, tags, comments):
        return None
    return _written(text, tags, comments)


def _written(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> Marked:
    """Return the text with everything escaped that is no markup."""
    kept = _not_too_deep([tag for tag in tags if not tag.typed])
    prologue = _PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    out: list[str] = []
    said: list[str] = []
    pieces: list[Tag | Comment] = [*kept, *comments]
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if piece.start < at:
            continue
        out.append(_escaped(text[at : piece.start]))
        at = piece.end
        if isinstance(piece, Comment):
            said += [] if piece.silent else [piece.text]
        elif not kept[piece]:
            out.append(" " if piece.name in BLOCKS else "")
        else:
            out.append(text[piece.start : piece.end])
            if piece.name in RAW and piece.pair and not piece.closes:
                out.append(text[piece.end : piece.pair.start])
                at = piece.pair.start
    out.append(_escaped(text[at:]))
    names = frozenset(tag.name for tag in kept if not tag.closes)
    return Marked("".join(out), names, tuple(said), deep=not all(kept.values()))


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


def _escaped(text: str) -> str:
    if "<" not in text:
        return text
    return _DECLARED.sub("", text).replace("<", "&lt;")
