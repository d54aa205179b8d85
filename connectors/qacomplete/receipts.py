"""Receipts on tests: the one thing that is ever written to QAComplete (``qacomplete-api.md`` §7.3)."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from connectors.qacomplete.api import QACompleteApi, UnexpectedAnswer
from connectors.qacomplete.convert.cases import stripped
from connectors.qacomplete.read.children import whole_list
from connectors.qacomplete.wire.items import WireFile
from migrator.core.ports.source import Memory
from migrator.core.refs import Ref
from migrator.http.multipart import file_part
from migrator.http.transport import Transport

_LEVEL = "test"
_CODE = "Tests"
_MEDIA_TYPE = "text/html"
_COMMENT = "Where this test is in QA Sphere now."


class QACompleteReceipts:
    """Implements ``ReceiptTarget``. The files of a test can be listed and added to; nothing else is ever sent."""

    def __init__(self, transport: Transport, *, at_once: int) -> None:
        self._api = QACompleteApi(transport)
        self.waiting_for = self._api.waiting_for
        self.levels: Sequence[str] = (_LEVEL,)
        self.at_once = at_once

    def owner(self, item: Ref, level: str) -> Ref | None:
        """Return the test itself."""
        return item if item.kind == level else None

    async def names(self, owner: Ref) -> Collection[str]:
        """Return the names of a test's files; ``UnexpectedAnswer`` when the list does not add up."""
        project, test = owner.ids
        whole = await whole_list(partial(self._api.files, project, _CODE, int(test)))
        if whole.trouble:
            raise UnexpectedAnswer(
                f"the files of test {test} cannot be listed",
                cause=whole.trouble,
                next_step="run the same command again when nobody changes them",
            )
        rows = [WireFile.model_validate(row) for row in whole.rows]
        return {name for row in rows if (name := stripped(row.file_name) or stripped(row.title))}

    async def put(self, owner: Ref, name: str, file: Path, memory: Memory) -> None:  # noqa: ARG002 - one call does it
        """Add a file to a test. The list is what proves it (§7.1: the answer may hold no id)."""
        project, test = owner.ids
        part = file_part(file, name, _MEDIA_TYPE)
        await self._api.add_file(project, _CODE, int(test), part, title=name, comments=_COMMENT)


def only_reads(method: str, _path: str) -> bool:
    """Return whether a REST call changes nothing; searches are not sent by POST here (§5)."""
    return method == "GET"
