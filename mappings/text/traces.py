"""Which tags show nothing in QA Sphere, neither looks nor lines nor words, though somebody may have typed them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mappings.text.elements import FLOWING, ISLANDS, KNOWN, RAW, VOID
from mappings.text.evidence import Evidence, has_looks
from mappings.text.mentions import is_in_sentence
from mappings.text.nesting import follows_its_like, holds_its_parts, is_amid_words, lacks_its_parts
from mappings.text.styles import look_of
from mappings.text.tags import Tag, attributes_in
from mappings.text.unpaired import unpaired_ones
from migrator.core.text import BLOCKS

# voids and cells show themselves, or are judged by their places; the others are noted as a whole
_SEEN_ANYWAY = (
    (RAW - {"head", "noscript"}) | ISLANDS
    | frozenset((
        "audio", "br", "canvas", "caption", "col", "colgroup", "embed", "google-sheets-html-origin", "img", "input",
        "meta", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "video",
    ))
)  # fmt: skip
_OF_TABLES = frozenset(("caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"))
# they have marks of their own
_SEEN_EMPTY = frozenset(("dd", "dt", "li", "option"))
_SEEN_BY_WORDS = _SEEN_EMPTY | frozenset((
    "b", "blockquote", "code", "del", "div", "dl", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "i", "ins", "kbd", "menu", "ol", "optgroup", "p", "pre", "q", "s", "samp", "select", "strike", "strong", "sub",
    "sup", "tt", "u", "ul",
))  # fmt: skip
# editors write them everywhere, with all kinds of attributes or none
_COMMON = frozenset(("a", "font", "span"))
_SIZED = frozenset(("big", "center", "small"))
_RULES = frozenset(("hr", "wbr"))
# editors leave them behind, and they show nothing anywhere
_NEUTRAL = frozenset(("a", "div", "font", "p", "span"))
_SEEN_IN_SENTENCES = (_SEEN_ANYWAY - _OF_TABLES) | {"html", "head", "body", "hr", "wbr"}
_SEEN_BY_NAMES = _SEEN_BY_WORDS - {"blockquote", "div", "p", "select"}
_SAYS = re.compile("(?:xlink:)?href|title|aria-label|role|data-.*")
_OF_PAGES = frozenset(("html", "head", "body"))
# shown, or noted
_SAID = re.compile(r"(?:^|\s)(?:title|aria-label)\s*=")
_ADDRESS = re.compile(r"""\bhref\s*=\s*["']?[^"'#\s]""")
_LOCATOR = re.compile(r"(?:^|\s)(?:class|for|id|name|role|data-[\w-]+)\s*=")
_MARKED = frozenset(("a", "h1", "h2", "h3", "h4", "h5", "h6"))
_ANY_TAG = re.compile("<[^<>]*+>")
# more than what editors keep for themselves
_HOLDS_DATA = re.compile(r"""(?:^|\s)data-(?!(?:mce|cke|pm|ck|fr|slate|offset|block)-)[\w-]++\s*+=\s*+["']?[^"']*\w""")
_NEAR = 200
_BEGIN_OF_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|meta|\?xml)\b", re.IGNORECASE)
_ENDS_OF_PAGE = ("</html>", "</body>")
# attributes that the result shows, or that say only how a browser opens what it shows
_SHOWN = re.compile(
    r"alt|aria-label|checked|cite|colspan|height|href|label|placeholder|rel|reversed|rowspan|selected|src|srcset|start"
    r"|target|title|type|value|width"
)
_OF_META = re.compile("charset|content|http-equiv|name")
# where they hold words, nobody reads the tags
_USUAL = FLOWING | {"a", "cite", "code", "dfn", "mark", "var"}
_CLASS_OF_EDITORS = re.compile(
    r"""class\s*=\s*["']?(?:apple|cke|fr|image|marker|mce|mention|mso|pen|ql|table|text-(?:tiny|small|big|huge)|tiptap|todo)"""
)


@dataclass(frozen=True, slots=True)
class Untraced:
    """Tags that show nothing, as written. ``usual``: such as editors and pages have around words; ``others``: those
    that somebody may miss."""

    usual: Sequence[str] = ()
    others: Sequence[str] = ()


