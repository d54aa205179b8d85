"""What bytes are, by how they begin: web pages, pictures, and drawings that would run something. Pure."""

import re

HEAD = 4096
"""So many bytes tell it."""
MOST_OF_A_DRAWING = 1024 * 1024
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body")
_PICTURES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"\0\0\1\0": "image/x-icon",
}
_BLANKS = b"\xef\xbb\xbf \t\r\n"
# elements that run or load something, handlers, addresses that run something, and ways to write all of that otherwise
_ACTIVE = re.compile(
    rb"<\s*(?:\w+:)?(?:script|foreignobject|iframe|object|embed|handler|set|animate)\b|\bon\w+\s*=|javascript\s*:|"
    rb"data\s*:\s*text|<!entity|<!doctype[^>]*\[|@import|&#",
    re.IGNORECASE,
)


def is_page(head: bytes) -> bool:
    """Return whether these first bytes are those of a web page."""
    return head.lstrip(_BLANKS).lower().startswith(_PAGES)


def picture_type(head: bytes) -> str:
    """Return the media type of a picture of dots; empty for everything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _PICTURES.items() if head.startswith(magic)), "")


def is_drawing(head: bytes) -> bool:
    """Return whether these first bytes are those of an SVG."""
    start = head.lstrip(_BLANKS).lower()
    return start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in start)


def is_harmless_drawing(data: bytes) -> bool:
    """Return whether a whole SVG draws and does nothing else, as far as can be told; one over ``MOST_OF_A_DRAWING`` is
    not looked at."""
    return len(data) <= MOST_OF_A_DRAWING and is_drawing(data[:HEAD]) and not _ACTIVE.search(data)
