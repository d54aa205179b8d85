"""Receipts on phases, matrices or samples: the one thing that is ever written to Workiva (``workiva-api.md`` §9)."""

from collections.abc import Collection, Sequence
from pathlib import Path

from connectors.workiva.api import WorkivaApi
from connectors.workiva.content.uploads import Uploads
from connectors.workiva.wire import WireAttachment
from migrator.core.ports.source import Memory
from migrator.core.refs import Ref

_DEPTHS = {"phase": 2, "matrix": 3, "sample": 4}
"""How many ids name an item of each level; test forms take no files (§5)."""
_READS_BY_POST = ("/download", "/export")


class WorkivaReceipts:
    """Implements ``ReceiptTarget``. Phases are usual: each upload costs three calls, and questions about it."""

    def __init__(self, api: WorkivaApi, uploads: Uploads, *, at_once: int) -> None:
        self._api = api
        self._uploads = uploads
        self.levels: Sequence[str] = tuple(_DEPTHS)
        self.at_once = at_once

    def waiting_for(self) -> str:
        """Say what holds receipts up."""
        return self._uploads.waiting_for() or self._api.waiting_for()

    def owner(self, item: Ref, level: str) -> Ref | None:
        """Return what an item lies in. What lies above the level, such as the overview of a form, has no place."""
        depth = _DEPTHS[level]
        if len(item.ids) < depth:
            return None
        return Ref(connector=item.connector, instance=item.instance, kind=level, ids=item.ids[:depth])

    async def names(self, owner: Ref) -> Collection[str]:
        """Return the names of the attachments."""
        rows = await self._api.whole(self._api.attachments(owner.ids), needs_ids=False)
        return {WireAttachment.model_validate(row).file_name for row in rows}

    async def put(self, owner: Ref, name: str, file: Path, memory: Memory) -> None:
        """Attach a file, or find out what became of it."""
        await self._uploads.send(owner.ids, file, name, memory)


def only_reads(method: str, path: str) -> bool:
    """Return whether a call changes nothing: a GET, or the POST that begins a download or an export (§5)."""
    return method == "GET" or (method == "POST" and path.endswith(_READS_BY_POST))
