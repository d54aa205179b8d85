"""What kind of file it is, by its name, by the source's word, and by its first bytes."""

import mimetypes
from pathlib import Path

import puremagic

_UNTOLD = ("", "application/octet-stream", "binary/octet-stream", "application/x-download")
_PAGES = ("text/html", "application/xhtml+xml")
_HEAD = 4096


def told_type(name: str, declared: str) -> str:
    """Return the media type by the source's word or by the name; empty when neither says."""
    said = declared.partition(";")[0].strip().casefold()
    return mimetypes.guess_type(name)[0] or "" if said in _UNTOLD else said


def type_by_content(path: Path) -> str:
    """Return the media type by the first bytes."""
    head = _head(path)
    if is_page(head):
        return "text/html"
    try:
        return puremagic.from_string(head, mime=True) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"


def is_unexpected_page(path: Path, name: str, declared: str) -> bool:
    """Whether a web page arrived where the name, or else the source's word, promises something else.

    Log-in pages and error pages come with status 200 and the name of the file that was asked for.
    """
    promised = mimetypes.guess_type(name)[0] or told_type(name, declared)
    return bool(promised) and not promised.startswith("text/") and promised not in _PAGES and is_page(_head(path))


def is_page(head: bytes) -> bool:
    """Whether these first bytes are those of a web page."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
