"""The files that rounds of ``sync`` leave: a page and JSON each, named by the time, and not for ever."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from migrator.app.reports.dated import write_pieces
from migrator.core.redact import hidden_in

KEPT = 30
"""Rounds whose reports stay; older ones go when a new one comes."""
_NAME = re.compile(r"(sync-\d{8}T\d{6}Z(?:-\d+)?)\.(?:html|json)(?:\.part)?")


def write_both(path: Path, page: Iterable[str], document: dict[str, Any]) -> None:
    """Write the JSON, then the page. Raises like ``write_pieces``."""
    write_pieces(path.with_suffix(".json"), [orjson.dumps(hidden_in(document), option=orjson.OPT_INDENT_2) + b"\n"])
    write_pieces(path, (piece.encode() for piece in page))


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
