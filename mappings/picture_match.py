"""Which attachment the address of a picture means: its id says so before its name does."""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from migrator.core.model import Attachment

_OF_A_FILE = re.compile(r"(?:file|attach|doc|image|img|pic|download|blob|content).*id$|^(?:file|attachment|image)$")
_FOLDER = re.compile(
    r"/(?:files?|attachments?|images?|pictures?|documents?|downloads?|content)/([^/]+)(?=/|$)", re.IGNORECASE
)
_NAMED = re.compile(r"name|file|path|title|image|img|doc|attach")


def matching(address: str, attachments: Sequence[Attachment], home: str = "") -> Sequence[Attachment]:
    """Return the attachments that an address can mean: one when it is clear, several with the same name, or none.

    Args:
        home: an address at the source; what lies in another domain means none. Empty: not known.
    """
    try:
        parts, own = urlsplit(address), urlsplit(home)
        if parts.netloc and own.netloc and _domain(parts.hostname) != _domain(own.hostname):
            return ()
    except ValueError:
        return ()
    values = [(key.casefold(), value.strip()) for key, value in parse_qsl(parts.query)]
    idents = (
        {value for key, value in values if _OF_A_FILE.search(key)},
        set(_FOLDER.findall(parts.path)),
        {value for key, value in values if key == "id"},
    )
    for wanted in idents:
        found = [attachment for attachment in attachments if attachment.ref.ids[-1] in wanted]
        if len(found) == 1:
            return found
    last = parts.path.rpartition("/")[2]
    names = {
        _name(name)
        for name in (unquote(last), unquote_plus(last), *(value for key, value in values if _NAMED.search(key)))
    } - {""}
    return [attachment for attachment in attachments if _name(attachment.title) in names]


def _domain(host: str | None) -> list[str]:
    """Return what tells whose a host is: its last two parts, or all of an address in digits."""
    parts = (host or "").casefold().split(".")
    return parts if parts[-1].isdigit() else parts[-2:]


def _name(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
