"""Uploads and downloads (§3.15)."""

from typing import Any

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web

from connectors.qasphere.sandbox.access import Access
from connectors.qasphere.sandbox.readers import Refused, bad
from connectors.qasphere.sandbox.store_files import Arriving, StoredFile

_FILES_PER_CALL = 100
_CHUNK = 256 * 1024


class FileHandlers(Access):
    """One method per endpoint."""

    async def upload(self, request: web.Request) -> web.Response:
        self._need(request, "test-runner")
        (file,) = await self._received(request, "file", 1)
        return self._created(_view(request, file) | {"stableUrl": f"/api/file/{file.id}"})

    async def upload_batch(self, request: web.Request) -> web.Response:
        self._need(request, "test-runner")
        files = await self._received(request, "files", _FILES_PER_CALL)
        return self._created({"files": [_view(request, file) for file in files]})

    async def download(self, request: web.Request) -> web.StreamResponse:
        self._need(request, "viewer")
        file = self._file(request)
        if self._switches.file_redirect:
            return web.Response(status=302, headers={"Location": f"/storage/{file.id}"})
        return _answer(file)

    async def stored(self, request: web.Request) -> web.StreamResponse:
        """Answer at the address that ``file_redirect`` leads to; it needs no key, being hard to guess."""
        return _answer(self._file(request))

    def _file(self, request: web.Request) -> StoredFile:
        file = self._store.files.get(request.match_info["file"])
        if file is None:
            raise Refused(404, "file not found")
        return file

    async def _received(self, request: web.Request, field: str, most: int) -> list[StoredFile]:
        """Store the files of a form, all or none (A-40)."""
        if (request.content_length or 0) > self._switches.files_bytes:
            raise Refused(413, "request body is too large")
        arriving: list[Arriving] = []
        try:
            await self._read_form(request, field, most, arriving)
        except Exception as error:
            for file in arriving:
                file.dropped()
            if isinstance(error, Refused | web.HTTPException | ConnectionError):
                raise
            raise bad("malformed multipart form") from error  # whatever the library makes of broken headers
        if not arriving:
            raise bad(f"no file in the form field {field}")
        files = [file.finished() for file in arriving]
        self._store.files |= {file.id: file for file in files}
        return files

    async def _read_form(self, request: web.Request, field: str, most: int, arriving: list[Arriving]) -> None:
        if request.content_type != "multipart/form-data":
            raise bad("the body must be a multipart form")
        async for part in await _reader(request):
            if not isinstance(part, BodyPartReader) or part.name != field or part.filename is None:
                continue
            if not part.filename:
                raise bad("a file needs a name")
            if len(arriving) == most:
                raise bad(f"too many files: at most {most}")
            arriving.append(Arriving(self._store.ids.next(), part.filename, self._store.spool))
            await self._read_part(part, arriving)

    async def _read_part(self, part: BodyPartReader, arriving: list[Arriving]) -> None:
        while chunk := await part.read_chunk(_CHUNK):
            arriving[-1].add(chunk)
            if arriving[-1].size > self._switches.file_bytes:
                raise Refused(413, "file is too large")
            if sum(file.size for file in arriving) > self._switches.files_bytes:
                raise Refused(413, "request body is too large")


async def _reader(request: web.Request) -> MultipartReader:
    """Return the form. Where a fault was drawn, the body has been read already and is given out once more."""
    if not request.content.at_eof():
        return await request.multipart()
    again = StreamReader(request.protocol, _CHUNK)
    again.feed_data(await request.read())
    again.feed_eof()
    return MultipartReader(request.headers, again)


def _view(request: web.Request, file: StoredFile) -> dict[str, Any]:
    return {"id": file.id, "url": f"{request.scheme}://{request.host}/api/file/{file.id}"}


def _answer(file: StoredFile) -> web.StreamResponse:
    headers = {"Content-Type": file.mime_type}
    if file.path:
        return web.FileResponse(file.path, headers=headers)
    return web.Response(body=file.kept, headers=headers)
