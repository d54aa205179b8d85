"""Attachments and pictures by plain GET: at an address that the config composes, or that a text holds."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from connectors.qacomplete.content.attachments import as_content_trouble, beginning, content_trouble
from connectors.qacomplete.content.part_file import discard
from connectors.qacomplete.convert.files import FileAddress
from migrator.core.errors import AnswerSpoilt, AuthenticationError, ContentTrouble, Rejected
from migrator.core.ports.source import Content
from migrator.http.download import Downloaded
from migrator.http.transport import Transport

_HEAD = 512
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\1\0")
_WEB_PAGES = ("htm", "html", "xhtml", "mht", "mhtml")


class RestContent:
    """``attachments: rest``. ``template``: the address, with the places that the config names."""

    def __init__(self, transport: Transport, template: str) -> None:
        self._transport = transport
        self._template = template

    async def check(self) -> str:
        """Say where from; whether the route works shows with the first file."""
        return "their bytes come from the route of source.attachments_url, which the first file will prove"

    async def fetch(self, place: FileAddress, target: Path, max_bytes: int) -> Content:
        """Download the file; a web page is a log-in unless the file is one."""
        if place.file_id is None and "{file_id}" in self._template:
            raise ContentTrouble(
                f"{place.name} has no id",
                "missing",
                cause="this QAComplete lists files without ids, and source.attachments_url needs one",
                next_step="set source.attachments to soap, which finds the id by name",
            )
        address = self._template.format(
            base_url=self._transport.base_url,
            project=place.project,
            entity_code=place.code,
            entity_id=place.item,
            file_id=place.file_id,
            file_name=quote(place.name, safe=""),
        )
        is_page = place.name.rpartition(".")[2].lower() in _WEB_PAGES
        # whoever wrote the address into the config means the credentials to go there
        trusted = (urlsplit(address).hostname or "",)
        arrived = await _downloaded(self._transport, address, place.name, target, max_bytes, is_page, trusted)
        if not is_page and _is_page(await beginning(target, _HEAD)) and not _may_hold_markup(arrived.content_type):
            discard(target)
            raise ContentTrouble(f"{place.name} arrived as a web page", "web_page", cause="it is a log-in or an error")
        return Content(arrived.size, arrived.sha256, arrived.content_type)


class Pictures:
    """Pictures that texts show, from QAComplete's own hosts. ``homes``: their base URLs; the first one is the web
    application's, against which relative addresses are meant."""

    def __init__(self, transport: Transport, homes: tuple[str, ...]) -> None:
        self._transport = transport
        self._homes = homes

    async def fetch(self, address: str, target: Path, max_bytes: int) -> Content:
        """Put the picture at ``target``; as ``FileSource.fetch_picture``."""
        whole = self._whole(address)
        arrived = await _downloaded(self._transport, whole, address, target, max_bytes)
        head = await beginning(target, _HEAD)
        said = arrived.content_type.startswith("image/")
        if (_is_page(head) and arrived.content_type != "image/svg+xml") or not (said or _is_image(head)):
            discard(target)
            raise ContentTrouble(
                f"what lies at {address} is no picture", "no_image", cause=f"it is {arrived.content_type or 'unnamed'}"
            )
        return Content(arrived.size, arrived.sha256, arrived.content_type)

    def _whole(self, address: str) -> str:
        """Return the address as one of a host of ours, without its fragment."""
        try:
            whole = urlsplit(urljoin(self._homes[0].rstrip("/") + "/", address.strip()))._replace(fragment="").geturl()
        except ValueError:
            whole = ""
        if _origin(whole) in [_origin(home) for home in self._homes]:
            return whole
        raise ContentTrouble(f"the picture {address} is not QAComplete's", "foreign", cause="it lies on another host")


async def _downloaded(
    transport: Transport,
    address: str,
    name: str,
    target: Path,
    max_bytes: int,
    may_be_page: bool = True,
    trusted: Sequence[str] = (),
) -> Downloaded:
    """Download a file; what refuses it, or spoils it every time, is its own trouble."""
    try:
        return await transport.download(address, target, max_bytes=max_bytes, may_be_page=may_be_page, trusted=trusted)
    except AuthenticationError as error:
        # where everything else answers it is about this file (§4)
        await transport.call("GET", "/v1/projects", params={"limit": "1"}, repeatable=True)
        raise content_trouble(name, "refused", error) from error
    except (Rejected, AnswerSpoilt) as error:
        raise as_content_trouble(name, error) from error


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ("", "", None)
    # one with a user name in it is nobody's
    return (parts.scheme, (parts.hostname or "").lower() if parts.username is None else "", port)


def _is_page(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html"))


def _may_hold_markup(content_type: str) -> bool:
    """A text that is served as one may begin with a tag; a picture may not."""
    return content_type.startswith("text/") and content_type != "text/html"


def _is_image(head: bytes) -> bool:
    return head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
