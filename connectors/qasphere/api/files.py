"""Files (``qasphere-api.md`` §3.15). They belong to the tenant, and cannot be listed, changed or deleted."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.qasphere.api.base import Resource, segment
from connectors.qasphere.wire.runs import UploadedFile, UploadedFiles
from migrator.core.errors import OutcomeUnknown, Rejected
from migrator.core.plural import number
from migrator.core.ports.destination import Hooks
from migrator.http.download import Downloaded, Pages
from migrator.http.multipart import FilePart, Multipart, file_part

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_FILES = 100
MAX_BODY_BYTES = 500 * 1024 * 1024
_PART_BYTES = 4096
"""More than the headers of one file in a form take."""


class Files(Resource):
    """Uploads are repeated after a lost answer: what that leaves behind is a file that nobody refers to.

    Files are paths, or ``FilePart`` where name, type or bytes come from elsewhere.
    """

    async def upload(self, file: Path | FilePart, *, hooks: Hooks | None = None) -> UploadedFile:
        """Upload a file of at most ``MAX_FILE_BYTES`` (§3.15); ``Rejected`` with 413, before it is sent, beyond."""
        part = _fitting(file)
        return await self._caller.upload(UploadedFile, "/file", Multipart("file", [part]), hooks)

    async def batch_upload(
        self, files: Sequence[Path | FilePart], *, hooks: Hooks | None = None
    ) -> Sequence[UploadedFile]:
        """Upload any number of files of ``MAX_FILE_BYTES`` each; answers in the same order (§3.15).

        Sends them in as many requests as ``MAX_FILES`` and ``MAX_BODY_BYTES`` make necessary; each is all or nothing
        (A-40). ``Rejected`` with 413, before anything is sent, when one file is too large.
        """
        stored: list[UploadedFile] = []
        for parts in batches([_fitting(file) for file in files]):
            form = Multipart("files", parts)
            answer = await self._caller.upload(UploadedFiles, "/file/batch", form, hooks)
            if len(answer.files) != len(parts):
                raise OutcomeUnknown(
                    f"QA Sphere answered {number(len(answer.files), 'file')} for {len(parts)} that were sent"
                )
            stored += answer.files
        return stored

    async def download(
        self, file: str, target: Path, *, max_bytes: int = MAX_FILE_BYTES, pages: Pages = "refused"
    ) -> Downloaded:
        """Put a file at ``target`` (§3.15), following redirects.

        ``pages``: whether the file may be a web page, or may begin like one. The type is the server's choice.
        """
        return await self._caller.download(f"/api/file/{segment(file)}", target, max_bytes, pages)


def batches(parts: Sequence[FilePart]) -> Iterator[Sequence[FilePart]]:
    """Yield the files in groups that fit into one request each."""
    group: list[FilePart] = []
    size = 0
    for part in parts:
        taken = part.size + _PART_BYTES
        if group and (len(group) == MAX_FILES or size + taken > MAX_BODY_BYTES):
            yield group
            group, size = [], 0
        group.append(part)
        size += taken
    if group:
        yield group


def _fitting(file: Path | FilePart) -> FilePart:
    part = file_part(file) if isinstance(file, Path) else file
    if part.size > MAX_FILE_BYTES:
        raise Rejected(
            f"{part.name} has {part.size} bytes, more than the {MAX_FILE_BYTES} that QA Sphere takes",
            cause="nothing was sent",
            status=413,
        )
    return part
