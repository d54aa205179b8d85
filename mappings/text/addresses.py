"""Links and pictures of a text: where they lead in QA Sphere, or their addresses as words."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape

import nh3
from selectolax.lexbor import LexborNode

from mappings.files import address_of, is_picture
from mappings.text.output import Looks, Output, Shown
from mappings.text.setting import Setting
from mappings.text.wording import foreign, hidden
from mappings.text.words import Around, Lose
from mappings.vocabulary import address_in, host_name, scheme_of, without_control
from migrator.core.notes import NoteCode
from migrator.core.text import symbol

SCHEMES = frozenset(("http", "https", "mailto"))
_UNSPOKEN = frozenset(("javascript", "vbscript", "data", "about"))
_OF_THE_WEB = re.compile(r"https?:[/\\]{2}[^/\\]", re.IGNORECASE)
# those of which every reader makes the same host
_USUAL = re.compile(
    r"https?://(?!.{0,250}xn--)(?:[a-z0-9-]{1,63}\.){0,8}[a-z][a-z0-9-]{0,62}(?::\d{1,4})?(?:[/?#]|$)", re.IGNORECASE
)
_LONGEST_ORIGINAL = 2000
_LOOK = "a"


class Addresses:
    """Writes the links and pictures of one text."""

    def __init__(self, setting: Setting, out: Output, lose: Lose) -> None:
        self._setting = setting
        self._out = out
        self._lose = lose
        self._behind: list[str] = []

    def link(self, node: LexborNode, around: Around) -> tuple[Around, Callable[[], None]]:
        """Begin a link; return what is around its words, and what ends it."""
        address = address_in(node.attributes.get("href") or node.attributes.get("xlink:href"))
        if not address or address.startswith("#"):
            return around, _nothing
        target = "" if _in_link(around.looks) else self._target(address)
        if target:
            looks = (*around.looks, Shown(_LOOK, f'<a href="{target}">', "</a>"))
            return replace(around, looks=looks), partial(self._end, address, looks, self._out.seen)
        self._lose(
            NoteCode.LINK_UNUSABLE, address[:_LONGEST_ORIGINAL], "the address leads nowhere outside the old system"
        )
        said = "" if scheme_of(address) in _UNSPOKEN else f" ({address})"
        return around, partial(self._say, hidden(without_control(said)), around.looks)

    def _end(self, address: str, looks: Looks, seen: int) -> None:
        """End a link; where it has no words, its address is what people can click."""
        if self._out.seen == seen:
            self._out.words(hidden(without_control(address)), looks)
        for picture in self._behind:
            self._out.sign(picture, looks[:-1])
        self._behind = []

    def _say(self, words: str, around: Looks) -> None:
        if words:
            self._out.words(words, around)

    def _target(self, address: str) -> str:
        """Return where a link leads in QA Sphere, ready for an attribute; empty when it leads nowhere."""
        if case := self._setting.cases.get(address):
            return escape(symbol("case", case))
        if files := self._setting.files:
            is_data = scheme_of(address) == "data"
            file = files.data(address) if is_data else files.linked(address)
            if file or is_data:
                return escape(address_of(file)) if file else ""
        if address.startswith("//"):
            address = f"https:{address}"
        if not _is_of_the_web(address):
            return foreign(address) if scheme_of(address) == "mailto" else ""
        if host_name(address) in self._setting.hosts:
            self._lose(NoteCode.LINK_TO_SOURCE, address[:_LONGEST_ORIGINAL], "what it leads to is not in QA Sphere")
        return foreign(address)

    def picture(self, node: LexborNode, around: Looks) -> None:
        """Write what stands for a picture: the file that it is, or a link to where it is."""
        source = _source_of(node)
        name = (node.attributes.get("alt") or "").strip() or _file_name(source) or "image"
        shown = hidden(without_control(f"[image: {name}]"))
        files = self._setting.files
        if files and (namesakes := files.namesakes(source)):
            message = f"{len(namesakes)} files of the item have this name: {', '.join(namesakes)}"
            self._lose(NoteCode.PICTURE_AMBIGUOUS, source, message)
        file = files.picture(source) if files else None
        if file is None:
            self._lose(NoteCode.IMAGE_LINKED, source[:_LONGEST_ORIGINAL], "the picture itself is not in the text")
            absolute = f"https:{source}" if source.startswith("//") else source
            if _is_of_the_web(absolute):
                self._linked(foreign(absolute), shown, around)
            else:
                self._out.words(shown, around)
            return
        keeps = self._setting.images and is_picture(file)
        if not keeps:
            message = f"the picture is the file {file.name}, linked where it stood"
            self._lose(NoteCode.IMAGE_LINKED, source[:_LONGEST_ORIGINAL], message)
        address = escape(address_of(file))
        if keeps:
            self._out.words(f'<img src="{address}" alt="{hidden(name, quote=True)}"> ', around)
        self._linked(address, shown, around)

    def _linked(self, address: str, shown: str, around: Looks) -> None:
        """Write a link; within a link, where there can be no other, it follows behind."""
        if _in_link(around):
            self._out.words(shown, around)
            self._behind.append(f' <a href="{address}">(picture)</a>')
        else:
            self._out.words(f'<a href="{address}">{shown}</a>', around)


def _nothing() -> None:
    """End what did not begin."""


def _is_of_the_web(address: str) -> bool:
    """Return whether an address names its host, as one that can be.

    Browsers read ``https:page.html`` from the host that shows it, and a sanitiser drops ``https://<host>/``.
    """
    if _OF_THE_WEB.match(address) is None:
        return False
    return _USUAL.match(address) is not None or "href" in nh3.clean(f'<a href="{escape(address)}">a</a>')


def _in_link(looks: Looks) -> bool:
    return any(look.name == _LOOK for look in looks)


def _source_of(node: LexborNode) -> str:
    """Return the address of a picture; pages that load it late or in several sizes keep it elsewhere."""
    attributes = node.attributes
    several = (attributes.get("srcset") or "").split()
    written = attributes.get("src") or attributes.get("data-src") or (several[0].rstrip(",") if several else "")
    return address_in(written)


def _file_name(address: str) -> str:
    if scheme_of(address) == "data":
        return ""
    return address.split("?", maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]
