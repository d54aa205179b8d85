"""The files that rounds of ``sync`` leave: a page and JSON each, named by the time, and not for ever."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from migrator.app.runtime.whole_file import whole_file
from migrator.core.redact import hidden_in

KEPT = 30
"""Rounds whose reports stay; older ones go when a new one comes."""
_NAME = re.compile(r"(sync-\d{8}T\d{6}Z(?:-\d+)?)\.(?:html|json)(?:\.part)?")


def free_name(folder: Path, at: float) -> Path:
    """Return where the page of a round goes that began ``at`` (seconds since the epoch): none that stands there."""
    stem = f"sync-{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"
    taken = {path.stem for path in folder.glob(f"{stem}*")}
    number = next(number for number in range(1, len(taken) + 2) if _numbered(stem, number) not in taken)
    return folder / f"{_numbered(stem, number)}.html"


def write_both(path: Path, page: Iterable[str], document: dict[str, Any]) -> None:
    """Write the JSON, then the page. Raises ``OSError`` and like ``whole_file``."""
    path.parent.mkdir(exist_ok=True)
    with whole_file(path.with_suffix(".json")) as file:
        file.write(orjson.dumps(hidden_in(document), option=orjson.OPT_INDENT_2) + b"\n")
    with whole_file(path) as file:
        for piece in page:
            file.write(piece.encode())


def newest_document(but: Path) -> dict[str, Any]:
    """Return the JSON of the newest report besides ``but``; an empty one when there is none that can be read."""
    found = [path for path in _ours(but.parent) if path.suffix == ".json" and _stem(path) != but.stem]
    try:
        document = orjson.loads(max(found, key=_stem).read_bytes()) if found else {}
    except (OSError, orjson.JSONDecodeError):
        return {}
    return document if isinstance(document, dict) else {}


def prune_reports(written: Path) -> None:
    """Delete all but the newest ``KEPT`` reports, and what a killed process has left half-way; ``written`` stays even
    if a wrong clock once made later ones. Raises ``OSError``."""
    files = _ours(written.parent)
    stems = sorted({_stem(path) for path in files} - {written.stem}, reverse=True)
    kept = {written.stem, *stems[: KEPT - 1]}
    for path in files:
        if _stem(path) not in kept or path.suffix == ".part":
            path.unlink(missing_ok=True)


def _ours(folder: Path) -> list[Path]:
    return [path for path in folder.glob("sync-*") if _NAME.fullmatch(path.name)]


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"
