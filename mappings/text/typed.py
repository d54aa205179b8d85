"""Which tags somebody typed (`<customer name>`, `<title>` in a sentence), and which texts editors wrote."""

import re
from collections import Counter
from collections.abc import Collection, Container, Sequence

from mappings.text.elements import EDITOR, FLAGS, FLOWING, ISLANDS, KNOWN, OFFICE, RAW, UNCLOSED, VOID
from mappings.text.evidence import Evidence
from mappings.text.mentions import are_words, is_named_break
from mappings.text.nesting import holds_its_parts, is_amid_words
from mappings.text.quoted import is_of_programs, quoted_ones
from mappings.text.tags import Comment, Tag, attributes_in

_HIDDEN = re.compile(r"""\btype\s*=\s*["']?hidden""")
_STYLED = re.compile(r"\b(?:style|class|color|face|size|align|lang|dir|border|width|bgcolor|data-[\w-]+)\s*=")
_BLANKS = " \t\xa0"
_NEAR = 40
# what stands behind a tag that begins a sentence as its first word
_GOES_ON = re.compile(r"[,;:?!|/+)\]](?:[ \t\xa0<]|$)|=")
_BEFORE_WORDS = " \t\xa0\"'`([{"
_PAGE = frozenset(("html", "body"))
# browsers copy it with a table, and drop its end
_OF_SHEETS = "google-sheets-html-origin"
_LEFT_OPEN = FLOWING | _PAGE | {"table"}


def judge(text: str, tags: Sequence[Tag], evidence: Evidence, misplaced: Collection[Tag]) -> None:
    """Say of every tag whether it is typed; what lies in an element that is no markup is judged with it.
    ``evidence``: what says that an editor wrote the text; ``misplaced``: tags that stand where no editor has them."""
    counts = Counter(tag.name for tag in tags if not tag.closes)
    quoted = quoted_ones(text, tags, evidence)
    around: set[str] = set()
    inside: Tag | None = None
    for number, tag in enumerate(tags):
        if inside and inside.pair and tag.start >= inside.pair.start:
            inside = None
        if tag.closes and tag.pair:
            tag.typed = tag.pair.typed
        elif inside and not inside.typed:
            tag.typed = False
        elif inside and (inside.name in RAW or inside in quoted or not (tag.attributes or tag.name == "br")):
            tag.typed = True
        elif are_words(text, tag) or (tag.name in ("br", "wbr") and is_named_break(text, tags, number)):
            # what stands between the two is judged by itself
            tag.typed = True
            continue
        elif tag in quoted or is_of_programs(tag.attributes) or (tag in misplaced and _is_nested(text, tags, number)):
            tag.typed = True
        else:
            near = tags[number : number + 2]
            tag.unclosed = _is_unclosed(text, near, around)
            tag.typed = not tag.unclosed and (_is_typed(text, tag, counts, around) or _holds_typed(text, near))
        if not tag.typed:
            around.add(tag.name)
        if not inside and tag.pair and not tag.closes and (tag.typed or tag.name in ISLANDS | RAW):
            inside = tag


def _is_nested(text: str, tags: Sequence[Tag], number: int) -> bool:
    """Return whether a sentence has an element where no editor has it, for its words and not for parts of its own."""
    tag, behind = tags[number], tags[number + 1] if number + 1 < len(tags) else None
    return not (tag.attributes or holds_its_parts(tag, behind)) and is_amid_words(text, tag)


def _is_typed(text: str, tag: Tag, counts: Counter[str], around: Container[str]) -> bool:
    """Return whether a tag is words. ``around``: names of the elements before."""
    if tag.mentioned or not tag.known or (tag.attributes and not _are_editors(tag.attributes)):
        return True
    if tag.name in VOID:
        return _is_typed_void(text, tag)
    if (tag.name in _PAGE and tag.pair and not _begins(text, tag)) or (tag.name == "a" and not tag.attributes):
        return True
    if tag.pair:
        is_program = tag.name in RAW and (tag.name == "head" or not tag.attributes)
        return (is_program and not _is_for_programs(text, tag)) or (
            tag.name == _OF_SHEETS and not _begins_page(text, tag)
        )
    if not tag.closes and tag.name in UNCLOSED:
        return not _is_left_open(text, tag, counts, around)
    return not (tag.name in OFFICE and tag.known and text[tag.end - 2] == "/")


def _is_typed_void(text: str, tag: Tag) -> bool:
    if tag.name == "br" or (tag.closes and not tag.pair):
        return tag.closes
    if tag.name in ("hr", "wbr"):
        return not tag.attributes and _is_mentioned(text, tag)
    if tag.name == "col" and tag.before and tag.before.name in ("col", "colgroup", "table"):
        return tag.before.typed
    if tag.name == "img":
        return not tag.attributes
    if tag.name == "input":
        return not tag.attributes or _HIDDEN.search(tag.attributes) is not None
    is_alone = text[tag.end : tag.end + _NEAR].lstrip(_BLANKS)[:1] in ("", "<", "\n", "\r")
    return not (tag.attributes and _begins(text, tag) and (is_alone or not text[: min(tag.start, _NEAR)].strip()))


