"""``report --archive``: every original that was extracted, as NDJSON, with a manifest that proves it is whole."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import orjson
from pydantic import BaseModel

from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config
from migrator.core.redact import hidden
from state.questions.items import ArchivedRecord
from state.workspace import open_workspace

MANIFEST_SUFFIX = ".manifest.json"


class Manifest(BaseModel):
    """What the archive file holds. ``kinds``: the source's kind of entity → number of lines."""

    file: str
    sha256: str
    lines: int
    kinds: dict[str, int]
    source: str


def write_archive(config: Config, path: Path) -> Manifest:
    """Write one line per extracted item, and the manifest beside it; the file appears only when it is whole.

    A line holds marker, project, kind, fate, reason, notes, the entity in our words, and ``raw``, the vendor's own
    JSON. Raises ``ConfigError`` when the file cannot be written, ``StorageFull`` when there is no space.
    """
    with open_workspace(config.workspace, write=False) as workspace:
        with whole_file(path) as file:
            digest, kinds = _write_lines(file, workspace.items.archived())
        manifest = Manifest(
            file=path.name,
            sha256=digest,
            lines=kinds.total(),
            kinds=dict(sorted(kinds.items())),
            source=f"{config.connector}@{config.instance}",
        )
        with whole_file(path.with_name(path.name + MANIFEST_SUFFIX)) as beside:
            beside.write(manifest.model_dump_json(indent=2).encode() + b"\n")
    return manifest


def _write_lines(file: BinaryIO, records: Iterable[ArchivedRecord]) -> tuple[str, Counter[str]]:
    digest, kinds = hashlib.sha256(), Counter[str]()
    for record in records:
        line = _line(record)
        file.write(line)
        digest.update(line)
        kinds[record.kind] += 1
    return digest.hexdigest(), kinds


def _line(record: ArchivedRecord) -> bytes:
    document = {
        "marker": record.marker,
        "project": record.project,
        "kind": record.kind,
        "fate": record.fate,
        "reason": hidden(record.reason),
        "notes": record.notes,
        "entity": orjson.Fragment(record.entity),
        "raw": orjson.Fragment(record.raw),
    }
    return orjson.dumps(document) + b"\n"
