"""Files that rows name, by paths that begin at the folder of the tables and never leave it."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from connectors.spreadsheet.links import real_parts
from migrator.core.errors import ContentTrouble
from migrator.core.model import Attachment
from migrator.core.ports.source import Content
from migrator.core.refs import Ref

_SEVERAL = re.compile(r"[;|\n]")
_CHUNK = 256 * 1024
_WITHIN = "put it below the folder of the tables, not as a link, and correct the path"


def root_of(path: Path) -> Path:
    """Return the folder at which paths in tables begin; ``path``: the setting."""
    return path if path.is_dir() else path.parent


def places_in(text: str) -> list[str]:
    """Return the paths that a cell names, with slashes; several stand with a semicolon, bar or line break between. A
    cell of addresses, or of JSON as QA Sphere exports it, names none."""
    if "://" in text or text.startswith("["):
        return []
    names = (part.strip().replace("\\", "/") for part in _SEVERAL.split(text))
    return list(dict.fromkeys(name for name in names if name))


def attachment(root: Path, owner: Ref, place: str) -> tuple[Attachment, str]:
    """Return the file that an item names, and what is wrong about it, if anything."""
    size, trouble = None, ""
    try:
        with _opened(root, place) as file:
            size = os.fstat(file.fileno()).st_size
    except ContentTrouble as error:
        trouble = error.message
    ref = owner.model_copy(update={"kind": "file", "ids": (*owner.ids, place)})
    return Attachment(ref=ref, title=PurePosixPath(place).name or place, about=owner, size=size), trouble


def copied(root: Path, place: str, target: Path, most: int) -> Content:
    """Copy a file to ``target``; ``ContentTrouble`` when it is not there, lies elsewhere, or has over ``most`` bytes,
    and nothing is left then."""
    digest, size = sha256(), 0
    try:
        with _opened(root, place) as file, target.open("wb") as copy:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise ContentTrouble(f"{place} is larger than {most} bytes", "too_large")
                digest.update(chunk)
                copy.write(chunk)
    except ContentTrouble:
        with suppress(FileNotFoundError):
            target.unlink()
        raise
    return Content(size, digest.hexdigest(), "")


@contextmanager
def _opened(root: Path, place: str) -> Iterator[BinaryIO]:
    """Open a file folder by folder and follow no link out of ``root``, so that nothing elsewhere is so much as looked
    at."""
    parts = PurePosixPath(place).parts
    if not parts or place.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", place) or "\0" in place:
        raise ContentTrouble(f"{place} is no path below the folder of the tables", "refused", next_step=_WITHIN)
    try:
        descriptor = _descriptor(root, real_parts(root, parts))
    except OSError as error:
        cause = error.strerror or str(error)
        raise ContentTrouble(
            f"{place} cannot be read ({cause})", "missing", cause=f"under {root}: {cause}", next_step=_WITHIN
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _descriptor(root: Path, parts: tuple[str, ...]) -> int:
    if not parts:
        raise FileNotFoundError(errno.ENOENT, "it is no file")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        # a pipe would keep us waiting for somebody who writes
        found = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise FileNotFoundError(errno.ENOENT, "it is no file")
    return found
