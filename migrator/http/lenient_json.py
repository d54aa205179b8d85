"""Reading foreign JSON: bounded in what it may cost, lenient about what is not quite JSON, as old systems write it."""

import codecs
import re
from typing import Any

import orjson

MOST_CONTAINERS = 500_000
MOST_VALUES = 1_000_000
DEEPEST = 100
_PIECE = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
# the closing quotation mark may be missing, so that a text that never ends is passed over once and not from each mark
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|-?(?:NaN|Infinity)', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)


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
        document = orjson.loads(_TOKEN.sub(_mended, _as_utf8(body)))
    if _is_deeper(document, DEEPEST):
        raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    return document


def _is_deeper(document: Any, limit: int) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(limit):
        inner = (value for each in level for value in (each.values() if isinstance(each, dict) else each))
        level = [value for value in inner if isinstance(value, dict | list)]
        if not level:
            return False
    return True


def _as_utf8(body: bytes | bytearray) -> bytes:
    """Return the body as valid UTF-8, made piece by piece: as text it could take four times its size."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    starts = range(0, len(body), _PIECE)
    pieces = [decoder.decode(body[start : start + _PIECE]).encode() for start in starts]
    return b"".join((*pieces, decoder.decode(b"", final=True).encode())).removeprefix(_BOM)


def _mended(token: re.Match[bytes]) -> bytes:
    text = token.group()
    if not text.startswith(b'"'):
        return b"null"
    if _CONTROL.search(text):
        text = _CONTROL.sub(lambda found: b"\\u%04x" % found.group()[0], text)
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found.group(), text) if b"\\u" in text else text
