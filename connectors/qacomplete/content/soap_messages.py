"""QAComplete's SOAP messages (``qacomplete-api.md`` §7.2): writing requests, reading answers; pure."""

import base64
import xml.sax
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.saxutils import escape

from defusedxml import expatreader

from connectors.qacomplete.content.xml_characters import Hider, shown

NAMESPACE = "http://www.pragmaticsw.com/"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
Values = Mapping[str, "str | Values"]
_MOST_BESIDE = 1024 * 1024
_MOST_TEXT = 16 * 1024 * 1024
_MOST_NODES = 200_000
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """What the server refuses a call with."""

    text: str
    is_about_login: bool


@dataclass(frozen=True, slots=True)
class Node:
    """An element of an answer: its local name, its text, and its children."""

    name: str
    text: str
    children: "tuple[Node, ...]"

    def all(self, name: str) -> "list[Node]":
        """Return all elements of this name below, in order."""
        found = [child for child in self.children if child.name.lower() == name.lower()]
        return found + [deeper for child in self.children for deeper in child.all(name)]

    def value(self, name: str) -> str:
        """Return the text of the first element of this name below; empty when there is none."""
        return next((node.text.strip() for node in self.all(name)), "")


class Harmful(ValueError):
    """The bytes of a file are not what they should be, or what stands beside them has no end. Asked again, it would be
    the same."""


def envelope(operation: str, values: Values) -> bytes:
    """Return a request. Values without text are left out, as the server wants it."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{_ENVELOPE}"><soap:Body>'
        f'<{operation} xmlns="{NAMESPACE}">{_elements(values)}</{operation}></soap:Body></soap:Envelope>'
    ).encode()


def _elements(values: Values) -> str:
    return "".join(
        f"<{name}>{escape(value) if isinstance(value, str) else _elements(value)}</{name}>"
        for name, value in values.items()
        if value
    )


class AnswerParser:
    """Reads an answer as it comes. The text of the element ``streamed`` is base64, which ``feed`` decodes on the way;
    everything else becomes ``root``, up to a bound. ``found``: whether that element was there."""

    def __init__(self, streamed: str = "") -> None:
        self._handler = _Handler(streamed)
        self._hider = Hider()
        self._silent = 0
        self._parser: Any = expatreader.create_parser(forbid_dtd=True)
        self._parser.setFeature(feature_namespaces, True)
        self._parser.setContentHandler(self._handler)

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and return what they decode to. ``ValueError`` for what is no XML; ``Harmful`` for
        broken base64, and for more or deeper XML than an answer can have."""
        self._parse(self._hider.hide(data))
        return self._handler.decoded(last=False)

    def end(self) -> bytes:
        """Return the last bytes; ``ValueError`` when the answer is not complete."""
        self._parse(self._hider.hide(b"", last=True))
        try:
            self._parser.close()
        except xml.sax.SAXException as error:
            raise ValueError(str(error)) from error
        return self._handler.decoded(last=True)

    def _parse(self, data: bytes) -> None:
        events = self._handler.events
        try:
            self._parser.feed(data)
        except xml.sax.SAXException as error:
            raise ValueError(str(error)) from error
        # a name or an attribute that does not end is kept by the parser, and shows in no event
        self._silent = 0 if self._handler.events > events else self._silent + len(data)
        if self._silent > _MOST_BESIDE:
            raise Harmful("it holds a name or an attribute that does not end")

    @property
    def found(self) -> bool:
        """Whether the streamed element was there."""
        return self._handler.found

    @property
    def root(self) -> Node:
        """The answer, once it is complete."""
        return self._handler.root

    @property
    def fault(self) -> Fault | None:
        """The fault that the answer is, if it is one. Its message stands in an attribute (§7.2)."""
        faults = self.root.all("Fault")
        if not faults:
            return None
        fault = faults[0]
        actor = fault.value("faultactor") or fault.value("Role")
        words = [fault.value("Description"), fault.value("faultstring") or fault.value("Text"), actor]
        text = "; ".join(dict.fromkeys(word for word in words if word))
        return Fault(text, "authentication" in text.lower())


class _Handler(ContentHandler):
    """Builds the tree without recursion, within bounds; ``Text`` attributes count as text."""

    def __init__(self, streamed: str) -> None:
        super().__init__()
        self._streamed = streamed
        self._open: list[tuple[str, list[str], list[Node]]] = [("", [], [])]
        self._coded: list[str] = []
        self._rest = ""
        self._most_text = _MOST_BESIDE if streamed else _MOST_TEXT
        self._text = 0
        self._nodes = 0
        self.events = 0
        self.found = False

    @property
    def root(self) -> Node:
        _, _, children = self._open[0]
        return Node("", "", tuple(children))

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: ARG002, N802 - SAX's
        self.found = self.found or name[1] == self._streamed
        texts = [shown(value) for (_, attribute), value in attrs.items() if attribute == "Text"]
        self.events += 1
        self._nodes += 1
        if self._nodes > _MOST_NODES or len(self._open) > _DEEPEST:
            raise Harmful("it holds more elements, or deeper ones, than an answer has")
        self._open.append((name[1], texts, []))

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: ARG002, N802 - SAX's
        self.events += 1
        local, texts, children = self._open.pop()
        self._open[-1][2].append(Node(local, "".join(texts), tuple(children)))

    def characters(self, content: str) -> None:
        self.events += 1
        if self._open[-1][0] == self._streamed:
            self._coded.append(content)
            return
        self._text += len(content)
        if self._text > self._most_text:
            raise Harmful("it holds more text than an answer has")
        self._open[-1][1].append(shown(content))

    def decoded(self, *, last: bool) -> bytes:
        """Return what has come of the base64 in whole groups of four."""
        coded = self._rest + "".join("".join(self._coded).split())
        self._coded.clear()
        whole = len(coded) - len(coded) % 4
        self._rest = coded[whole:]
        if last and self._rest:
            raise Harmful("its base64 does not end where it should")
        try:
            return base64.b64decode(coded[:whole], validate=True)
        except ValueError as error:  # of the base64, or a character that is none of its
            raise Harmful(str(error)) from error