NONE_UNTRACED = Untraced()


def untraced(text: str, tags: Sequence[Tag], evidence: Evidence, misplaced: Collection[Tag]) -> Untraced:
    """Return the tags that show nothing.

    Args:
        text: as it came.
        tags: those that are markup, in order.
        evidence: what says that an editor wrote the text; one that certainly did leaves much behind.
        misplaced: those that stand where no editor has them.
    """
    empty = _empty_ones(text, tags)
    astray = {*misplaced, *unpaired_ones(text, tags)}
    is_page = _is_page(text)
    is_sure = evidence == Evidence.SURE
    # of which a note, or the result, holds all
    has_table = any(tag.name == "table" for tag in tags)
    usual: list[str] = []
    others: list[str] = []
    for number, tag in enumerate(tags):
        if tag.closes or tag.unclosed or tag.name not in KNOWN:
            continue
        is_empty = tag in empty
        is_unseen = is_usual = False
        if _is_of_editors(tag, is_sure=is_sure):
            pass
        elif tag.name in _OF_PAGES:
            is_unseen, is_usual = not (is_page and is_sure), is_page
        elif _is_out_of_place(text, tags, number, astray):
            is_unseen = True
        elif tag.name in _SEEN_ANYWAY:
            is_alone = tag.name in ("br", "img", "meta") or (tag.name in _OF_TABLES and not has_table)
            is_unseen = is_usual = is_alone and not is_sure and _has_more(tag)
        elif tag.name in _RULES:
            is_unseen, is_usual = not (tag.attributes and is_sure), _parts_words(text, tag)
        else:
            is_unseen, is_usual = _shows_by_words(text, tags, number, is_empty=is_empty, is_sure=is_sure)
        if is_sure and not is_unseen:
            is_unseen = is_usual = _shows_nothing_in_sentence(text, tag, is_empty=is_empty, has_table=has_table)
        if is_unseen:
            (usual if is_usual else others).append(text[tag.start : tag.end])
    return Untraced(usual, others)


def _shows_by_words(text: str, tags: Sequence[Tag], number: int, *, is_empty: bool, is_sure: bool) -> tuple[bool, bool]:
    """Return whether a tag shows nothing beside the words in it, and whether such tags are usual."""
    tag = tags[number]
    if (_unseen_when_sure if is_sure else _unseen)(text, tag, is_empty=is_empty):
        return True, (tag.name in _USUAL or _is_of_box(tags, number)) and not is_empty
    is_left = _is_left_behind(tag, is_empty=is_empty) if is_sure else _has_more(tag)
    return is_left, is_left


def _is_of_editors(tag: Tag, *, is_sure: bool) -> bool:
    """Return whether a tag has attributes of editors, or what a note holds anyway."""
    attributes = tag.attributes
    return (is_sure and has_looks(tag)) or bool(_SAID.search(attributes) or _CLASS_OF_EDITORS.search(attributes))


def _shows_nothing_in_sentence(text: str, tag: Tag, *, is_empty: bool, has_table: bool) -> bool:
    """Return whether a tag stands in a sentence like a word, and neither its name nor its attributes show: somebody may
    have typed it into what an editor wrote."""
    if tag.name in (_OF_TABLES if has_table else frozenset()) | _SEEN_IN_SENTENCES or not tag.attributes:
        return tag.name in _COMMON and not tag.attributes and not is_empty and is_in_sentence(text, tag)
    if (tag.name in _SEEN_BY_NAMES and not is_empty) or not is_in_sentence(text, tag):
        return False
    attributes = {name: value.strip("\"'") for name, value in attributes_in(tag.attributes)}
    return not (any(map(_SAYS.fullmatch, attributes)) or (look_of(tag.name, attributes).shows and not is_empty))


