"""Texts of the source → HTML that QA Sphere keeps: few tags, all visible words, no surprises (design §9).

Meaning never depends on tags that nobody has seen survive: unless they are known to, tables become lines and images
become links. The document is parsed and written anew; the sanitiser behind that only proves what the writer promises.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from html import unescape

import nh3

from mappings.text.html_writer import ALLOWED, IMAGES, SCHEMES, TABLES, Loss, Setting, Writer
from mappings.text.wording import escaped, revealed
from mappings.vocabulary import without_control
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from migrator.core.text import SCHEME, visible_text

_TAG = re.compile(
    r"</?(?:p|br|b|i|u|s|em|strong|ul|ol|li|a|h[1-6]|code|pre|div|span|font|table|tr|td|th|tbody|thead|img|hr|dl|dt|dd|"
    r"blockquote|sub|sup|strike|del|ins|center|small|big|tt|script|style|html|body|o:p|st1:\w+|section|article|"
    r"label|input|iframe|object|embed|title|head|meta|link)"
    # attributes as editors write them: "if a <b and c> d" holds no tag
    r"(?:\s+(?:[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)|nowrap|noshade|compact|checked|disabled))*\s*/?>|<!--",
    re.IGNORECASE,
)
_BREAKING = re.compile(
    r"<(?:p|br|div|ul|ol|li|table|tr|h[1-6]|pre|dl|dt|dd|blockquote|hr|section|article)\b", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")


_NOWHERE = Setting()


@dataclass(slots=True)
class SafeHtml:
    """HTML within the allow-list, and what it cost."""

    html: str
    losses: list[Loss] = field(default_factory=list)


def to_html(text: RichText, setting: Setting = _NOWHERE) -> SafeHtml:
    """Return the text as HTML within the allow-list. Every visible word is kept, in order."""
    value = without_control(text.value)
    losses = []
    if value != text.value:
        losses.append(Loss(NoteCode.CONTROL_CHARACTERS, text.value, "control characters were removed"))
    if not value.strip():
        return SafeHtml("", losses)
    if text.markup == "plain":
        return SafeHtml(plain_to_html(value), losses)
    if text.markup == "detect" and not looks_like_html(value):
        # the vendor's editor writes entities even where there is no tag
        return SafeHtml(plain_to_html(_ENTITY.sub(lambda match: unescape(match.group()), value)), losses)
    written = Writer(setting, losses).write(_with_breaks(value))
    cleaned = revealed(_cleaner(images=setting.images, tables=setting.tables).clean(written))
    return SafeHtml(cleaned.strip() if visible_text(cleaned) else "", losses)


@cache
def _cleaner(*, images: bool, tables: bool) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED | (IMAGES if images else frozenset()) | (TABLES if tables else frozenset())),
        attributes={"a": {"href"}} | ({"img": {"src", "alt"}} if images else {}),
        url_schemes={*SCHEMES, SCHEME},
        link_rel=None,
        strip_comments=True,
    )


def looks_like_html(text: str) -> bool:
    """Return whether a text holds a tag that people or editors write; ``a < b`` is not one."""
    return _TAG.search(text) is not None


def plain_to_html(text: str) -> str:
    """Return plain text as paragraphs; single line breaks stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", lines)]
    shown = [escaped(part).replace("\n", "<br>") for part in paragraphs if part.strip()]
    return "".join(f"<p>{part}</p>" for part in shown)


def _with_breaks(value: str) -> str:
    """Keep the line breaks of a text that has tags, but none that would break a line."""
    if "\n" not in value or _BREAKING.search(value):
        return value
    return value.replace("\r\n", "\n").strip("\n").replace("\n", "<br>")
