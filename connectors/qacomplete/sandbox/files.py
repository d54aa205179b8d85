"""Attachments as the stand-in holds them (§7.1), with content that is made anew on each read."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

CHUNK = 48 * 1024
"""A multiple of three, so that each chunk has base64 of its own."""
Trouble = Literal["fault", "cut", "login_page", "not_base64", "no_bytes", "refused"]


@dataclass(slots=True)
class File:
    """A file on an item, or on a step (``code`` ``TestSteps``). Content: ``bytes_``, else ``size`` bytes by ``seed``.

    Args:
        zipped: it is given as the server stores it, in a ZIP.
        trouble: what reading its bytes runs into.
    """

    id: int
    project_id: int
    code: str
    item_id: int
    name: str
    title: str | None = None
    comments: str | None = None
    bytes_: bytes | None = None
    size: int = 0
    seed: int = 0
    zipped: bool = False
    trouble: Trouble | None = None
    date_created: str = "2018-09-03T14:20:00.0000000"
    user_id: int = 2
    user_name: str | None = "Vik, Jon "
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_link(self) -> bool:
        """Whether the name is a URL or UNC path, and there are no bytes (§7.1)."""
        return self.name.lower().startswith(("http://", "https://", "file:", "\\\\"))

    def chunks(self) -> Iterator[bytes]:
        """Yield what a download gives, in pieces of ``CHUNK`` bytes."""
        if not self.zipped:
            return self.plain()
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            # a date of its own would make other bytes of the same file every two seconds
            member = zipfile.ZipInfo(self.name, date_time=(2018, 9, 3, 14, 20, 0))
            archive.writestr(member, b"".join(self.plain()), zipfile.ZIP_DEFLATED)
        return _pieces(held.getvalue())

    def plain(self) -> Iterator[bytes]:
        """Yield the file itself."""
        if self.bytes_ is not None:
            yield from _pieces(self.bytes_)
            return
        for number, start in enumerate(range(0, self.size, CHUNK)):
            length = min(CHUNK, self.size - start)
            yield hashlib.shake_128(f"{self.seed}:{number}".encode()).digest(length)

    def sha256(self) -> str:
        """Return the digest of the file itself, in hex."""
        digest = hashlib.sha256()
        for chunk in self.plain():
            digest.update(chunk)
        return digest.hexdigest()


def write_folder(files: list[File], folder: Path) -> None:
    """Write files as an administrator would export them: ``<entity code>/<item id>/<file name>``."""
    for file in files:
        home = folder / file.code / str(file.item_id)
        home.mkdir(parents=True, exist_ok=True)
        with (home / file.name).open("wb") as out:
            out.writelines(file.chunks())


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
