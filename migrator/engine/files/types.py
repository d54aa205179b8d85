"""What kind of file it is, by its name, by the source's word, and by its first bytes."""

import mimetypes
from pathlib import Path

import puremagic

from migrator.core.media import HEAD, is_page

_UNTOLD = ("", "application/octet-stream", "binary/octet-stream", "application/x-download")


def told_type(name: str, declared: str) -> str:
    """Return the media type by the source's word or by the name; empty when neither says."""
    said = declared.partition(";")[0].strip().casefold()
    return mimetypes.guess_type(name)[0] or "" if said in _UNTOLD else said


def type_by_content(path: Path) -> str:
    """Return the media type by the first bytes."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if is_page(head):
        return "text/html"
    try:
        return puremagic.from_string(head, mime=True) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
