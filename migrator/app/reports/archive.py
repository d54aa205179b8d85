"""``report --archive``: every original that was extracted, as NDJSON, with a manifest that proves it is whole, and sums
that ``sha256sum -c`` checks."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import orjson
from pydantic import BaseModel

from migrator.app.reports.from_workspace import ReportData
from migrator.app.runtime.spool import spool_of
from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config
from migrator.core.redact import hidden
from state.questions.items import ArchivedRecord
from state.workspace import Workspace, open_workspace

MANIFEST_SUFFIX = ".manifest.json"
SUMS_SUFFIX = ".sha256"


class FileEntry(BaseModel):
    """A file on both sides.

    At the source: ``marker``, ``name``, ``hangs_on`` (the marker of its item), ``address``, ``size`` in bytes,
    ``sha256``. In QA Sphere: ``new_id``, ``new_name``, ``new_url``, and ``new_sha256`` as it was read back at
    ``checked_at`` (UTC). ``kept``: where the workspace keeps a copy, from the archive's folder. Empty: nobody knows.
    """

    marker: str
    name: str
    hangs_on: str
    address: str
    fate: str
    size: str
    sha256: str
    new_id: str
    new_name: str
    new_url: str
    new_sha256: str
    checked_at: str
    kept: str = ""


class Manifest(BaseModel):
    """What the archive file holds.

    Args:
        kinds: the source's kind of entity → number of lines.
        files: every file, in whatever place.
    """

    file: str
    sha256: str
    lines: int
    kinds: dict[str, int]
    source: str
    files: list[FileEntry] = []


def write_archive(config: Config, path: Path) -> Manifest:
    """Write one line per extracted item, and beside it the manifest and the sums of both and of every file that the
    workspace keeps; a file appears only when it is whole.

    A line holds marker, project, kind, fate, reason, notes, the entity in our words, and ``raw``, the vendor's own
    JSON. Raises ``ConfigError`` when a file cannot be written, ``StorageFull`` when there is no space.
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
            files=list(_entries(config, workspace, path.parent)),
        )
    document = manifest.model_dump_json(indent=2).encode() + b"\n"
    named = path.with_name(path.name + MANIFEST_SUFFIX)
    sums = [(digest, path.name), (hashlib.sha256(document).hexdigest(), named.name)]
    sums += dict.fromkeys((entry.sha256, entry.kept) for entry in manifest.files if entry.kept)
    with whole_file(named) as beside:
        beside.write(document)
    with whole_file(path.with_name(path.name + SUMS_SUFFIX)) as beside:
        beside.writelines(f"{sha256}  {name}\n".encode() for sha256, name in sums)
    return manifest


def _entries(config: Config, workspace: Workspace, folder: Path) -> Iterator[FileEntry]:
    """Yield every file. ``folder``: of the archive."""
    spool = spool_of(config)
    for line in ReportData(config, workspace).crossings():
        if line.kind != "file":
            continue
        kept = spool.find(line.sha256, int(line.size)) if line.sha256 and line.size else None
        yield FileEntry(
            marker=line.source,
            name=line.title,
            hangs_on=line.hangs_on,
            address=line.old_url,
            fate=line.fate,
            size=line.size,
            sha256=line.sha256,
            new_id=line.new_id,
            new_name=line.new_name,
            new_url=line.url,
            new_sha256=line.new_sha256,
            checked_at=line.checked_at,
            kept=os.path.relpath(kept, folder) if kept else "",
        )


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
