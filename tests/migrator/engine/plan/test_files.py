"""Which fate files get, and how much there is to upload."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from migrator.core.drafts import FileDraft, FromAttachment, FromText
from migrator.core.file_records import Verdict
from migrator.core.model import Attachment
from migrator.core.ports.destination import FILE_BYTES
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Fate, LedgerEntry, OperationState, PlannedItem, Stamp
from migrator.core.views import StoredFile
from migrator.engine.plan.files import FilePlanner
from state.store import Store
from tests.support.drafts import case_draft, case_view, ref

CASE = case_draft(1)
FILE = FileDraft(
    marker=ref("attachment", "12", "5").marker, owner=CASE.marker, name="a.txt",
    content=FromAttachment(marker=ref("attachment", "12", "5").marker),
)  # fmt: skip
TEXT = FILE.model_copy(
    update={"marker": CASE.marker + "#rest", "name": "rest.html", "content": FromText(base64="QUJD")}
)
THERE = StoredFile(id="f1", name="a.txt", media_type="text/plain", size=3)


class World:
    """What the workspace knows. ``put``: the stored files that were entered."""

    def __init__(self, *, size: int | None = 10) -> None:
        self.entries: dict[str, LedgerEntry] = {}
        self.creates: dict[str, tuple[OperationState, str]] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.put: list[tuple[str, StoredFile]] = []
        self.stamps: dict[str, Stamp] = {}
        self.size = size

    def planner(self, *, reads_files: bool = True) -> FilePlanner:
        attachment = Attachment(
            ref=ref("attachment", "12", "5"), title="a.txt", about=ref("test", "12", "1"), size=self.size
        )
        store = SimpleNamespace(
            ledger=SimpleNamespace(entries=lambda _markers: self.entries, restamp=self.stamps.update),
            journal=SimpleNamespace(operation_states=lambda _markers, _verb: self.creates),
            files=SimpleNamespace(
                verdicts=lambda _markers: self.verdicts,
                put_stored=lambda _project, marker, stored: self.put.append((marker, stored)),
            ),
            archive=SimpleNamespace(
                get=lambda markers: dict.fromkeys(markers, attachment),
                raw_digests=lambda markers: dict.fromkeys(markers, f"raw {self.size}"),
            ),
        )
        return FilePlanner(cast(Store, store), "12", reads_files=reads_files)


def case(*files: FileDraft) -> Mapped:
    return Mapped(CASE.marker, "case", CASE.title, "draft", CASE, files=files)


def planned(world: World, *files: FileDraft, listed: bool = False, **settings: Any) -> list[PlannedItem]:
    views = {CASE.marker: case_view(CASE, files=(THERE,))} if listed else {}
    return world.planner(**settings).items([case(*files)], views)


def test_a_new_file_is_uploaded_and_counts() -> None:
    planner = World().planner()
    (found, made) = planner.items([case(FILE, TEXT)], {})
    assert (found.fate, found.draft, made.draft) == ("pending", FILE, TEXT)
    assert (planner.bytes.least, planner.bytes.most) == (13, 13)
    planner.take_back([FILE])
    assert (planner.bytes.least, planner.bytes.most) == (3, 3)
    unknown = World(size=None).planner()
    unknown.items([case(FILE)], {})
    assert (unknown.bytes.least, unknown.bytes.most) == (0, FILE_BYTES)


def test_one_that_is_there_is_left_alone_and_one_that_a_case_lists_is_adopted() -> None:
    world = World()
    (found,) = planned(world, FILE, listed=True)
    assert (found.fate, world.put) == ("adopted", [(FILE.marker, THERE)])
    assert found.holding is not None
    assert (found.holding.entry.id, found.holding.draft) == ("f1", FILE)
    world.entries[FILE.marker] = LedgerEntry(FILE.marker, "file", "f1", None, FILE.digest)
    assert [item.fate for item in planned(world, FILE, listed=True)] == ["unchanged"]


def test_one_whose_entry_at_the_source_has_changed_is_noted_from_the_first_stamp_on() -> None:
    world = World()
    world.entries[FILE.marker] = LedgerEntry(FILE.marker, "file", "f1", None, FILE.digest)
    (found,) = planned(world, FILE)
    assert (found.fate, found.notes) == ("unchanged", ())
    world.entries[FILE.marker] = LedgerEntry(FILE.marker, "file", "f1", None, FILE.digest, world.stamps[FILE.marker])
    assert planned(world, FILE)[0].notes == ()
    world.size = 11
    ((note,),) = [item.notes for item in planned(world, FILE)]
    assert (note.code, note.field, note.original) == ("changed_at_source", "file", "a.txt")


def test_one_that_was_begun_here_is_not_taken_for_another_of_its_name() -> None:
    world = World()
    world.creates[FILE.marker] = ("unknown", FILE.digest)
    planned(world, FILE, listed=True)
    assert world.put == []


@pytest.mark.parametrize(("remark", "reason"), [("it is empty", "it is empty"), ("", "it cannot be had; a link")])
def test_one_that_was_given_up_stays_away(remark: str, reason: str) -> None:
    world = World()
    world.verdicts[FILE.marker] = Verdict(remark)
    (found,) = planned(world, FILE)
    assert (found.fate, found.draft) == ("excluded", None)
    assert found.reason.startswith(reason)


def test_one_that_failed_waits_unless_it_is_another_by_now() -> None:
    world = World()
    world.creates[FILE.marker] = ("failed", FILE.digest)
    assert [item.fate for item in planned(world, FILE)] == ["failed"]
    world.creates[FILE.marker] = ("failed", "of other bytes")
    assert [item.fate for item in planned(world, FILE)] == ["pending"]


def test_a_source_that_gives_no_bytes_gives_texts() -> None:
    found, made = planned(World(), FILE, TEXT, reads_files=False)
    assert (found.fate, made.fate) == ("excluded", "pending")


@pytest.mark.parametrize(("fate", "blocks"), [("conflict", True), ("gone", True), ("failed", True), ("pending", False)])
def test_a_case_that_is_held_holds_its_files_but_for_those_that_are_there(fate: Fate, blocks: bool) -> None:
    world = World()
    world.entries[TEXT.marker] = LedgerEntry(TEXT.marker, "file", "f2", None, TEXT.digest)
    both = case(FILE, TEXT)
    held = world.planner().held([(both, PlannedItem(both, fate))])
    assert [(item.marker, item.fate) for item in held] == ([(FILE.marker, "blocked")] if blocks else [])
