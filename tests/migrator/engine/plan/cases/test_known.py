"""What is known of cases before their fate is decided: from the ledger, the journal, and the last snapshot."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from migrator.core.drafts import CaseDraft, FileDraft, FileRef, FromText
from migrator.core.events import ignore
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Fate, Holding, LedgerEntry, PlannedItem, Stamp, Verb
from migrator.core.views import CaseView, StoredFile
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.plan.cases.compare import base_of
from migrator.engine.plan.cases.fate import Known, MappedCase
from migrator.engine.plan.cases.known import KnownCases
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.plan.fates import Need
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_draft, case_view

DRAFT, OTHER = case_draft(1), case_draft(2)
THEN, NOW = Stamp("entity-1", "raw-1"), Stamp("entity-2", "raw-2")
FILE = FileDraft(marker=DRAFT.marker + "#rest", owner=DRAFT.marker, name="rest.txt", content=FromText(base64="QUJD"))
WITH_FILE = DRAFT.model_copy(update={"files": (FileRef(marker=FILE.marker, name=FILE.name),)})


class World:
    """A workspace and a snapshot of QA Sphere. ``asked``: for which markers a placeholder was looked for."""

    def __init__(self, workspace: Workspace) -> None:
        self.store = workspace.store
        self.round = self.store.rounds.begin("12")
        self.asked: list[str] = []
        job = Job("12", "SHOP", True, False, "qacomplete@acme:", lambda _people, _view: pytest.fail("no mapping"), 4, 0)
        self.context = Context(self.store, cast(DestinationReader, None), job, ignore, Stop())

    def behind(self, marker: str, _view: CaseView) -> CaseDraft:
        self.asked.append(marker)
        return OTHER

    def folder_of(self, _view: CaseView) -> str:
        return ""

    def see(self, *views: CaseView) -> None:
        self.store.snapshots.begin("12", "plan")
        self.store.snapshots.put("12", "plan", views)
        self.store.snapshots.end("12", "plan")

    def hold(self, draft: CaseDraft, view: CaseView, *, is_based: bool = True, stamp: Stamp = THEN) -> None:
        entry = LedgerEntry(draft.marker, "case", view.id, view.seq, draft.digest, stamp, is_based)
        self.store.ledger.put("12", Holding(entry, draft, base_of(view) if is_based else None))

    def plan(self, mapped: Mapped, fate: Fate = "pending", verb: Verb = "create") -> None:
        self.store.planning.put_items(self.round, [PlannedItem(mapped, fate, verb=verb)])

    def about(self, *drafts: CaseDraft, stamp: Stamp = THEN, folder: str | None = "70") -> Sequence[Known]:
        cases = [MappedCase(item(draft), Need(draft.folder, folder), stamp) for draft in drafts]
        found = self.known(cases)
        return [found.of(case) for case in cases]

    def known(self, cases: Sequence[MappedCase]) -> KnownCases:
        addresses = Addresses(self.store, "12", "https://qas.example/project/SHOP")
        return KnownCases(self.context, addresses, cast(Placeholders, self), cases)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_workspace(tmp_path) as opened:
        yield World(opened)


def item(draft: CaseDraft) -> Mapped:
    return Mapped(draft.marker, "case", draft.title, "draft", draft)


def unmarked(ident: str, title: str = DRAFT.title, folder_id: int = 70) -> CaseView:
    return case_view(DRAFT, id=ident, seq=int(ident[1:]), markers=(), title=title, folder_id=folder_id)


def test_of_a_new_case_nothing_is_known(world: World) -> None:
    (known,) = world.about(DRAFT)
    assert known == Known(attainable=DRAFT)
    assert world.asked == []


# --- what is in the ledger


def test_of_a_case_that_is_as_it_was_neither_draft_nor_view_is_read(world: World) -> None:
    world.see(case_view(DRAFT))
    world.hold(DRAFT, case_view(DRAFT))
    (known,) = world.about(DRAFT)
    assert known.entry is not None
    assert (known.is_there, known.holding, known.view, known.as_seen) == (True, None, None, None)
    assert [case.id for case in known.carriers] == ["c1"]


def test_of_a_case_whose_source_changed_in_what_no_draft_shows_the_draft_is_read_not_the_view(world: World) -> None:
    world.see(case_view(DRAFT))
    world.hold(DRAFT, case_view(DRAFT))
    (known,) = world.about(DRAFT, stamp=NOW)
    assert known.holding is not None
    assert (known.holding.draft, known.view) == (DRAFT, None)


def test_of_a_case_whose_draft_changed_both_are_read_and_no_placeholder_is_looked_for(world: World) -> None:
    copy, ours = case_view(DRAFT, id="c0", seq=2), case_view(DRAFT, title="Edited")
    world.see(copy, ours)
    world.hold(DRAFT, case_view(DRAFT))
    changed = DRAFT.model_copy(update={"title": "New"})
    (known,) = world.about(changed)
    assert known.holding is not None
    assert (known.holding.draft, known.view, known.as_seen) == (DRAFT, ours, changed)
    assert [case.id for case in known.carriers] == ["c0", "c1"]
    assert (known.placeholder, world.asked) == (None, [])


def test_of_a_case_without_a_base_both_are_read_and_what_it_was_made_as(world: World) -> None:
    world.see(case_view(DRAFT))
    world.hold(DRAFT, case_view(DRAFT), is_based=False)
    (known,) = world.about(DRAFT)
    assert known.holding is not None
    assert (known.view, known.placeholder, world.asked) == (case_view(DRAFT), OTHER, [DRAFT.marker])


def test_a_case_that_the_snapshot_does_not_show_is_not_there(world: World) -> None:
    world.see(case_view(OTHER, id="c2", seq=6))
    world.hold(DRAFT, case_view(DRAFT))
    world.hold(OTHER, case_view(OTHER, id="c2", seq=6))
    ours, other = world.about(DRAFT, OTHER)
    assert (ours.is_there, other.is_there) == (False, True)


def test_a_snapshot_that_a_verification_took_counts_not(world: World) -> None:
    world.hold(DRAFT, case_view(DRAFT))
    world.store.snapshots.begin("12", "verify")
    world.store.snapshots.put("12", "verify", [case_view(DRAFT), unmarked("c9")])
    world.store.snapshots.end("12", "verify")
    (known,) = world.about(DRAFT.model_copy(update={"title": "New"}))
    assert (known.is_there, known.carriers, known.view, known.twins) == (False, (), None, ())


def test_creates_and_updates_are_told_apart(world: World) -> None:
    world.plan(item(DRAFT))
    world.plan(item(OTHER), verb="update")
    ours, other = world.about(DRAFT, OTHER)
    assert (ours.create, ours.update) == (("planned", DRAFT.digest), None)
    assert (other.create, other.update) == (None, ("planned", OTHER.digest))


# --- what only QA Sphere knows


def test_a_case_that_carries_the_marker_is_read_the_first_of_several(world: World) -> None:
    first, second = case_view(DRAFT, id="c3", seq=3), case_view(DRAFT, id="c8", seq=8)
    world.see(second, first)
    cases = [MappedCase(item(DRAFT), Need(DRAFT.folder, "70"), THEN)]
    known = world.known(cases).of(cases[0])
    assert (known.entry, known.view, known.is_there) == (None, first, True)
    assert [case.id for case in known.carriers] == ["c3", "c8"]
    assert (known.placeholder, world.asked) == (OTHER, [DRAFT.marker])
    assert world.known(cases).unknown_views() == {DRAFT.marker: first}


def test_a_case_of_the_ledger_is_not_unknown_though_its_base_is_missing(world: World) -> None:
    world.see(case_view(DRAFT))
    world.hold(DRAFT, case_view(DRAFT), is_based=False)
    assert world.known([MappedCase(item(DRAFT), Need(DRAFT.folder, "70"), THEN)]).unknown_views() == {}


def test_cases_of_the_same_title_and_folder_without_a_marker_are_twins(world: World) -> None:
    world.see(
        unmarked("c4"),
        unmarked("c5", title=" Case   1 "),
        unmarked("c6", folder_id=71),
        unmarked("c7", title="Case 2"),
        case_view(DRAFT, id="c8", seq=8, markers=("somebody@else:test:1/2",)),
    )
    spaced = DRAFT.model_copy(update={"title": "Case  1"})
    assert [[twin.id for twin in known.twins] for known in world.about(DRAFT, OTHER)] == [["c4", "c5"], ["c7"]]
    assert [twin.id for twin in world.about(spaced)[0].twins] == ["c4", "c5"]
    assert [known.twins for known in world.about(DRAFT, folder=None)] == [()]


def test_a_case_that_lost_its_marker_and_is_ours_is_nobodys_twin(world: World) -> None:
    world.see(unmarked("c4"), unmarked("c5"))
    world.hold(OTHER, unmarked("c4"))
    assert [[twin.id for twin in known.twins] for known in world.about(DRAFT)] == [["c5"]]


def test_what_has_no_draft_has_no_twins_and_can_be_asked_for(world: World) -> None:
    world.see(unmarked("c4"))
    excluded = MappedCase(Mapped(DRAFT.marker, "case", DRAFT.title, "excluded"), Need(""), THEN)
    assert world.known([excluded]).of(excluded) == Known()


# --- files


def test_files_that_are_planned_count_as_there_and_others_do_not(world: World) -> None:
    (known,) = world.about(WITH_FILE)
    assert known.attainable is not None
    assert known.attainable.files == ()
    world.plan(Mapped(FILE.marker, "file", FILE.name, "draft", FILE, made=True))
    (known,) = world.about(WITH_FILE)
    assert known.attainable == WITH_FILE


def test_a_draft_is_compared_without_the_files_that_the_case_does_not_list(world: World) -> None:
    stored = StoredFile(id="f1", name=FILE.name, media_type="text/plain", size=3, url="/files/f1")
    for files, expected in (((), ()), ((stored,), WITH_FILE.files)):
        world.see(case_view(DRAFT, files=files))
        (known,) = world.about(WITH_FILE)
        assert known.as_seen is not None
        assert known.as_seen.files == expected
