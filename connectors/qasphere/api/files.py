"""Files (``qasphere-api.md`` §3.15). They belong to the tenant, and cannot be listed, changed or deleted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.qasphere.api.base import PREFIX, ApiBase, created, segment
from connectors.qasphere.refusals import unless_suspended
from connectors.qasphere.wire.runs import WireFile, WireFiles
from migrator.core.errors import OutcomeUnknown
from migrator.core.ports.destination import Hooks
from migrator.http.download import Downloaded, Pages
from migrator.http.multipart import FilePart, Multipart

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_FILES = 100
MAX_BODY_BYTES = 500 * 1024 * 1024


class FileApi(ApiBase):
    """Uploads are repeated after a lost answer: what that leaves behind is a file that nobody refers to."""

    async def upload_file(self, file: FilePart, hooks: Hooks) -> WireFile:
        """Upload a file of at most ``MAX_FILE_BYTES`` (§3.15). 413: too large."""
        return created(WireFile, await self._upload("/file", Multipart("file", [file]), hooks), "/file")

    async def upload_files(self, files: Sequence[FilePart], hooks: Hooks) -> list[WireFile]:
        """Upload at most ``MAX_FILES`` files of ``MAX_FILE_BYTES`` each; answers in the same order (§3.15).

        413: a file is too large, or the body has over ``MAX_BODY_BYTES``. All or nothing (A-40).
        """
        stored = created(WireFiles, await self._upload("/file/batch", Multipart("files", files), hooks), "/file/batch")
        if len(stored.files) != len(files):
            raise OutcomeUnknown(f"QA Sphere answered {len(stored.files)} files for {len(files)} that were sent")
        return stored.files

    async def download_file(
        self, file_id: str, target: Path, *, max_bytes: int = MAX_FILE_BYTES, pages: Pages = "refused"
    ) -> Downloaded:
        """Put a file at ``target`` (§3.15), following redirects; outside the prefix of all other endpoints.

        ``pages``: whether the file may be one, or may begin like one.
        The type in the answer is the server's choice.
        """
        path = f"/api/file/{segment(file_id)}"
        return await unless_suspended(self._transport.download(path, target, max_bytes=max_bytes, pages=pages))

    async def _upload(self, path: str, form: Multipart, hooks: Hooks) -> Any:
        self._check_writing(f"POST {path}")
        return await unless_suspended(self._transport.upload(PREFIX + path, form, repeatable=True, hooks=hooks))
