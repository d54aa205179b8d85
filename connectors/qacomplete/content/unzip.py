"""Files that the server gives as it stores them: each in a ZIP of its own (``qacomplete-api.md`` §7.2)."""

import zipfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path, PurePath, PureWindowsPath

from anyio import to_thread

from connectors.qacomplete.content.part_file import part_file
from migrator.core.errors import ContentTrouble
from migrator.core.ports.source import Content

_CHUNK = 256 * 1024
_MAGIC = b"PK\x03\x04"
_THEMSELVES = frozenset(
    (
        "zip", "jar", "war", "ear", "apk", "aar", "ipa", "xpi", "crx", "nupkg", "whl", "epub", "docx", "docm", "dotx",
        "xlsx", "xlsm", "xlsb", "xltx", "pptx", "pptm", "potx", "vsdx", "odt", "ods", "odp", "odg", "kmz",
    )
)  # fmt: skip
"""Endings of files that are ZIP archives by themselves."""


async def unwrapped(path: Path, name: str, content: Content, max_bytes: int) -> Content:
    """Replace a ZIP that holds nothing but the file ``name`` by that file; return what then lies at ``path``."""
    member = await to_thread.run_sync(_only_member, path, name)
    if member is None:
        return content
    try:
        async with part_file(path, name, max_bytes) as part:
            async for chunk in _chunks(path, member):
                await part.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ContentTrouble(f"{name} arrived in a ZIP that cannot be read", "unreadable", cause=str(error)) from error
    return part.content()


def _only_member(path: Path, name: str) -> str | None:
    """Return the name of a ZIP's one member if it is named like the file; None for everything else."""
    if PurePath(name).suffix.lower().removeprefix(".") in _THEMSELVES:
        return None
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return None
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    is_named = len(members) == 1 and PureWindowsPath(members[0]).name.casefold() == name.casefold()
    return members[0] if is_named else None


async def _chunks(path: Path, member: str) -> AsyncIterator[bytes]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        while chunk := await to_thread.run_sync(file.read, _CHUNK):
            yield chunk
