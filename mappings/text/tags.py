"""Reads what looks like a tag or a comment in a text, markup or not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# bounded, so that no text takes longer than its length: a value holds at most five <, a tag at most sixty attributes
VALUE = r"""(?:"[^"<]*+(?:<[^"<]*+){0,5}+"|'[^'<]*+(?:<[^'<]*+){0,5}+'|[^\s"'<>]++)"""
_ATTRIBUTE = rf"""(?:\s++|(?<=["']))[^\s"'<>/=]++(?:\s*+=\s*+{VALUE})?+"""
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:_.-]*+)(?P<attributes>(?:{_ATTRIBUTE}){{0,60}}+)\s*+(?P<end>/?)>"
)
_EDITORS_COMMENT = re.compile(r"\[if|<!\[|(?:Start|End)Fragment|\s*$", re.IGNORECASE)


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


def comments_of(text: str) -> Iterator[Comment]:
    """Yield the comments that end, in order."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        inner = text[start + 4 : end]
        yield Comment(start, end + 3, inner, _EDITORS_COMMENT.match(inner) is not None)
        start = text.find("<!--", end + 3)


def tags_of(text: str, comments: Sequence[Comment]) -> list[Tag]:
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
