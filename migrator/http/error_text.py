"""What a service said about an error, and how we say it: pure text, in one pass over it."""

import orjson

from migrator.core.redact import beginning

LONGEST = 500
LONGEST_ERROR = 64 * 1024
"""So many bytes of an error's body are read."""
_KEYS = ("message", "Message")
_INNER = ("response_status", "ResponseStatus", "error")


def looks_like_html(content_type: str, body: bytes | bytearray) -> bool:
    """Return whether an answer is a web page, such as a log-in page or a gateway's error."""
    return "html" in content_type.lower() or body[:LONGEST_ERROR].lstrip()[:1] == b"<"


def error_text(body: bytes | bytearray) -> str:
    """Return the service's own message: from JSON, from an HTML title, or the beginning of the text."""
    head = bytes(body[:LONGEST_ERROR])
    try:
        found = _message(orjson.loads(head))
    except orjson.JSONDecodeError:
        return beginning(" ".join((_title(head) or head).decode("utf-8", "replace").split()), LONGEST)
    return beginning(found if found is not None else head.decode("utf-8", "replace"), LONGEST)


def _title(page: bytes) -> bytes:
    """Return what stands in the title of a page; empty without one."""
    folded = page.lower()
    start = folded.find(b">", folded.find(b"<title")) + 1 if b"<title" in folded else 0
    end = folded.find(b"</title", start) if start else -1
    return page[start:end] if end >= 0 else b""


def _message(document: object) -> str | None:
    while isinstance(document, dict):
        found = next((document[key] for key in _KEYS if isinstance(document.get(key), str)), None)
        if found is not None:
            return str(found)
        document = next((document[key] for key in _INNER if document.get(key)), None)
    return None
