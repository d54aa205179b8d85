"""Attachments and pictures by plain GET: at an address that the config composes, or that a text holds."""

from collections.abc import Awaitable
from pathlib import Path
from urllib.parse import quote, urlsplit

from connectors.qacomplete.content.attachments import as_content_trouble, beginning, content_trouble
from connectors.qacomplete.content.part_file import discard
from connectors.qacomplete.convert.files import FileAddress
from migrator.core.errors import AnswerSpoilt, AuthenticationError, ContentTrouble, Rejected
from migrator.core.media import HEAD, MOST_OF_A_DRAWING, is_drawing, is_harmless_drawing, picture_type
from migrator.core.ports.source import Content
from migrator.http.download import Downloaded, pages_for
from migrator.http.origins import origin_of, resolved
from migrator.http.transport import Transport


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
        # whoever wrote the address into the config means the credentials to go there
        trusted = (urlsplit(address).netloc,)
        arrived = await _as_content(
            self._transport,
            place.name,
            self._transport.download(
                address, target, max_bytes=max_bytes, pages=pages_for(place.name), trusted=trusted
            ),
        )
        return Content(arrived.size, arrived.sha256, arrived.content_type)


class Pictures:
    """Pictures that texts show, from QAComplete's own hosts, asked for without credentials: whoever writes a text could
    otherwise read with this program's rights (``docs/security.md``). ``homes``: the hosts' base URLs; the first one is
    the web application's, against which relative addresses are meant."""

    def __init__(self, transport: Transport, homes: tuple[str, ...]) -> None:
        self._transport = transport
        self._homes = homes

    async def fetch(self, address: str, target: Path, max_bytes: int) -> Content:
        """Put the picture at ``target``; as ``FileSource.fetch_picture``."""
        whole = self._whole(address)
        try:
            download = self._transport.download(whole, target, max_bytes=max_bytes, pages="taken", anonymous=True)
            arrived = await _as_content(self._transport, address, download)
            if reason := _no_picture(await beginning(target, MOST_OF_A_DRAWING + 1), arrived.content_type):
                discard(target)
                raise ContentTrouble(f"what lies at {address} is no picture", "no_image", cause=reason)
        except ContentTrouble as trouble:
            trouble.address = whole
            raise
        return Content(arrived.size, arrived.sha256, arrived.content_type)

    def _whole(self, address: str) -> str:
        """Return the address as one of a host of ours, without its fragment."""
        whole = resolved(self._homes[0].rstrip("/") + "/", address).partition("#")[0]
        if (origin := origin_of(whole)) and origin in [origin_of(home) for home in self._homes]:
            return whole
        raise ContentTrouble(f"the picture {address} is not QAComplete's", "foreign", cause="it lies on another host")


async def _as_content(transport: Transport, name: str, download: Awaitable[Downloaded]) -> Downloaded:
    """Await a download; what refuses it, or spoils it every time, is the file's own trouble."""
    try:
        return await download
    except AuthenticationError as error:
        # where everything else answers it is about this file (§4)
        await transport.call("GET", "/v1/projects", params={"limit": "1"}, repeatable=True)
        raise content_trouble(name, "refused", error) from error
    except (Rejected, AnswerSpoilt) as error:
        raise as_content_trouble(name, error) from error


def _no_picture(data: bytes, said: str) -> str:
    """Return why these bytes are no picture, or one that is not shown; empty when they are one."""
    if picture_type(data):
        return ""
    if is_drawing(data[:HEAD]) or said == "image/svg+xml":
        return "" if is_harmless_drawing(data) else "it is a drawing that is not plain: it may run or load something"
    is_markup = data.lstrip()[:1] == b"<"
    return "" if said.startswith("image/") and not is_markup else f"it is {said or 'unnamed'}"
