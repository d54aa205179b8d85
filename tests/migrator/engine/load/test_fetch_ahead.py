"""Files that a plan fetches: what they weigh, and what ends the fetching."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from migrator.core.errors import AuthenticationError, MigratorError, TemporaryError
from migrator.core.events import Event, ItemFailed
from migrator.core.ports.destination import FILE_BYTES
from migrator.core.ports.mapping import Mapped
from migrator.core.ports.source import Record
from migrator.core.records import PlannedItem
from migrator.engine.files.spool import FileRoute, Spool
from migrator.engine.load.fetch_ahead import AheadFetcher
from migrator.engine.plan.files import FileBytes
from migrator.engine.stop import Stop
from state.workspace import open_workspace
from tests.support.drafts import page
from tests.support.files import Answer, ScriptedFiles, attachment, file_draft


async def fetched(folder: Path, answers: Sequence[Answer], told: list[Event]) -> FileBytes:
    entities = [attachment(number) for number in range(1, len(answers) + 1)]
    source = ScriptedFiles({entity.ref.marker: answer for entity, answer in zip(entities, answers, strict=True)})
    with open_workspace(folder) as workspace:
        store = workspace.store
        current = store.rounds.begin("12")
        store.archive.store_page(current, "attachments", page([Record(one, b"{}") for one in entities], None, None))
        drafts = [file_draft(entity) for entity in entities]
        items = [PlannedItem(Mapped(one.marker, "file", one.name, "draft", one), "pending") for one in drafts]
        store.planning.put_items(current, items)
        route = FileRoute(source, Spool(folder / "spool", 1024, folder / "files"), 2)
        return await AheadFetcher(store, "12", route, told.append, Stop()).fetch()


async def test_the_same_bytes_count_once_and_what_did_not_come_may_have_any_size(tmp_path: Path) -> None:
    told: list[Event] = []
    away = TemporaryError("no answer", cause="503")
    assert await fetched(tmp_path, [b"one", b"one", b"three", away], told) == FileBytes(8, 8 + FILE_BYTES, 1)
    assert [event.title for event in told if isinstance(event, ItemFailed)] == ["file-4.bin"]
    kept = [path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert sorted(kept) == [b"one", b"three"]


async def test_what_concerns_all_files_ends_the_fetching_by_its_own_name(tmp_path: Path) -> None:
    refused: MigratorError = AuthenticationError("the key is not accepted")
    with pytest.raises(AuthenticationError, match="not accepted"):
        await fetched(tmp_path, [b"one", refused, b"three"], [])
