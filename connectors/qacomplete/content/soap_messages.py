"""QAComplete's SOAP messages (``qacomplete-api.md`` §7.2): writing requests, reading answers; pure."""

import base64
import binascii
import xml.sax
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.saxutils import escape

from defusedxml import expatreader

NAMESPACE = "http://www.pragmaticsw.com/"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
Values = Mapping[str, "str | Values"]


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
        """Return all elements of this name beneath, in order."""
        found = [child for child in self.children if child.name.lower() == name.lower()]
        return found + [deeper for child in self.children for deeper in child.all(name)]

    def value(self, name: str) -> str:
        """Return the text of the first element of this name beneath; empty when there is none."""
        return next((node.text.strip() for node in self.all(name)), "")


class BrokenBase64(ValueError):
    """The bytes of a file are not what they should be."""


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
    everything else becomes ``root``. ``found``: whether that element was there."""

    def __init__(self, streamed: str = "") -> None:
        self._handler = _Handler(streamed)
        self._parser: Any = expatreader.create_parser(forbid_dtd=True)
        self._parser.setFeature(feature_namespaces, True)
        self._parser.setContentHandler(self._handler)

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and return what they decode to. ``ValueError`` for what is no XML, or is harmful;
        ``BrokenBase64`` for that."""
        try:
            self._parser.feed(data)
        except xml.sax.SAXException as error:
            raise ValueError(str(error)) from error
        return self._handler.decoded(last=False)

    def end(self) -> bytes:
        """Return the last bytes; ``ValueError`` when the answer is not complete."""
        try:
            self._parser.close()
        except xml.sax.SAXException as error:
            raise ValueError(str(error)) from error
        return self._handler.decoded(last=True)

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
    """Builds the tree without recursion; ``Text`` attributes count as text."""

    def __init__(self, streamed: str) -> None:
        super().__init__()
        self._streamed = streamed
        self._open: list[tuple[str, list[str], list[Node]]] = [("", [], [])]
        self._coded: list[str] = []
        self._rest = ""
        self.found = False

    @property
    def root(self) -> Node:
        _, _, children = self._open[0]
        return Node("", "", tuple(children))

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: ARG002, N802 - SAX's
        self.found = self.found or name[1] == self._streamed
        texts = [value for (_, attribute), value in attrs.items() if attribute == "Text"]
        self._open.append((name[1], texts, []))

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: ARG002, N802 - SAX's
        local, texts, children = self._open.pop()
        self._open[-1][2].append(Node(local, "".join(texts), tuple(children)))

    def characters(self, content: str) -> None:
        if self._open[-1][0] == self._streamed:
            self._coded.append(content)
        else:
            self._open[-1][1].append(content)

    def decoded(self, *, last: bool) -> bytes:
        """Return what has come of the base64 in whole groups of four."""
        coded = self._rest + "".join("".join(self._coded).split())
        self._coded.clear()
        whole = len(coded) - len(coded) % 4
        self._rest = coded[whole:]
        if last and self._rest:
            raise BrokenBase64("its base64 does not end where it should")
        try:
            return base64.b64decode(coded[:whole], validate=True)
        except binascii.Error as error:
            raise BrokenBase64(str(error)) from error
