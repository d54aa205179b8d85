"""Reading JSON that is not quite JSON, as old systems write it: nothing of a page is lost because of one character."""

import json
from typing import Any

import orjson


def parsed(body: bytes) -> Any:
    """Return the document; None for an empty body. ``ValueError`` when it is no JSON at all, or cut off.

    The strict parser goes first. What it refuses and people's texts do hold is then read with care: raw control
    characters and a byte-order mark are kept out of the way; half a surrogate pair, or bytes that are not UTF-8,
    become U+FFFD, the replacement character.
    """
    if not body.strip():
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _mended(json.loads(body.decode("utf-8-sig", "replace"), strict=False))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(element) for element in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(element) for key, element in value.items()}
    return value
