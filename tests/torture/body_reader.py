"""Reads one body of ``tests.torture.bodies`` as the program does, and tells what became of it and how much it took."""

import asyncio
import json
import struct
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from connectors.qacomplete.content.soap_reader import answer_reader, content_reader
from connectors.qacomplete.content.unzip import unwrapped
from migrator.core.errors import MigratorError
from migrator.core.ports.source import Content
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

_LIMIT = 50 * 1024 * 1024
_ELEMENT = "Attachments_GetAttachmentResult"


async def _over_http(url: str, path: str, reader: str, target: Path) -> Any:
    async with Transport(
        url,
        auth=BasicAuth("user", SecretStr("secret")),
        governor=Governor(rate=None, slots=1, name="S"),
        settings=HttpSettings(),
        name="Service",
        timeout=120,
        limits=RetryLimits(attempts=1, total=1, first_delay=0.01),
    ) as transport:
        if reader == "json":
            return await transport.call("GET", path, repeatable=True)
        if reader == "file":
            return await transport.download(path, target, max_bytes=_LIMIT)
        read = answer_reader() if reader == "soap list" else content_reader(_ELEMENT, target, "a.bin", _LIMIT)
        return await transport.exchange(path, b"", headers={}, reader=read, file_bytes=_LIMIT)


def _write_zip(kind: str, target: Path) -> None:
    """Write a ZIP of one member of the file's own name, which takes far more than it has."""
    if kind == "directory":
        entry = b"PK\x01\x02" + b"\0" * 24 + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
        with target.open("wb") as file:
            file.write(b"PK\x03\x04")
            for _ in range(1000):
                file.write(entry * 1000)
            file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) * 1_000_000, 4, 0))
        return
    method = {"bz2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA, "deflate": zipfile.ZIP_DEFLATED}[kind]
    with zipfile.ZipFile(target, "w", method) as archive, archive.open("a.txt", "w") as member:
        for _ in range(1 if kind == "lzma" else 400):
            member.write(b"\0" * 1024 * 1024)
    if kind == "lzma":
        data = bytearray(target.read_bytes())
        data[60] ^= 0xFF
        target.write_bytes(data)


async def _from_zip(kind: str, target: Path) -> Content:
    _write_zip(kind, target)
    return await unwrapped(target, "a.txt", Content(0, "", ""), _LIMIT)


async def _outcome(url: str, name: str, reader: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.txt"
        try:
            if reader.startswith("zip "):
                await _from_zip(reader.removeprefix("zip "), target)
            else:
                await _over_http(url, f"/?name={quote(name)}", reader, target)
        except MigratorError as error:
            return f"{type(error).__name__}: {error}"
        return "ok"


def _peak_mib() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    said = asyncio.run(_outcome(*sys.argv[1:4]))
    sys.stdout.write(json.dumps({"outcome": said, "peak_mib": _peak_mib()}))
