"""Texts of the source → HTML that QA Sphere keeps: few tags, all visible words, no surprises (design §9).

Meaning never depends on tags that nobody has seen survive: unless they are known to, tables become lines and images
become links. The document is parsed and written anew; the sanitiser behind that only proves what the writer promises.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

import nh3

from mappings.text.addresses import SCHEMES
from mappings.text.check import Content, content_of, missing
from mappings.text.evidence import ENTITY, Entities, entities_in, entities_of_words
from mappings.text.html_writer import TABLES, Writer
from mappings.text.markup import Marked, marked
from mappings.text.plain import plain
from mappings.text.setting import Loss, Setting
from mappings.text.symbols import as_seen, told_of
from mappings.text.tokens import traceless
from mappings.text.wording import revealed
from mappings.vocabulary import without_control
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from migrator.core.text import SCHEME, attribute_value, visible_text

ALLOWED = frozenset(("p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "a", "h4", "code", "pre"))
IMAGES = frozenset(("img",))
_START_TAG = re.compile(r"<[A-Za-z][^<>]*+>")
# line breaks that would go with the control characters
_LINE_ENDS = re.compile("[\x0b\x0c\x85]")
# what word processors leave of their settings when the comment around them is lost
_WORD_SETTINGS = re.compile(
    r"\bNormal\s{0,9}0(?:\s{0,9}\d{1,3})?(?:\s{0,9}(?:false|true)){3}\s{0,9}[A-Z]{2}(?:-[A-Z]{2})?\s{0,9}X-NONE\s{0,9}X-NONE"
    r"(?:\s{0,9}MicrosoftInternetExplorer4)?(?:\s{1,9}/\* Style Definitions \*/[^<>{}]{0,200}\{[^<>{}]{0,3000}\})?"
)
_NOWHERE = Setting()
_SHORT = 4000
# notes of a whole table or list, or of all that has a colour, in which nobody looks for a tag
_HOLDING_ALL = frozenset((NoteCode.TABLE_FLATTENED, NoteCode.LIST_NUMBERS, NoteCode.COLOUR_LOST))
# pictures and addresses, for which it matters where a text stands
_NAMES_OTHERS = re.compile(r"(?:src|href|srcset|background|data|action|cite)\s*=|<img|url\(|://", re.IGNORECASE)


@dataclass(slots=True)
class SafeHtml:
    """HTML within the allow-list, and what it cost."""

    html: str
    losses: list[Loss] = field(default_factory=list)


def to_html(text: RichText, setting: Setting = _NOWHERE) -> SafeHtml:
    """Return the text as HTML within the allow-list. Every visible word is kept, in order; what is not is a loss."""
    if len(text.value) <= _SHORT and not _NAMES_OTHERS.search(text.value):
        html, losses = _alone(text, setting.tables)
        return SafeHtml(html, list(losses))
    return _read(text, setting)


@lru_cache(maxsize=4096)  # the steps of a test are the same in each of its results
def _alone(text: RichText, tables: bool) -> tuple[str, tuple[Loss, ...]]:
    safe = _read(text, Setting(tables=tables))
    return safe.html, tuple(safe.losses)


def _read(text: RichText, setting: Setting) -> SafeHtml:
    losses: list[Loss] = []
    value = _cleaned(text.value, losses)
    if not value.strip():
        return SafeHtml("", losses)
    markup = None if text.markup == "plain" else marked(value, proved=text.markup == "html")
    if markup is None:
        words = value if text.markup == "plain" else _decoded(value, losses)
        if told := told_of(words):
            losses.append(Loss(NoteCode.FORMATTING_LOST, value, told))
        source = Content(as_seen(without_control(_LINE_ENDS.sub("\u2028", words))))
        html, is_table = plain(source.words)
        if is_table:
            losses.append(Loss(NoteCode.TABLE_FLATTENED, value, "cells between tabs became lines"))
    else:
        source = content_of(value, has_typed_entities=markup.has_typed_entities)
        html = _written(markup, setting, losses)
    shown = visible_text(html)
    losses += missing(source, html, shown, losses, setting)
    if markup:
        losses += _named(NoteCode.MARKUP_ASSUMED, markup.assumed, losses, "read as an editor's")
        losses += _named(NoteCode.MARKUP_UNSEEN, markup.untraced.others, losses, "tags that show nothing")
        losses += _named(NoteCode.MARKUP_OF_EDITORS, markup.untraced.usual, losses, "tags around words that stay")
        lost = traceless(value, html, shown, losses, has_typed_entities=markup.has_typed_entities)
        losses += _named(NoteCode.MARKUP_UNSEEN, lost, [], "tags of which nothing is left")
    return SafeHtml(html.strip() if shown else "", losses)


def looks_like_html(text: str) -> bool:
    """Return whether an editor wrote a text; ``a < b`` and ``<user>`` do not prove it."""
    return marked(text) is not None


def _cleaned(value: str, losses: list[Loss]) -> str:
    kept = _LINE_ENDS.sub("\u2028", value.removeprefix("\ufeff"))
    cleaned = without_control(kept)
    if cleaned != kept:
        losses.append(Loss(NoteCode.CONTROL_CHARACTERS, value, "control characters were removed"))
    for settings in _WORD_SETTINGS.findall(cleaned) if "X-NONE" in cleaned else ():
        losses.append(Loss(NoteCode.MARKUP_OF_EDITORS, settings, "settings of a word processor were removed"))
        cleaned = cleaned.replace(settings, "")
    return cleaned


def _decoded(text: str, losses: list[Loss]) -> str:
    """Return text without tags as its entities show it: the vendor's editor writes them even there, and so do people
    who tell of them. An editor escapes all signs: where some are not, entities are words."""
    if entities_of_words(text) == Entities.TYPED:
        return text
    losses += _named(NoteCode.MARKUP_ASSUMED, entities_in(text), losses, "read as an editor's")
    return ENTITY.sub(lambda match: attribute_value(match[0]), text)


def _named(code: NoteCode, tags: Sequence[str], losses: Sequence[Loss], message: str) -> list[Loss]:
    """Return the note that names tags which may have been typed, but for those that another note holds."""
    counts = Counter(tags)
    for loss in losses if tags else ():
        if "<" in loss.original and loss.code not in _HOLDING_ALL:
            counts -= Counter(_START_TAG.findall(loss.original))
    if not counts:
        return []
    named = " ".join(tag if count == 1 else f"{tag} (x{count})" for tag, count in counts.items())
    return [Loss(code, named, f"{message}: {counts.total()}")]


def _written(markup: Marked, setting: Setting, losses: list[Loss]) -> str:
    losses += markup.losses
    written = Writer(setting, losses).write(markup.html)
    return revealed(_cleaner(images=setting.images, tables=setting.tables).clean(written))


@cache
def _cleaner(*, images: bool, tables: bool) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED | (IMAGES if images else frozenset()) | (TABLES if tables else frozenset())),
        attributes={"a": {"href"}} | ({"img": {"src", "alt"}} if images else {}),
        url_schemes={*SCHEMES, SCHEME},
        link_rel=None,
        strip_comments=True,
    )