def _is_out_of_place(text: str, tags: Sequence[Tag], number: int, astray: Collection[Tag]) -> bool:
    """Return whether a tag without attributes stands as no editor has it: amid the words of a line, though it would
    begin one, in an element that holds none of its kind, without an end, or right before another
    paragraph."""
    tag, behind = tags[number], tags[number + 1] if number + 1 < len(tags) else None
    if tag.attributes or holds_its_parts(tag, behind):
        return False
    is_out = tag in astray or lacks_its_parts(tag, behind) or follows_its_like(text, tag)
    return is_out or (tag.name in BLOCKS and tag.name not in VOID and is_amid_words(text, tag))


def _is_of_box(tags: Sequence[Tag], number: int) -> bool:
    """Return whether a label is that of a box, as editors of tasks write it: ``<label><input type='checkbox'>``."""
    behind = tags[number + 1] if number + 1 < len(tags) else None
    return tags[number].name == "label" and behind is not None and behind.name == "input"


def _parts_words(text: str, tag: Tag) -> bool:
    """Return whether a line or a place to break stands between words."""
    return bool(
        _ANY_TAG.sub("", text[max(tag.start - _NEAR, 0) : tag.start]).strip()
        and text[tag.end : tag.end + _NEAR].strip()
    )


def _is_left_behind(tag: Tag, *, is_empty: bool) -> bool:
    """Return whether an editor wrote a tag, though it shows nothing."""
    if tag.attributes or tag.name in _NEUTRAL:
        return is_empty and _HOLDS_DATA.search(tag.attributes) is not None
    return is_empty or tag.name in _SIZED or tag.name == "blockquote"


def _has_more(tag: Tag) -> bool:
    """Return whether a tag of a text that may be a source shows less than it says: it has attributes of which nothing
    is left, or it is there for looks and has none."""
    if tag.name in _COMMON and not tag.attributes:
        return tag.name != "a"
    shown = _OF_META if tag.name == "meta" else _SHOWN
    return any(not shown.fullmatch(name) for name, _ in attributes_in(tag.attributes))


def _is_page(text: str) -> bool:
    """Return whether a page is all of a text, and no sentence goes on behind it."""
    lowered = text.lower()
    ends = [end for name in _ENDS_OF_PAGE if (end := lowered.find(name)) >= 0]
    behind = lowered[min(ends) + len(_ENDS_OF_PAGE[0]) :] if ends else ""
    return _BEGIN_OF_PAGE.match(text) is not None and not _ANY_TAG.sub("", behind).strip()


def _unseen(text: str, tag: Tag, *, is_empty: bool) -> bool:
    """Return whether a tag, or what it is found by, shows nothing in a text that may be a source."""
    if _is_found_by(text, tag):
        return True
    if tag.name == "a":
        return _ADDRESS.search(tag.attributes) is None and is_in_sentence(text, tag)
    if tag.name == "span":
        return is_in_sentence(text, tag)
    if tag.name == "div" and not is_empty:
        return False
    return (is_empty and tag.name != "p") or tag.name not in _SEEN_BY_WORDS


def _is_found_by(text: str, tag: Tag) -> bool:
    """Return whether programs find a tag by its attributes. Editors have bookmarks, and give all headings ids."""
    if not _LOCATOR.search(tag.attributes):
        return False
    return tag.name == "span" or is_in_sentence(text, tag) or not (tag.name in _MARKED or "class=" in tag.attributes)


def _unseen_when_sure(text: str, tag: Tag, *, is_empty: bool) -> bool:
    """Return whether a tag shows nothing that no editor leaves behind."""
    if tag.name in _SEEN_BY_WORDS | _COMMON:
        return is_empty and not tag.attributes and is_in_sentence(text, tag)
    return not (tag.name in _SIZED or "class=" in tag.attributes) or is_in_sentence(text, tag)


def _empty_ones(text: str, tags: Sequence[Tag]) -> set[Tag]:
    """Return the tags of elements in which nothing can be seen."""
    empty: set[Tag] = set()
    # where the last thing ends that can be seen
    seen = at = 0
    for tag in tags:
        if text[at : tag.start].strip():
            seen = tag.start
        at = tag.end
        if tag.name in VOID | _SEEN_EMPTY:
            seen = at
        elif tag.closes and tag.pair and tag.pair.end >= seen:
            empty.add(tag.pair)
    return empty
