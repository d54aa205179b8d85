"""Attachments from a folder that an administrator has exported: ``<entity code>/<item id>/<file name>``."""

from contextlib import suppress
from pathlib import Path

from anyio import to_thread

from connectors.qacomplete.content.part_file import part_file
from connectors.qacomplete.convert.files import FileAddress
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, ContentTrouble
from migrator.core.ports.source import Content

_CHUNK = 256 * 1024


class FolderContent:
    """``attachments: folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, place: FileAddress, target: Path, max_bytes: int) -> Content:
        """Copy the file."""
        found = await to_thread.run_sync(self._find, place)
        try:
            # opened here and not in a thread, as in ``part_file``
            with found.open("rb") as file:
                async with part_file(target, place.name, max_bytes) as part:
                    while chunk := await to_thread.run_sync(file.read, _CHUNK):
                        await part.write(chunk)
        except OSError as error:
            raise ContentTrouble(f"{place.name} cannot be read", "refused", cause=str(error)) from error
        return part.content()

    async def check(self) -> str:
        """Look whether the folder is there; ``ConfigError`` when it is not."""
        if not await to_thread.run_sync(self._folder.is_dir):
            raise ConfigError(
                f"there is no folder of attachments at {self._folder}",
                code=ErrorCode.FILE_UNUSABLE,
                next_step="correct source.attachments_folder, or set source.attachments to soap, rest or none",
            )
        return f"their bytes come from {self._folder}"

    def _find(self, place: FileAddress) -> Path:
        """Return the path; a name that would lead out of the item's folder is no file's."""
        home = self._folder.resolve() / place.code / str(place.item)
        found = home / place.name
        is_one_name = "/" not in place.name and "\\" not in place.name and "\0" not in place.name
        # a name may also be longer than any file's
        with suppress(OSError):
            if is_one_name and found.is_file() and found.resolve().parent == home:
                return found
        raise ContentTrouble(
            f"{place.name} is not in the folder of attachments",
            "missing",
            cause=f"there is no file {place.code}/{place.item}/{place.name} under {self._folder}",
            next_step="put it there, or correct source.attachments_folder, then run again",
        )
