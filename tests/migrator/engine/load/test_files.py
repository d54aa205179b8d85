"""Files on their way: fetched once, uploaded once per content, each failure named, nothing left behind."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from connectors.qasphere.sandbox import QASphereStandIn, Switches
from migrator.core.drafts import FileDraft
from migrator.core.errors import CanaryDifference, ContentTrouble, TemporaryError
from migrator.core.events import Event, Progressed
from migrator.core.model import Attachment
from migrator.core.ports.destination import FILES_PER_CALL, Destination
from migrator.core.ports.mapping import Mapped
from migrator.core.ports.source import Record
from migrator.core.records import PlannedItem, Round
from migrator.engine.context import Context
from migrator.engine.files.spool import FileRoute, Spool
from migrator.engine.job import Job
from migrator.engine.load.files import FileLoader
from migrator.engine.load.workers import LIMIT, StreamStopped
from migrator.engine.stop import Stop
from migrator.standin.options import FaultKind, FaultPlan, StandInOptions
from state.workspace import Workspace, open_workspace
from tests.support.drafts import page, project_entity, ref
from tests.support.files import Answer, ScriptedFiles, attachment, file_draft, picture_draft
from tests.support.services import qa_sphere

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path / "workspace") as opened:
        yield opened


def job() -> Job:
    return Job("12", "SHOP", True, False, "qacomplete@acme:", lambda _people, _view: pytest.fail("no mapping"), 4, 1)


@dataclass
class Depot:
    workspace: Workspace
    stand_in: QASphereStandIn
    destination: Destination
    source: ScriptedFiles
    current: Round
    kept: Path | None = None
    stop: Stop | None = None
    told: list[Event] = field(default_factory=list)

    def plan(self, entities: Sequence[Attachment], drafts: Sequence[FileDraft]) -> None:
        store = self.workspace.store
        records = [Record(entity, b"{}") for entity in entities]
        store.archive.store_page(self.current, "attachments", page(records, None, None))
        items = [PlannedItem(Mapped(draft.marker, "file", draft.name, "draft", draft), "pending") for draft in drafts]
        store.planning.put_items(self.current, items)

    def spool(self) -> Spool:
        archive = self.kept or self.workspace.folder / "files"
        return Spool(self.workspace.folder / "spool", 64 * 1024 * 1024, archive, keeps=self.kept is not None)

    async def load(self) -> None:
        route = FileRoute(self.source, self.spool(), 4, lambda: "one question a second")
        stop = self.stop or Stop()
        context = Context(self.workspace.store, self.destination, job(), self.told.append, stop)
        await FileLoader(context, route).load()

    def fates(self) -> dict[str, str]:
        return dict(self.workspace.db.execute("SELECT title, fate FROM item").fetchall())

    def notes(self) -> dict[str, str]:
        return dict(self.workspace.db.execute("SELECT original, code FROM note").fetchall())

    def uploads(self) -> int:
        return self.stand_in.log.counts["POST /api/public/v0/file/batch"]


@asynccontextmanager
async def depot(
    workspace: Workspace,
    answers: dict[str, Answer],
    switches: Switches | None = None,
    options: StandInOptions | None = None,
) -> AsyncIterator[Depot]:
    async with qa_sphere(options, switches=switches) as (stand_in, destination):
        stand_in.store.add_project("SHOP", "Shop")
        current = workspace.store.rounds.begin("12")
        workspace.store.archive.store_page(current, "project", page([Record(project_entity(), b"{}")], None, 1))
        yield Depot(workspace, stand_in, destination, ScriptedFiles(answers), current)


def several(contents: Sequence[bytes]) -> tuple[list[Attachment], list[FileDraft], dict[str, Answer]]:
    entities = [attachment(number) for number in range(1, len(contents) + 1)]
    answers: dict[str, Answer] = {e.ref.marker: content for e, content in zip(entities, contents, strict=True)}
    return entities, [file_draft(entity) for entity in entities], answers


async def test_progress_names_the_source_where_that_is_what_files_wait_for(workspace: Workspace) -> None:
    entities, drafts, answers = several([b"one", b"two"])
    async with depot(workspace, answers) as running:
        running.plan(entities, drafts)
        await running.load()
        waits = {event.waiting_for for event in running.told if isinstance(event, Progressed)}
        assert waits == {"one question a second"}


async def test_the_same_bytes_are_uploaded_once_and_every_file_is_known(workspace: Workspace) -> None:
    entities, drafts, answers = several([b"one", b"two", b"one", b"one", b"three"])
    async with depot(workspace, answers) as running:
        running.plan(entities, drafts)
        await running.load()
        assert sorted(file.content for file in running.stand_in.store.files.values()) == [b"one", b"three", b"two"]
        assert set(running.fates().values()) == {"migrated"}
        stored = workspace.store.files.stored([draft.marker for draft in drafts])
        for draft, entity in zip(drafts, entities, strict=True):
            answer = answers[entity.ref.marker]
            assert running.stand_in.store.files[stored[draft.marker].id].content == answer
            assert stored[draft.marker].name == draft.name
        assert running.uploads() <= 3
        assert list((workspace.folder / "spool").iterdir()) == []
        await running.load()
        assert len(running.stand_in.store.files) == 3


async def test_equal_bytes_have_the_type_of_each_name_whichever_comes_first(workspace: Workspace) -> None:
    entities = [attachment(1, "notes.txt"), attachment(2, "report.pdf"), attachment(3, "again.txt")]
    async with depot(workspace, {entity.ref.marker: b"the same" for entity in entities}) as running:
        drafts = [file_draft(entity).model_copy(update={"media_type": ""}) for entity in entities]
        running.plan(entities, drafts)
        await running.load()
        stored = workspace.store.files.stored([draft.marker for draft in drafts])
        assert len({file.id for file in stored.values()}) == 1
        types = {file.name: file.media_type for file in stored.values()}
        assert types == {"notes.txt": "text/plain", "report.pdf": "application/pdf", "again.txt": "text/plain"}


async def test_many_files_take_few_requests(workspace: Workspace) -> None:
    entities, drafts, answers = several([f"content {number}".encode() for number in range(401)])
    async with depot(workspace, answers) as running:
        running.plan(entities, drafts)
        await running.load()
        assert len(running.stand_in.store.files) == 401
        assert running.uploads() == 1 + 4  # the canary, and four full ones


TROUBLES = {
    "missing": ("failed", "file_missing"),
    "truncated": ("failed", "file_truncated"),
    "web_page": ("failed", "file_web_page"),
    "refused": ("failed", "file_refused"),
    "unreadable": ("failed", "file_unreadable"),
    "too_large": ("excluded", "file_too_large"),
}


async def test_every_trouble_is_named_and_stops_nothing(workspace: Workspace) -> None:
    entities = [attachment(number, f"{reason}.bin") for number, reason in enumerate(TROUBLES, start=1)]
    entities.append(attachment(99, "good.bin"))
    answers: dict[str, Answer] = {
        entity.ref.marker: ContentTrouble("no bytes", reason)  # type: ignore[arg-type] # the keys are the reasons
        for entity, reason in zip(entities, TROUBLES, strict=False)
    }
    answers[entities[-1].ref.marker] = b"good"
    async with depot(workspace, answers) as running:
        running.plan(entities, [file_draft(entity) for entity in entities])
        await running.load()
        fates, notes = running.fates(), running.notes()
        assert {name: (fates[f"{name}.bin"], notes[f"{name}.bin"]) for name in TROUBLES} == TROUBLES
        assert fates["good.bin"] == "migrated"
        assert list((workspace.folder / "spool").iterdir()) == []


async def test_what_arrives_is_judged_by_its_content(workspace: Workspace) -> None:
    """Whether a page stands in place of a file is for the route to say: old ``.xls`` files are pages."""
    names = ["shot.png", "page.html", "empty.txt", "nameless", "report.xls"]
    contents = [PNG, b"<html>fine</html>", b"", PNG + b"1", b'<html xmlns:x="urn:schemas-microsoft-com:office:excel">']
    entities = [attachment(number, name) for number, name in enumerate(names, start=1)]
    answers: dict[str, Answer] = {e.ref.marker: content for e, content in zip(entities, contents, strict=True)}
    async with depot(workspace, answers) as running:
        running.plan(entities, [file_draft(entity) for entity in entities])
        await running.load()
        assert running.fates() == dict.fromkeys(names, "migrated")
        assert running.notes() == {"empty.txt": "file_empty", "nameless": "file_type_guessed"}
        kinds = {
            file.name: file.media_type
            for file in workspace.store.files.stored([e.ref.marker for e in entities]).values()
        }
        assert kinds == {
            "shot.png": "image/png", "page.html": "text/html", "empty.txt": "text/plain", "nameless": "image/png",
            "report.xls": "application/vnd.ms-excel",
        }  # fmt: skip


async def test_a_picture_that_cannot_be_had_is_no_failure(workspace: Workspace) -> None:
    address = "https://elsewhere.example/a.png"
    async with depot(workspace, {address: ContentTrouble("another host", "foreign")}) as running:
        draft = picture_draft(address, "a.png")
        running.workspace.store.planning.put_items(
            running.current, [PlannedItem(Mapped(draft.marker, "file", "a.png", "draft", draft, made=True), "pending")]
        )
        await running.load()
        assert running.fates() == {"a.png": "excluded"}
        assert workspace.store.files.verdicts([draft.marker])[draft.marker].address == address


async def test_too_large_for_qa_sphere_is_kept_in_an_offline_archive(workspace: Workspace, tmp_path: Path) -> None:
    content = bytes(50 * 1024 * 1024 + 1)
    entities, drafts, answers = several([content, b"small"])
    async with depot(workspace, answers) as running:
        running.kept = tmp_path / "files"
        running.plan(entities, drafts)
        await running.load()
        assert running.fates() == {"file-1.bin": "excluded", "file-2.bin": "migrated"}
        kept = sorted(path.stat().st_size for path in running.kept.rglob("*") if path.is_file())
        spooled = sorted(path.stat().st_size for path in (workspace.folder / "spool").iterdir())
        assert (kept, spooled) == ([len(b"small"), len(content)], [])


async def test_a_refused_file_fails_alone(workspace: Workspace) -> None:
    entities, drafts, answers = several([b"x" * (3000 if number == 7 else number) for number in range(1, 12)])
    async with depot(workspace, answers, Switches(file_bytes=2000)) as running:
        running.plan(entities, drafts)
        await running.load()
        fates = running.fates()
        assert fates.pop("file-7.bin") == "failed"
        assert set(fates.values()) == {"migrated"}
        assert sorted(file.size for file in running.stand_in.store.files.values()) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]


async def test_a_row_of_refusals_stops_the_load_and_nobody_waits_for_room(workspace: Workspace) -> None:
    entities, drafts, answers = several([b"too large" + bytes(number) for number in range(250)])
    async with depot(workspace, answers, Switches(file_bytes=5)) as running:
        running.plan(entities, drafts)
        with anyio.fail_after(60), pytest.raises(StreamStopped):
            await running.load()
        assert Counter(running.fates().values()) == {"failed": LIMIT, "pending": 250 - LIMIT}


async def test_the_source_is_not_asked_for_more_than_is_uploaded_soon(workspace: Workspace) -> None:
    entities, drafts, answers = several([f"content {number}".encode() for number in range(350)])
    async with depot(workspace, answers, options=StandInOptions(latency=0.2)) as running:
        running.plan(entities, drafts)
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, len(running.source.asked) - len(running.stand_in.store.files))
                await anyio.sleep(0.005)

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            await running.load()
            group.cancel_scope.cancel()
        # two batches under way, one that waits, and one file more in the hand of each fetcher
        assert FILES_PER_CALL < most <= 3 * FILES_PER_CALL + 4


@pytest.mark.quick_clock
async def test_what_has_come_is_uploaded_while_the_source_is_slow(workspace: Workspace) -> None:
    entities, drafts, answers = several([b"one", b"two", b"three"])
    async with depot(workspace, answers) as running:
        running.plan(entities, drafts)
        original = running.source.fetch

        async def slow(found: Attachment, target: Path, **more: object) -> object:
            if found.ref.marker == entities[2].ref.marker:
                with anyio.fail_after(60):
                    while len(running.stand_in.store.files) < 2:  # noqa: ASYNC110 - the stand-in does not announce
                        await anyio.sleep(0.01)
            return await original(found, target, **more)  # type: ignore[arg-type] # passed on as it came

        running.source.fetch = slow  # type: ignore[method-assign, assignment] # to make it wait
        await running.load()
        assert set(running.fates().values()) == {"migrated"}


@pytest.mark.quick_clock
@pytest.mark.parametrize("fault", ["drop_after", "late", "status_502", "truncate", "bad_json"])
async def test_lost_answers_leave_orphans_and_nothing_else(workspace: Workspace, fault: FaultKind) -> None:
    entities, drafts, answers = several([f"{number}".encode() for number in range(30)])
    options = StandInOptions(faults=FaultPlan(share=0.25, seed=3, kinds=(fault,), late_seconds=0.2))
    async with depot(workspace, answers, options=options) as running:
        running.plan(entities, drafts)
        await running.load()
        assert set(running.fates().values()) == {"migrated"}
        stored = workspace.store.files.stored([draft.marker for draft in drafts])
        assert {running.stand_in.store.files[stored[entity.ref.marker].id].content for entity in entities} == {
            f"{number}".encode() for number in range(30)
        }


async def test_a_source_that_is_down_ends_the_files_and_is_continued(workspace: Workspace) -> None:
    entities, drafts, answers = several([f"{number}".encode() for number in range(60)])
    down: dict[str, Answer] = dict.fromkeys(answers, TemporaryError("no answer", cause="503"))
    async with depot(workspace, down) as running:
        running.plan(entities, drafts)
        with pytest.raises(TemporaryError, match="no files at the moment"):
            await running.load()
        assert len(running.source.asked) < 30
        running.source.answers = answers
        await running.load()
        assert len(running.stand_in.store.files) == 60
        assert set(running.fates().values()) == {"migrated"}


async def test_a_file_that_keeps_failing_for_a_while_is_asked_for_again(workspace: Workspace) -> None:
    entities, drafts, answers = several([b"one", b"two"])
    tries = iter([True, True, False])

    def flaky() -> bytes:
        if next(tries):
            raise TemporaryError("busy", cause="503")
        return b"one"

    answers[entities[0].ref.marker] = flaky
    async with depot(workspace, answers) as running:
        running.plan(entities, drafts)
        await running.load()
        assert set(running.fates().values()) == {"migrated"}
        assert running.source.asked.count(entities[0].ref.marker) == 3


async def test_a_server_that_changes_bytes_is_noticed_at_the_first_file(workspace: Workspace) -> None:
    entities, drafts, answers = several([f"{number}".encode() for number in range(20)])
    async with depot(workspace, answers) as running:
        running.plan(entities, drafts)
        store = running.stand_in.store

        async def spoil() -> None:
            while not store.files:  # noqa: ASYNC110 - the stand-in does not announce
                await anyio.sleep(0.001)
            for file in store.files.values():
                file.kept = b"spoilt"

        async with anyio.create_task_group() as group:
            group.start_soon(spoil)
            with pytest.raises(CanaryDifference, match="other bytes"):
                await running.load()
        assert len(store.files) == 1
        # the cause is mended, but not the file: another one stands for those that follow
        await running.load()
        assert len(store.files) == 20
        assert [file.kept for file in store.files.values()].count(b"spoilt") == 1


async def test_after_a_stop_nothing_is_fetched_twice(workspace: Workspace) -> None:
    entities, drafts, answers = several([f"{number}".encode() for number in range(50)])
    async with depot(workspace, answers, options=StandInOptions(latency=0.3)) as running:
        running.plan(entities, drafts)
        running.stop = Stop()
        async with anyio.create_task_group() as group:
            group.start_soon(running.load)
            while len(running.source.asked) < 50:  # noqa: ASYNC110 - the source does not announce
                await anyio.sleep(0.01)
            running.stop.request()
        assert workspace.journal.recover("12", 0.0) <= 50
        running.stop = None
        await running.load()
        assert set(running.fates().values()) == {"migrated"}
        assert len(running.source.asked) == 50
        assert workspace.leftovers.counts().get("upload", 0) >= len(running.stand_in.store.files) - 50


async def test_names_of_the_source_never_become_paths(workspace: Workspace) -> None:
    entity = attachment(1, "..\\..\\evil.bin")
    async with depot(workspace, {entity.ref.marker: b"x"}) as running:
        seen: list[Path] = []
        spool = workspace.folder / "spool"
        original = running.source.fetch

        async def watching(found: Attachment, target: Path, **more: object) -> object:
            seen.append(target)
            return await original(found, target, **more)  # type: ignore[arg-type] # passed on as it came

        running.source.fetch = watching  # type: ignore[method-assign, assignment] # to see the path
        running.plan([entity], [file_draft(entity)])
        await running.load()
        assert [path.parent for path in seen] == [spool]
        assert "evil" not in seen[0].name
        assert ref("test", "12", "1").marker == file_draft(entity).owner
