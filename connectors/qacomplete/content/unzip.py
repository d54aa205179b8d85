"""Files that the server gives as it stores them: each in a ZIP of its own (``qacomplete-api.md`` §7.2)."""

import os
import re
import struct
import unicodedata
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path, PureWindowsPath

from anyio import to_thread

from connectors.qacomplete.content.part_file import part_file
from migrator.core.errors import ContentTrouble, MigratorError
from migrator.core.ports.source import Content

_CHUNK = 256 * 1024
_MAGIC = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_MOST_OF_THE_END = _END.size + 0xFFFF
_LONGEST_DIRECTORY = 64 * 1024
_UTF8 = 0x800
# what Windows packs names in, where it does not say so
_CODE_PAGES = ("utf-8", "cp1252", "cp850", "cp866", "cp1251", "cp852", "cp1250", "shift_jis", "gbk", "big5", "euc_kr")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_KIND = re.compile(r"\.[a-z0-9]{1,8}$")
_UNSAFE = re.compile(r'[/\\:*?"<>|]')
# others need far more memory than they have bytes, or are not in every Python
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


async def unwrapped(path: Path, name: str, content: Content, max_bytes: int) -> Content:
    """Replace a ZIP that holds nothing but the file ``name`` by that file; return what then lies at ``path``.

    That goes by the member's name, whatever the file is: no true ``.xlsx`` holds one member of its own name, and a
    server that wraps wraps these, too. A ``.zip`` could, so that it says what was done.
    """
    member = await to_thread.run_sync(_only_member, path, name)
    if member is None:
        return content
    try:
        async with part_file(path, name, max_bytes) as part:
            async for chunk in _chunks(path, member):
                await part.write(chunk)
    except MigratorError:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise ContentTrouble(f"{name} arrived in a ZIP that cannot be read", "unreadable", cause=cause) from error
    return replace(part.content(), unwrapped=name.casefold().endswith(".zip"))


def _only_member(path: Path, name: str) -> str | None:
    """Return the name of a ZIP's one member if it is named like the file; None for everything else."""
    if not _has_one_member(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            (member,) = archive.infolist()
    except Exception:  # noqa: BLE001 - foreign bytes: what this library cannot read stays as it came
        return None
    if member.is_dir():
        return None
    wanted = _last_part(name)
    is_named = any(_last_part(spelling) == wanted for spelling in _spellings(member))
    if not wanted.endswith(".zip"):
        # no file of another kind holds one member of its own, so that what its name has become need not be read
        is_named = is_named or (
            _KIND.search(wanted) is not None and _shape(name).fullmatch(member.filename) is not None
        )
    elif "/" in member.filename and _plain(member.filename) != _plain(name):
        # people pack folders; a server packs one file
        return None
    return member.filename if is_named and member.compress_type in _READ else None


def _has_one_member(path: Path) -> bool:
    """Look at the end of a ZIP before the library does: it would make an object of every entry of a long directory."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return False
        file.seek(0, os.SEEK_END)
        file.seek(-min(file.tell(), _MOST_OF_THE_END), os.SEEK_END)
        tail = file.read()
    start = tail.rfind(_END_MAGIC)
    if start < 0 or len(tail) - start < _END.size or tail[max(0, start - 20) : start].startswith(b"PK\x06\x07"):
        return False
    _, _, _, _, members, directory, _, _ = _END.unpack_from(tail, start)
    return bool(members == 1 and directory <= _LONGEST_DIRECTORY)


def _spellings(member: zipfile.ZipInfo) -> list[str]:
    """Return what the name may be: archives from Windows do not say in which code page it stands."""
    if member.flag_bits & _UTF8:
        return [member.filename]
    raw = member.orig_filename.encode("cp437", "replace")
    return [member.filename, *(raw.decode(page, "replace") for page in _CODE_PAGES)]


def _shape(name: str) -> re.Pattern[str]:
    """Return what a name becomes where its letters are written in some code page, or are none of it, and where what no
    name of a file may hold is another sign."""
    parts = _FOREIGN.split(unicodedata.normalize("NFC", name).strip())
    return re.compile(".+".join("[^.]".join(map(re.escape, _UNSAFE.split(part))) for part in parts), re.IGNORECASE)


def _last_part(name: str) -> str:
    # the list of files leaves out the blanks around a name
    return PureWindowsPath(_plain(name)).name.strip()


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().replace("\\", "/")


async def _chunks(path: Path, member: str) -> AsyncIterator[bytes]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        while chunk := await to_thread.run_sync(file.read, _CHUNK):
            yield chunk
