"""Which tags somebody typed (`<customer name>`, `<title>` in a sentence), and which texts editors wrote."""

import re
from collections import Counter
from collections.abc import Sequence

from mappings.text.elements import EDITOR, FLAGS, FLOWING, ISLANDS, KNOWN, RAW, UNCLOSED, is_element
from mappings.text.tags import VALUE, Comment, Tag

_NAMES = re.compile(rf"""([^\s"'<>/=]++)(\s*+=\s*+{VALUE})?+""")
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_BLANKS = " \t\xa0"
_NEAR = 40
_PAGE = frozenset(("html", "body"))


def judge(text: str, tags: Sequence[Tag]) -> None:
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


def is_proved(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> bool:
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
