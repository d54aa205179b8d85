"""What a service said about an error, and how we say it: pure text."""

import re

import orjson

LONGEST = 500
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def looks_like_html(content_type: str, body: bytes) -> bool:
    """Return whether an answer is a web page, such as a log-in page or a gateway's error."""
    return "html" in content_type.lower() or body.lstrip()[:1] == b"<"


def error_text(body: bytes) -> str:
    """Return the service's own message: from JSON, from an HTML title, or the beginning of the text."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        title = _TITLE.search(body)
        text = (title.group(1) if title else body).decode("utf-8", "replace")
        return " ".join(text.split())[:LONGEST]
    found = _message(document)
    return (found if found is not None else body.decode("utf-8", "replace"))[:LONGEST]


def _message(document: object) -> str | None:
    if not isinstance(document, dict):
        return None
    for key in ("message", "Message"):
        if isinstance(document.get(key), str):
            return str(document[key])
    nested = document.get("response_status") or document.get("ResponseStatus") or document.get("error")
    return _message(nested)
