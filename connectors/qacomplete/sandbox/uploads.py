"""Adding files by multipart POST (§7.3)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web

from connectors.qacomplete.sandbox.answers import Refused, Responder, object_of, to_json
from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.file_handlers import AREAS, FileHandlers, file_row, is_there
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.switches import Switches

_CODES = {
    "releases": "Releases",
    "bugs": "Bugs",
    "functionalspecs": "FunctionalSpecs",
    "tests": "Tests",
    "testsets": "TestSets",
    "teststeps": "TestSteps",
}
_LONGEST = 255
_CHUNK = 64 * 1024
# of this stand-in's server (§3.4)
_ZONE = ZoneInfo("America/Denver")


class UploadHandlers:
    """Answers the POST. Checks in the order of §9.2: who asks, the project, whether the item exists, then the body."""

    def __init__(self, responder: Responder, data: SeedData, switches: Switches) -> None:
        self._responder = responder
        self._data = data
        self._switches = switches
        self._files = FileHandlers(responder, data, switches)

    async def change(self, request: web.Request) -> web.Response:
        """Change title and comments: PUT wants the title, PATCH takes what is there (§8). A form replaces the bytes."""
        file = self._files.one(request)
        if AREAS[request.match_info["code"].lower()] in self._switches.no_update:
            raise Refused(403)
        if request.method == "PUT" and request.content_type == "multipart/form-data":
            return await self._replace(request, file)
        given = {name.lower(): value for name, value in (await object_of(request)).items()}
        texts = {name: given[name] for name in ("title", "comments") if name in given}
        if not all(isinstance(text, str) for text in texts.values()) or (
            request.method == "PUT" and "title" not in texts
        ):
            raise Refused(400)
        if len(texts.get("title", "")) > _LONGEST:
            raise Refused(500)
        file.title, file.comments = texts.get("title", file.title), texts.get("comments", file.comments)
        return to_json(file_row(file, self._switches))

    async def _replace(self, request: web.Request, file: File) -> web.Response:
        texts, name, content = await self._form(request)
        title = texts.get("title") or name
        if max(len(title), len(name)) > _LONGEST:
            raise Refused(500)
        file.name, file.title, file.comments, file.bytes_ = name, title, texts.get("comments") or None, content
        return to_json(file_row(file, self._switches))

    async def remove(self, request: web.Request) -> web.Response:
        """Delete a file."""
        file = self._files.one(request)
        if AREAS[request.match_info["code"].lower()] in self._switches.no_update:
            raise Refused(403)
        self._data.files.remove(file)
        return to_json(file_row(file, self._switches))

    async def add(self, request: web.Request) -> web.Response:
        """Take a file; where the switches say so, that is a change of its test."""
        code, item = request.match_info["code"].lower(), int(request.match_info["item"])
        project = self._responder.project_of(request, AREAS[code])
        if AREAS[code] in self._switches.no_update:
            raise Refused(403)
        if not is_there(self._data, code, project, item):
            raise Refused(404)
        texts, name, content = await self._form(request)
        # the path says where; of the rest the query wins over the form
        texts |= {key.lower(): value for key, value in request.query.items()}
        title = texts.get("title") or name
        if max(len(title), len(name)) > _LONGEST:
            raise Refused(500)
        now = datetime.now(UTC).astimezone(_ZONE).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"
        file = File(
            id=max((file.id for file in self._data.files), default=0) + 1,
            project_id=project,
            code=_CODES[code],
            item_id=item,
            name=name,
            title=title,
            comments=texts.get("comments") or None,
            bytes_=content,
            date_created=now,
        )
        self._data.files.append(file)
        if self._switches.file_touches and code == "tests":
            next(test for test in self._data.tests if test.id == item).date_updated = now
        return to_json(file_row(file, self._switches))

    async def _form(self, request: web.Request) -> tuple[dict[str, str], str, bytes]:
        """Return the texts by name in lower case, and name and content of the file."""
        if request.content_type != "multipart/form-data" or "boundary=" not in request.headers["Content-Type"]:
            raise Refused(400)
        texts: dict[str, str] = {}
        files: list[tuple[str, bytes]] = []
        try:
            async for part in await _reader(request):
                if not isinstance(part, BodyPartReader) or part.name is None:
                    continue
                if part.filename is None:
                    texts[part.name.lower()] = await part.text()
                elif part.name.lower() == "file":
                    files.append((part.filename, await self._content(part)))
        except ValueError:
            raise Refused(400) from None
        link = texts.get("link", "").strip()
        if link and File(0, 0, "", 0, link).is_link:  # as the sister operation of automations has it
            files.append((link, b""))
        if len(files) != 1:
            raise Refused(400)
        return texts, *files[0]

    async def _content(self, part: BodyPartReader) -> bytes:
        content = bytearray()
        while chunk := await part.read_chunk(_CHUNK):
            content += chunk
            if len(content) > self._switches.file_bytes:
                raise Refused(413)
        return bytes(content)


async def _reader(request: web.Request) -> MultipartReader:
    """Return the form. Where a fault was drawn, the body has been read already and is given out once more."""
    if not request.content.at_eof():
        return await request.multipart()
    again = StreamReader(request.protocol, _CHUNK)
    again.feed_data(await request.read())
    again.feed_eof()
    return MultipartReader(request.headers, again)