def _is_left_open(text: str, tag: Tag, counts: Counter[str], around: Container[str]) -> bool:
    """Return whether an element that the next one closes stands where an editor would write it."""
    begins = _begins(text, tag) or not text[tag.start - 1].isspace()
    if any(name in around for name in UNCLOSED[tag.name]):
        return begins
    if _is_mentioned(text, tag):
        return False
    if tag.name not in ("p", "li"):
        return False
    if not tag.attributes and _GOES_ON.match(text, tag.end):
        return False
    is_followed = text[tag.end : tag.end + 1] not in ("", " ", "\t", "\xa0") and text[tag.end : tag.end + 2] != "</"
    return counts[tag.name] > 1 if tag.name == "li" else is_followed or counts["p"] > 1 or bool(tag.attributes)


def _is_unclosed(text: str, tags: Sequence[Tag], around: Container[str]) -> bool:
    """Return whether the first tag is markup that lacks its pair: an element that begins with an editor's attributes,
    a list with items, the wrong end of an item. ``tags``: it and the next; ``around``: names of the elements before."""
    tag = tags[0]
    if tag.pair:
        return False
    if tag.closes:
        is_last = text[tag.end : tag.end + _NEAR].lstrip(_BLANKS)[:1] in ("", "<", "\n", "\r")
        return tag.name != "p" and is_last and any(name in around for name in UNCLOSED.get(tag.name, ()))
    if tag.name == _OF_SHEETS:
        return _begins_page(text, tag)
    if tag.name in _LEFT_OPEN - UNCLOSED.keys() and _begins(text, tag):
        return _STYLED.search(tag.attributes) is not None or any(
            tag.name in UNCLOSED.get(item.name, ()) and not (item.closes or text[tag.end : item.start].strip())
            for item in tags[1:]
        )
    return False


def _holds_typed(text: str, tags: Sequence[Tag]) -> bool:
    """Return whether an element begins with one that no editor knows: then it is one of XML, too."""
    tag, inner = tags if len(tags) > 1 else (tags[0], None)
    if inner is None or tag.attributes or inner.attributes or tag.name in EDITOR - {"code"} or not tag.pair:
        return False
    is_of_xml = not (inner.closes or inner.name in KNOWN or ":" in inner.name) and inner.pair is not None
    return is_of_xml and not text[tag.end : inner.start].strip()


def _are_editors(attributes: str) -> bool:
    """Return whether attributes are such as editors write: "if a <b and c> d" holds no tag."""
    return all(value or name in FLAGS for name, value in attributes_in(attributes))


def _is_for_programs(text: str, tag: Tag) -> bool:
    """Return whether an element is a style sheet or the head of a page, as programs write them."""
    if tag.pair is None or tag.closes:
        return False
    if tag.name == "style":
        return "{" in text[tag.end : tag.pair.start]
    return tag.name == "head" and _begins_page(text, tag)


def _begins_page(text: str, tag: Tag) -> bool:
    """Return whether nothing stands before a tag but what begins a page."""
    before = tag.before
    if before is not None and before.name not in ("html", "meta", "style"):
        return False
    return not text[before.end if before else 0 : tag.start].rpartition(">")[2].strip()


def _is_mentioned(text: str, tag: Tag) -> bool:
    """Return whether a tag stands in a sentence like a word."""
    return (
        not _begins(text, tag)
        and (not text[tag.start - 1 : tag.start].isalnum() or text[tag.end : tag.end + 1] in ("<", ""))
        and not text[tag.end : tag.end + 1].isalnum()
    )


def _begins(text: str, tag: Tag) -> bool:
    """Return whether nothing stands before a tag on its line, or another tag that is markup."""
    before = text[max(tag.start - _NEAR, 0) : tag.start].rstrip(_BLANKS)
    if before[-1:] == ">" and tag.before and tag.before.typed:
        return bool(text[tag.before.end : tag.start].strip(_BLANKS))
    return before[-1:] in ("", "\n", "\r", ">")


def is_proved(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> bool:
    """Return whether an editor wrote a text: closing tags, attributes, entities, more than one kind of element."""
    if any(comment.silent and comment.text.strip() for comment in comments):
        return True
    markup = [tag for tag in tags if not tag.typed and (tag.name in EDITOR | _PAGE or ":" in tag.name)]
    if any(tag.attributes or tag.closes or tag.name in UNCLOSED for tag in markup):
        return True
    breaks = [tag for tag in markup if tag.name == "br"]
    return len(breaks) > 1 or any(not _is_lone_word(text, tag) for tag in breaks)


def _is_lone_word(text: str, tag: Tag) -> bool:
    """Return whether a line break stands in a sentence: ``verify that <br/> is not shown``."""
    behind = text[tag.end : tag.end + _NEAR].lstrip(_BLANKS)[:1]
    if text[tag.start - 1 : tag.start] not in _BEFORE_WORDS:
        return False
    return _is_mentioned(text, tag) and (text[tag.end - 2] != "/" or behind.islower())
