"""Proves of every text that its words, pictures, addresses and list numbers arrived, or that notes hold what did not.

The input is read by other means than those that map it, so that a mistake there shows here: by a few patterns that take
no longer than the text is long, whatever stands in it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from mappings.text.elements import RAW, UNCLOSED, VOID, is_element
from mappings.text.setting import Loss, Setting
from mappings.text.symbols import as_seen
from mappings.text.tags import is_mention
from mappings.text.told import has_address
from mappings.vocabulary import address_in, without_control
from migrator.core.notes import NoteCode
from migrator.core.text import BLOCKS, SCHEME, attribute_value, symbol, without_stray_references

# bounded: a value holds at most five <, a tag at most two hundred pieces
_VALUE = r"""(?:"[^"<]*+(?:<[^"<]*+){0,5}+"|'[^'<]*+(?:<[^'<]*+){0,5}+')"""
_TAG = re.compile(rf"""<(/?)([A-Za-z][\w:.-]*+)((?:[^<>"'=]++|=\s*+(?:{_VALUE}(?=[\s/>]))?+|["']){{0,200}}+)>""")
_QUOTED = re.compile(_VALUE)
_BROKEN = re.compile(r"""["']|=\s*+/?$""")
_ATTRIBUTE = re.compile(rf"""([\w:-]++)(?:\s*=\s*({_VALUE}|[^\s"'<>]++))?""")
_ISLAND = re.compile(r"<(svg|math|xml)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*+>")
_OF_PROGRAMS = re.compile(r"<[A-Za-z][A-Za-z0-9]*+:")
_DECLARED = re.compile(r"<!\[(?:if|endif|else)[^<>]*>|<\?xml[^<>]*>|^\s*<!doctype[^<>]*>", re.IGNORECASE)
_PIECE = re.compile(r"[\w\x1f]+|[^\w\s]")
_APART = BLOCKS | RAW | {"s", "strike", "del", "sup", "sub"}
_SHOWN_ALONE = frozenset(("br", "hr", "wbr", "img", "input"))
# no text holds it: control characters are gone, and no entity stands for it
_SEAM = "\x1f"
# each look may take as long as the text
_MOST_LOOKED_FOR = 200
_BACKGROUND = re.compile(r"url\(\s*[\"']?(?!data:|#)([^\"')\s]+)", re.IGNORECASE)
_ADDRESS = re.compile(r'<a href="([^"]*)"')
_ENTITY = re.compile("&(?=(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_LONGEST = 2000
# attributes of lists, with the values that make them count otherwise than 1, 2, 3
_COUNTING = (
    ("start", re.compile(r"-?(?!1$)[0-9]{1,9}")), ("type", re.compile("[aAiI]")), ("reversed", re.compile("(?!1$).*")),
)  # fmt: skip


@dataclass(slots=True)
class Content:
    """What a text of the source says, and what its tags lead to. ``words``: as people read them; ``seamed``: the same
    with a sign where a tag touches a word."""

    words: str
    seamed: str = ""
    links: list[str] = field(default_factory=list)
    pictures: int = 0
    numbers: list[str] = field(default_factory=list)


def content_of(markup: str, *, has_typed_entities: bool = False) -> Content:
    """Read a text with markup. Comments are no words, nor the tags of known elements that are closed or need not be;
    every other tag is words, whatever the mapping takes it for. ``has_typed_entities``: entities are words."""
    found = Content("")
    text = _DECLARED.sub("", _without_islands(without_comments(markup)))
    out: list[str] = []
    at = 0
    found_tags = list(_TAG.finditer(text))
    tags = [tag for tag in found_tags if not _BROKEN.search(_QUOTED.sub("v", tag[3]))]
    # where quotes do not end, nobody can say which tags belong together
    pairs = _pairs(tags) if len(tags) == len(found_tags) else _known(tags)
    for tag in tags:
        name, attributes = tag[2].lower(), tag[3]
        out.append(text[at : tag.start()])
        at = tag.end()
        if not (tag.start() in pairs or _holds_nothing(text, tag)):
            out += [_SEAM, tag[0], _SEAM]
            continue
        if attributes and not tag[1]:
            _read_attributes(found, name, attributes)
        out.append(f"{_SEAM} {_SEAM}" if name in _APART else _SEAM)
    joined = "".join((*out, text[at:]))
    written = _ENTITY.sub("&amp;", joined) if has_typed_entities else joined
    words = as_seen(unescape(without_stray_references(written)))
    found.seamed = words
    found.words = without_control(words)
    return found


def _pairs(tags: Sequence["re.Match[str]"]) -> frozenset[int]:
    """Return where the tags of known elements stand that have a partner."""
    opened: dict[str, dict[str, list[tuple[int, int, bool]]]] = {}
    pairs: set[int] = set()
    for tag in tags:
        spellings = opened.setdefault(tag[2].lower(), {})
        if not tag[1]:
            is_known = is_element(tag[2].lower(), tag[3].lower())
            if not tag[3].endswith("/"):
                spellings.setdefault(tag[2], []).append((tag.start(), tag.end(), is_known))
        elif waiting := spellings.get(tag[2]) or next(filter(None, spellings.values()), None):
            start, end, is_known = waiting.pop()
            if is_known and not is_mention(tag.string, start, end, tag.start()):
                pairs |= {start, tag.start()}
    return frozenset(pairs)


def _known(tags: Sequence["re.Match[str]"]) -> frozenset[int]:
    """Return where the tags of known elements stand, and of those that a web page made."""
    names = {tag[2].lower() for tag in tags if is_element(tag[2].lower(), tag[3].lower())}
    return frozenset(tag.start() for tag in tags if tag[2].lower() in names)


def _holds_nothing(text: str, tag: "re.Match[str]") -> bool:
    """Return whether a tag needs no partner where it stands."""
    name = tag[2].lower()
    before = text[max(tag.start() - 40, 0) : tag.start()]
    begins = before.rstrip(" \t\xa0")[-1:] in ("", "\n", "\r", "\u2028", ">")
    if tag[1]:
        return False
    if begins and "style=" in tag[3]:
        return True
    if name in _SHOWN_ALONE:
        touches = name == "hr" and not (before[-1:].isspace() and not text[tag.end() : tag.end() + 1].isalnum())
        return bool(name in ("br", "wbr") or tag[3].strip("/ ")) or begins or touches
    if name in UNCLOSED:
        return begins or not before[-1:].isspace() or text[tag.end() : tag.end() + 1].isalnum()
    return (begins and name in VOID) or (
        ":" in name and is_element(name) and tag[3].endswith("/") and not before[-1:].isspace()
    )


def missing(source: Content, html: str, words: str, losses: Sequence[Loss], setting: Setting) -> list[Loss]:
    """Return what neither the result nor a note holds. ``words``: what is seen of ``html``."""
    found = []
    # the note of a colour says that the words are there
    losses = [loss for loss in losses if loss.code != NoteCode.COLOUR_LOST]
    if lost := _missing_words(source, words, losses):
        found.append(Loss(NoteCode.CONTENT_MISSING, " ".join(lost), "words"))
    if source.links:
        held = _held(source.links, html, losses)
        lost = [link for link in source.links if not (link in held or SCHEME in link or _is_ours(link, html, setting))]
        found += [Loss(NoteCode.CONTENT_MISSING, " ".join(lost), "addresses")] if lost else []
    shown = html.count("[image: ") + words.lower().count("<img") + sum(loss.original.count("<img") for loss in losses)
    if source.pictures > shown:
        found.append(Loss(NoteCode.CONTENT_MISSING, str(source.pictures - shown), "number of pictures"))
    says_numbers = "<ol" in words.lower() or any(
        loss.code == NoteCode.LIST_NUMBERS or "<ol" in loss.original for loss in losses
    )
    if source.numbers and not says_numbers:
        found.append(Loss(NoteCode.CONTENT_MISSING, " ".join(source.numbers), "numbers of lists"))
    return found


def _held(links: Sequence[str], html: str, losses: Sequence[Loss]) -> set[str]:
    """Return which of some addresses the result or a note holds. Most stand alone in one of them; for the others all of
    it is looked through, a limited number of times."""
    alone = {unescape(address) for address in _ADDRESS.findall(html)} | {unescape(loss.original) for loss in losses}
    held = {link for link in links if link in alone}
    others = list(dict.fromkeys(link for link in links if link not in held))
    everything = unescape(" ".join((html, *(loss.original for loss in losses)))) if others else ""
    return held | {link for link in others[:_MOST_LOOKED_FOR] if link in everything} | {*others[_MOST_LOOKED_FOR:]}


def _is_ours(link: str, html: str, setting: Setting) -> bool:
    """Return whether a link leads to a case or a file that is migrated."""
    if case := setting.cases.get(link):
        return symbol("case", case) in html
    file = setting.files.known(link) if setting.files else None
    return file is not None and symbol("file", file.marker) in html


def _missing_words(source: Content, shown: str, losses: Sequence[Loss]) -> list[str]:
    wanted, found = source.words.split(), shown.split()
    if wanted == found or not Counter(wanted) - Counter(found):
        return []
    # where a sign stands beside a word, both are one: then every character has to be there, in order
    characters = iter("".join(found))
    if all(character in characters for character in "".join(wanted)):
        return []
    noted = unescape(" ".join(loss.original for loss in losses))
    there = Counter(_PIECE.findall(shown)) + Counter(_PIECE.findall(noted))
    pieces = _PIECE.findall(source.seamed or source.words)
    lost = list((Counter(piece for piece in pieces if _SEAM not in piece) - there).elements())
    return lost + _missing_beside_tags([piece for piece in pieces if _SEAM in piece], shown, noted)


def _missing_beside_tags(pieces: Sequence[str], shown: str, noted: str) -> list[str]:
    """Return what is missing of words that tags touch: what was left out may have joined or parted them."""
    lost: list[str] = []
    needed: Counter[str] = Counter()
    at = asked = 0
    for part in filter(None, (part for piece in pieces for part in piece.split(_SEAM))):
        needed[part] += 1
        found = shown.find(part, at)
        if found >= 0:
            at = found + len(part)
        elif shown.count(part) + noted.count(part) < needed[part]:
            lost.append(part)
        asked += found < 0
        if asked == _MOST_LOOKED_FOR:
            break
    return lost


def _read_attributes(found: Content, name: str, attributes: str) -> None:
    values: dict[str, str] = {}
    for key, value in _ATTRIBUTE.findall(attributes):
        values.setdefault(key.lower(), address_in(attribute_value(value.strip("\"'"))))
    shown = values.get("background") or "".join(_BACKGROUND.findall(values.get("style", "")))
    linked = values.get("href") or values.get("xlink:href", "") if name in ("a", "area") else ""
    told = [value for key, value in values.items() if has_address(name, key, value)]
    found.links += [
        link[:_LONGEST] for link in (shown, linked, *told) if link and not link.lower().startswith(("#", "data:"))
    ]
    if name == "img" and (values.get("src") or values.get("data-src") or values.get("srcset")):
        found.pictures += 1
    elif name == "ol" and "style" not in values:
        found.numbers += [f"{key}={values[key]}" for key, usual in _COUNTING if usual.fullmatch(values.get(key, "1"))]


def without_comments(text: str) -> str:
    """Drop the comments that end; each sign is looked at once."""
    out = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        out.append(text[at:start])
        at = end + 3
    return "".join((*out, text[at:]))


def _without_islands(text: str) -> str:
    """Drop the tags within drawings and formulas, whose elements have names of their own."""
    out = []
    at = 0
    lowered = text.lower()
    open_ones: set[str] = set()
    asked = 0
    for match in _ISLAND.finditer(text):
        name = match[1].lower()
        if match.start() < at or name in open_ones:
            continue
        end = lowered.find(f"</{name}", match.end())
        if asked < _MOST_LOOKED_FOR and match[0][-len(name) - 1 :] == f"{match[1]}>":
            asked += 1
            if lowered.find(f"<{name} ", match.end(), end) > 0:
                continue  # a sentence mentions the first
        if end < 0:
            open_ones.add(name)
            continue
        if name == "xml" and not _OF_PROGRAMS.search(text, match.end(), end):
            continue  # somebody tells of XML
        out += [text[at : match.end()], _ANY_TAG.sub(_SEAM, text[match.end() : end])]
        at = end
    return "".join((*out, text[at:]))
