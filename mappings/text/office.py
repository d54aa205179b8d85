"""Which tags office programs wrote; somebody may have typed the same names: ``<m:e>`` is no formula by itself."""

import re
from collections.abc import Sequence

from mappings.text.elements import OFFICE, VOID, is_element
from mappings.text.tags import Tag

# they hold what office programs write without attributes
_SETTINGS = "xml"
_ROOTS = frozenset(("math", "m:omath", "m:omathpara", _SETTINGS))
_MARK = "o:p"
_NEAR = 4
_FAR = 40
_PROOF = re.compile(r"\bmso-|class=[\"']?Mso|\bxmlns:|urn:schemas-microsoft", re.IGNORECASE)
_OF_PROGRAMS = re.compile("(?:o|v|w|m|st1):")
# attributes that people do not add to a name they quote
_OWN = re.compile(r"(?:^|\s)(?:[vowm]|xmlns):\w|_x0000_|coord(?:size|origin)=|\b(?:width|height):")
_BLANKS = re.compile(r"(?:\s|&nbsp;|&#160;)*+")


def recognise(text: str, tags: Sequence[Tag]) -> None:
    """Say of every tag whether it can be markup."""
    office = _office_ones(text, tags)
    for tag in tags:
        is_named = tag.name in OFFICE or tag.name == _SETTINGS
        tag.known = tag in office if is_named else is_element(tag.name, tag.attributes)


def _office_ones(text: str, tags: Sequence[Tag]) -> frozenset[Tag]:
    """Return the tags with a name of an office program that one wrote: they have attributes, stand in a formula, a
    drawing or settings, or are the mark of a paragraph's end, where a program puts it."""
    found: set[Tag] = set()
    is_proved_by_text = _PROOF.search(text) is not None
    # elements around that prove those within; what is left open reaches to the end of the one around it
    around: list[Tag] = []
    for number, tag in enumerate(tags):
        while around and around[-1].pair and tag.start >= around[-1].pair.start:
            around.pop()
        if tag.closes and tag.pair in found:
            found.add(tag)
        is_named = tag.name in OFFICE
        if tag.closes or not (is_named or tag.name in _ROOTS):
            continue
        has_attributes = tag.attributes != "" and (is_proved_by_text or _OWN.search(tag.attributes) is not None)
        is_root = tag.name in _ROOTS and tag.pair is not None and _holds_office(text, tags, number)
        is_proved = is_root or (
            is_named and (has_attributes or bool(around) or (not tag.attributes and _marks_end(text, tag)))
        )
        if is_proved:
            found.add(tag)
        if is_proved and tag.pair and tag.name not in VOID and tag.name != _MARK:
            around.append(tag)
    return frozenset(found)


def _holds_office(text: str, tags: Sequence[Tag], number: int) -> bool:
    """Return whether a root begins with an element of an office program, or with its looks, and not with words."""
    end, inner = tags[number].pair, tags[number + 1 : number + 1 + _NEAR]
    if end is None or not inner or text[tags[number].end : inner[0].start].strip():
        return False
    # there are more settings than anybody lists
    is_setting = tags[number].name == _SETTINGS and _OF_PROGRAMS.match(inner[0].name) is not None
    return (is_setting and inner[0].start < end.start) or any(
        tag.name in OFFICE and tag.start < end.start for tag in inner
    )


def _marks_end(text: str, tag: Tag) -> bool:
    """Return whether a tag stands where word processors end a paragraph: behind its words, or alone in it."""
    if tag.name != _MARK or (tag.pair is None and text[tag.end - 2] != "/"):
        return False
    pair = tag.pair or tag
    before, behind = text[max(tag.start - 1, 0) : tag.start], text[pair.end : pair.end + _FAR]
    is_last = behind.lstrip()[:1] in ("", "<")
    if not _BLANKS.fullmatch(text, tag.end, max(pair.start, tag.end)):
        # people write on in what it has become, as the only element of its paragraph
        return is_last and before in ("", ">") and _PROOF.search(text) is not None
    if before.isspace():
        return is_last and tag.pair is not None and behind != ""
    return is_last or (before not in ("", ">") and behind[0].isspace())
