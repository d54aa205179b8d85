"""Reading foreign JSON: bounded in what it may cost, lenient about what is not quite JSON, as old systems write it."""

import codecs
import re
from typing import Any

import orjson

MOST_CONTAINERS = 500_000
MOST_VALUES = 500_000
MOST_CONTROLS = 1_000_000
MOST_MENDED = 10 * 1024 * 1024
_MOST_GROWTH = 8 * 1024 * 1024
DEEPEST = 100
_PIECE = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_CONTROLS = bytes(range(0x20))
# the closing quotation mark may be missing, so that a text that never ends is passed over once and not from each mark
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|-?(?:NaN|Infinity)', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_REPLACEMENT = rb"\ufffd"
_CONTAINERS = (dict, list)


class TooManyValues(ValueError):
    """The document would take far more memory than its bytes do."""


def parsed(body: bytes | bytearray) -> Any:
    """Return the document; None for an empty body.

    The strict parser goes first. What it refuses and people's texts do hold is then mended and read: raw control
    characters and a byte-order mark; half a surrogate pair, or bytes that are not UTF-8, become U+FFFD, the replacement
    character; numbers that JSON does not know become null.

    Raises ``TooManyValues``, and ``ValueError`` when it is no JSON at all, cut off, or nested too deep to be stored.
    """
    if not body or body.isspace():
        return None
    if body.count(b"[") + body.count(b"{") > MOST_CONTAINERS or body.count(b",") > MOST_VALUES:
        raise TooManyValues(f"it holds more than {MOST_VALUES} values, or {MOST_CONTAINERS} lists and objects")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = orjson.loads(_mended(body))
    if _is_deeper(document, DEEPEST):
        raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    return document


def _is_deeper(document: Any, limit: int) -> bool:
    # every value of every answer passes here, and the parser makes no other containers
    level = [document] if type(document) in _CONTAINERS else []
    for _ in range(limit):
        level = [
            value
            for each in level
            for value in (each.values() if type(each) is dict else each)
            if type(value) in _CONTAINERS
        ]
        if not level:
            return False
    return True


def _mended(body: bytes | bytearray) -> bytes:
    """Return the body as JSON that the strict parser reads, if it was meant as JSON. That takes several copies."""
    if len(body) > MOST_MENDED:
        raise TooManyValues(f"it is to be mended, and larger than {MOST_MENDED} bytes")
    if len(body) - len(body.translate(None, _CONTROLS)) > MOST_CONTROLS:
        raise TooManyValues(f"it holds more than {MOST_CONTROLS} raw control characters")
    return _TOKEN.sub(_mended_token, _as_utf8(body))


def _as_utf8(body: bytes | bytearray) -> bytes:
    """Return the body as valid UTF-8, made piece by piece: as text it could take four times its size."""
    if body.isascii():
        return bytes(body)
    decoder, found = codecs.getincrementaldecoder("utf-8")("replace"), bytearray()
    for start in range(0, len(body), _PIECE):
        found += decoder.decode(body[start : start + _PIECE]).encode()
        if len(found) > start + _MOST_GROWTH:
            raise TooManyValues("it is not UTF-8")
    return bytes(found + decoder.decode(b"", final=True).encode()).removeprefix(_BOM)


def _mended_token(token: re.Match[bytes]) -> bytes:
    text = token.group()
    if not text.startswith(b'"'):
        return b"null"
    if _CONTROL.search(text):
        pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
        text = b"".join(_CONTROL.sub(lambda found: b"\\u%04x" % found.group()[0], piece) for piece in pieces)
    return _without_half_pairs(text) if b"\\u" in text else text


def _without_half_pairs(text: bytes) -> bytes:
    """Return a text with every half of a surrogate pair replaced, in place: there may be a million of them."""
    found, passed = bytearray(text), 0
    for half in _HALF_PAIR.finditer(text):
        start = half.start()
        if start < passed or _is_escaped(text, start):
            continue
        pair = _PAIR.match(text, start)
        passed = pair.end() if pair else half.end()
        if not pair:
            found[start:passed] = _REPLACEMENT
    return bytes(found)


def _is_escaped(text: bytes, place: int) -> bool:
    before = place
    while before and text[before - 1] == ord("\\"):
        before -= 1
    return (place - before) % 2 == 1
