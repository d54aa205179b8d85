"""Planted secrets in every spelling, and everything that leaves a program, unpacked to be searched for them."""

import base64
import html
import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import orjson
import zstandard

from migrator.core import redact

PASSWORD = 'Pl&nted<"token"/of+Üsers=%'
API_KEY = 'pl"nted.k<e&y>/of+sphere=%17.t*il'
CLIENT_SECRET = "gr&nt<'secret'>/of+ä=%"
PROXY_PASSWORD = 'pr"xy<p&ss>/word+ö=%'
KEY_PASSWORD = 'cl"ent<k&y>/pass+=%'
HOOK_PATH = "/services/T0PL4NT/B0ED/x1y2z3hookp4th"
PLANTED = (PASSWORD, API_KEY, CLIENT_SECRET, PROXY_PASSWORD, KEY_PASSWORD, HOOK_PATH)

_BEGINNING = 12
"""So many characters of a secret are one already: whoever cuts a text before hiding leaves the beginning."""
_SQLITE = b"SQLite format 3\0"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "html": html.escape,
    "percent": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}
"""All in UTF-8; what other code pages make of a secret stands in ``tests/migrator/core/test_redact.py``."""


def forget() -> None:
    """Know no secrets, as a new process."""
    redact._SECRETS.forget()
    redact._LASTING.forget()


def needles(secrets: Iterable[str]) -> set[bytes]:
    """Return what must not be found: the beginning of every spelling of every secret."""
    found: set[str] = set()
    for secret in secrets:
        found |= {spell(secret) for spell in SPELLINGS.values()}
        found |= {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), quote(secret, safe=""))}
        found |= {json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {text[:_BEGINNING].encode() for text in found}


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a file as it is, and what is packed in it: members of archives, blocks of pages, texts in JSON."""
    yield name, data
    if texts := b"\n".join(_texts(data)):
        yield f"{name}, as JSON", texts
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from unpacked(f"{name}/{member}", archive.read(member))
    elif b"<html" in data[:500].lower():
        for number, found in enumerate(_BASE64.finditer(data)):
            if block := _inflated(found[0]):
                yield from unpacked(f"{name}, block {number}", block)


def sinks(folder: Path, *, but: Iterable[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Yield every file beneath a folder, unpacked, and every cell of the databases as it reads. ``but``: names that are
    left out."""
    left_out = set(but)
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in left_out:
            continue
        data = path.read_bytes()
        yield from unpacked(str(path), data)
        if data.startswith(_SQLITE):
            yield from _cells(path)


def _cells(path: Path) -> Iterator[tuple[str, bytes]]:
    database = sqlite3.connect(path)
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for number, row in enumerate(database.execute(f"SELECT * FROM {table}")):
            for cell in row:
                yield from unpacked(f"{path.name}, {table} {number}", _read(cell))
    database.close()


def _texts(data: bytes) -> Iterator[bytes]:
    """Yield the texts of a JSON document, or of one a line."""
    for line in [data] if data[:1] in b'{["' and data.count(b"\n") < 2 else data.splitlines():
        if line[:1] in (b"{", b"[", b'"'):
            try:
                yield from _strings(orjson.loads(line))
            except orjson.JSONDecodeError:
                continue


def _strings(value: object) -> Iterator[bytes]:
    if isinstance(value, str):
        yield value.encode(errors="surrogatepass")
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _read(cell: object) -> bytes:
    if not isinstance(cell, bytes):
        return str(cell).encode()
    return zstandard.ZstdDecompressor().decompress(cell) if cell.startswith(_ZSTD) else cell


def _inflated(text: bytes) -> bytes:
    try:
        return zlib.decompress(base64.b64decode(text))
    except (ValueError, zlib.error):
        return b""
