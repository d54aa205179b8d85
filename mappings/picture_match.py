"""Which attachment the address of a picture means: the id in it decides, and a name only where there is no id."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from urllib.parse import SplitResult, parse_qsl, unquote, unquote_plus, urlsplit

from migrator.core.model import Attachment

_PARAMETER = re.compile(r"[?&;#]([^=?&;#/]+)=([^?&;#]*)")
_OF_A_FILE = re.compile(r"(?:attached|attachment|attach|att)?(?:file)?id|file|attachment")
_OF_CONTENT = re.compile(r"(?:document|doc|image|img|picture|pic|download|blob|content)(?:id)?")
_FOLDER = re.compile(
    r"/(?:files?|attachments?|images?|img|pictures?|documents?|downloads?|uploads?|content)((?:/[^/]+)+)", re.IGNORECASE
)
_OF_FILES = re.compile(r"file|attach", re.IGNORECASE)
_PROGRAM = re.compile(r"(?:[^.]*|.*\.(?:aspx?|ashx|php|jsp|do|cgi))", re.IGNORECASE)
"""The last part of a path that is no name of a file."""
_ROUTE = re.compile(r"file|attach|image|img|picture|document|download|upload|content|blob", re.IGNORECASE)
_NAMED = re.compile(r"name|file|path|title|image|img|doc|attach")
# no name of a file, which has a suffix, and no word of a path
_IDENT = re.compile(r"\d+|(?=\D*\d)[0-9A-Fa-f]{8}[0-9A-Fa-f-]{8,}")


def matching(
    address: str,
    attachments: Sequence[Attachment],
    hosts: Collection[str] = (),
    others: Sequence[Attachment] = (),
    *,
    is_link: bool = False,
) -> Sequence[Attachment]:
    """Return the attachments that an address can mean: one when it is clear, several with the same name, or none.

    Args:
        address: as the text has it.
        attachments: of the item.
        hosts: of the source, in lower case; what lies on another host means none. Empty: not known.
        others: what an address can mean by its id only.
        is_link: it is no picture's, so that the id of a page may be anything's: ``/bug.aspx?id=2``.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return []
    if host and hosts and host not in hosts:
        return []
    known = {attachment.ref.ids[-1]: attachment for attachment in (*others, *attachments)}
    idents = _idents(address, parts.path, known, is_link=is_link)
    if idents:
        return [known[ident] for ident in idents[:1] if ident in known]
    wanted = _names(parts)
    return [attachment for attachment in attachments if _name(attachment.title) in wanted]


def of_another_item(
    address: str, attachments: Sequence[Attachment], hosts: Collection[str], *, is_link: bool = False
) -> Attachment | None:
    """Return the file that an address names for sure, whatever item it hangs on.

    A project has thousands of ids, so that one of them may stand in an address by chance, as a year or the number of a
    page. So a parameter has to say that it is a file's, or the name in the address has to agree, or there is none.

    Args:
        address: as the text has it.
        attachments: of whatever items of the project.
        hosts: of the source, in lower case; an address that names another one, or any while none is known, means none.
        is_link: as for ``matching``.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if host and host not in hosts:
        return None
    known = {attachment.ref.ids[-1]: attachment for attachment in attachments}
    path, names = unquote(parts.path), _names(parts)
    said = [value for key, value in _parameters(address) if key != "id" and _OF_A_FILE.fullmatch(key)]
    last = path.rstrip("/").rpartition("/")[2]
    is_nameless = _OF_FILES.search(path) is not None and _PROGRAM.fullmatch(last) is not None
    for ident in said or _idents(address, parts.path, known, is_link=is_link):
        found = known.get(ident)
        if found and (said or is_nameless or _name(found.title) in names):
            return found
    return None


def _idents(address: str, path: str, known: Collection[str], *, is_link: bool) -> list[str]:
    """Return the ids of files that an address holds, those first that say most of which file it is: those of
    parameters for files, then those that are known. In a path the last folder says more than those around it. What a
    link's other parameters say counts only where the path is one of files."""
    parameters = _parameters(address)
    folders = _FOLDER.search(unquote(path))
    named = [value for key, value in parameters if key != "id" and _OF_A_FILE.fullmatch(key)]
    is_route = not is_link or _ROUTE.search(unquote(path)) is not None
    others = [
        *(value for key, value in parameters if is_route and _OF_CONTENT.fullmatch(key)),
        *(folders[1].split("/")[:0:-1] if folders else ()),
        *(value for key, value in parameters if is_route and key == "id"),
    ]
    # 2016 in /files/2016/a.png?id=902 may be a year
    by_weight = [*sorted(named, key=_is_new(known)), *sorted(others, key=_is_new(known))]
    return [value for value in by_weight if value in known or _IDENT.fullmatch(value)]


def _parameters(address: str) -> list[tuple[str, str]]:
    return [(_plain(key), value.strip()) for key, value in _PARAMETER.findall(unquote(address))]


def _names(parts: SplitResult) -> set[str]:
    """Return the names of files that an address can hold."""
    last = parts.path.rpartition("/")[2]
    values = (value for key, value in parse_qsl(parts.query) if _NAMED.search(key.casefold()))
    return {_name(name) for name in (unquote(last), unquote_plus(last), *values)} - {""}


def _is_new(known: Collection[str]) -> Callable[[str], bool]:
    return lambda ident: ident not in known


def _plain(key: str) -> str:
    return key.casefold().replace("_", "").replace("-", "")


def _name(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
