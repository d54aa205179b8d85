"""Which tags of a text are markup, and which somebody typed: `<customer name>` is words, so is `<title>` in a sentence.

Everything that is not proved to be markup is escaped before the text is parsed, so that nothing typed can vanish.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mappings.text.elements import (
    EDITOR,
    FLAGS,
    FLOWING,
    ISLANDS,
    KNOWN,
    RAW,
    UNCLOSED,
    VOID,
    is_element,
)
from migrator.core.text import BLOCKS

# bounded, so that no text takes longer than its length: a value holds at most five <, a tag at most sixty attributes
_VALUE = r"""(?:"[^"<]*+(?:<[^"<]*+){0,5}+"|'[^'<]*+(?:<[^'<]*+){0,5}+'|[^\s"'<>]++)"""
_ATTRIBUTE = rf"""(?:\s++|(?<=["']))[^\s"'<>/=]++(?:\s*+=\s*+{_VALUE})?+"""
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:_.-]*+)(?P<attributes>(?:{_ATTRIBUTE}){{0,60}}+)\s*+(?P<end>/?)>"
)
_NAMES = re.compile(rf"""([^\s"'<>/=]++)(\s*+=\s*+{_VALUE})?+""")
_PROLOGUE = re.compile(r"\s*(?:<\?xml\b[^<>]*>\s*)?(?:<!doctype\b[^<>]*>)?", re.IGNORECASE)
_DECLARED = re.compile(r"<!\[(?:if\b[^<>]*|endif|else)\]>|<\?xml:namespace\b[^<>]*>", re.IGNORECASE)
_EDITORS_COMMENT = re.compile(r"\[if|<!\[|(?:Start|End)Fragment|\s*$", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_BLANKS = " \t\xa0"
_NEAR = 40
_PAGE = frozenset(("html", "body"))
_DEEPEST = 100


@dataclass(slots=True, eq=False)
class Tag:
    """A tag as written. ``pair``: what closes it or what it closes; ``typed``: it is words."""

    start: int
    end: int
    name: str
    closes: bool
    attributes: str
    pair: "Tag | None" = None
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that ends. ``silent``: an editor wrote it, for itself."""

    start: int
    end: int
    text: str
    silent: bool


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
    comments = list(_comments(text))
    tags = _tags(text, comments)
    _judge(text, tags)
    if not proved and not _is_proved(text, tags, comments):
        return None
    return _written(text, tags, comments)


# --- reading ----------------------------------------------------------------------------------------------------------


def _comments(text: str) -> Iterator[Comment]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        inner = text[start + 4 : end]
        yield Comment(start, end + 3, inner, _EDITORS_COMMENT.match(inner) is not None)
        start = text.find("<!--", end + 3)


def _tags(text: str, comments: list[Comment]) -> list[Tag]:
    """Return what looks like a tag, in order, outside of comments, each with its pair."""
    tags: list[Tag] = []
    waiting = iter(comments)
    comment = next(waiting, None)
    opened: dict[str, list[Tag]] = {}
    for match in _TAG.finditer(text):
        while comment and comment.end <= match.start():
            comment = next(waiting, None)
        if comment and comment.start <= match.start():
            continue
        tag = Tag(match.start(), match.end(), match["name"].lower(), bool(match["close"]), match["attributes"].lower())
        tags.append(tag)
        if tag.closes and opened.get(tag.name):
            tag.pair = opened[tag.name].pop()
            tag.pair.pair = tag
        elif not tag.closes and not match["end"]:
            opened.setdefault(tag.name, []).append(tag)
    return tags


# --- judging ----------------------------------------------------------------------------------------------------------


def _judge(text: str, tags: list[Tag]) -> None:
    """Say of every tag whether it is typed; what lies in an element that is no markup is judged with it."""
    counts = Counter(tag.name for tag in tags if not tag.closes)
    inside: Tag | None = None
    for tag in tags:
        if inside and inside.pair and tag.start >= inside.pair.start:
            inside = None
        if tag.closes and tag.pair:
            tag.typed = tag.pair.typed
        elif inside and not inside.typed:
            tag.typed = False
        elif inside and (inside.name in RAW or not (tag.attributes or tag.name == "br")):
            tag.typed = True
        else:
            tag.typed = _is_typed(text, tag, counts)
        if not inside and tag.pair and not tag.closes and (tag.typed or tag.name in ISLANDS | RAW):
            inside = tag


def _is_typed(text: str, tag: Tag, counts: Counter[str]) -> bool:
    if not is_element(tag.name, tag.attributes):
        return True
    if tag.attributes:
        return tag.closes or not _are_editors(tag.attributes)
    if tag.name in RAW:
        return not _is_for_programs(text, tag)
    if tag.pair or tag.name in ("br", "hr", "wbr") or tag.name not in KNOWN:
        return False
    if not tag.closes and tag.name not in FLOWING:
        return True
    return _is_mentioned(text, tag) and (tag.closes or tag.name not in UNCLOSED or counts[tag.name] == 1)


def _are_editors(attributes: str) -> bool:
    """Return whether attributes are such as editors write: "if a <b and c> d" holds no tag."""
    return all(value or name in FLAGS for name, value in _NAMES.findall(attributes))


def _is_for_programs(text: str, tag: Tag) -> bool:
    """Return whether an element without attributes is a style sheet or the head of a page, as programs write them."""
    if tag.pair is None or tag.closes:
        return False
    if tag.name == "style":
        return "{" in text[tag.end : tag.pair.start]
    return tag.name == "head" and not text[: tag.start].rpartition(">")[2].strip()


def _is_mentioned(text: str, tag: Tag) -> bool:
    """Return whether a tag stands in a sentence like a word."""
    behind = text[tag.end : tag.end + _NEAR].lstrip(_BLANKS)[:1]
    if text[tag.start - 1 : tag.start].isalnum() or behind == "<" or text[tag.end : tag.end + 1].isalnum():
        return False
    return not (_begins(text, tag) and (tag.name in UNCLOSED or behind in ("", "\n", "\r")))


def _begins(text: str, tag: Tag) -> bool:
    """Return whether nothing stands before a tag on its line, or another tag."""
    return text[max(tag.start - _NEAR, 0) : tag.start].rstrip(_BLANKS)[-1:] in ("", "\n", "\r", ">")


def _is_proved(text: str, tags: list[Tag], comments: list[Comment]) -> bool:
    """Return whether an editor wrote a text: closing tags, attributes, entities, more than one kind of element."""
    if any(comment.silent and comment.text.strip() for comment in comments):
        return True
    markup = [tag for tag in tags if not tag.typed and (tag.name in EDITOR | _PAGE or ":" in tag.name)]
    if any(tag.attributes or tag.closes for tag in markup):
        return True
    breaks = [tag for tag in markup if tag.name == "br"]
    others = [tag for tag in markup if tag.name not in ("br", "hr")]
    if others and (len({tag.name for tag in markup}) > 1 or _ENTITY.search(text)):
        return True
    if any(text[tag.end - 2] == "/" or not _is_mentioned(text, tag) for tag in breaks) or len(breaks) > 1:
        return True
    return any(_begins(text, tag) for tag in others)


# --- writing ----------------------------------------------------------------------------------------------------------


def _written(text: str, tags: list[Tag], comments: list[Comment]) -> Marked:
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


def _not_too_deep(tags: list[Tag]) -> dict[Tag, bool]:
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
