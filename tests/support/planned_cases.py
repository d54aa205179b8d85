"""The cases of a round, a mapping, and what is in QA Sphere of them, for what plans cases."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import anyio
import pytest

from migrator.core.drafts import CaseDraft, FileDraft, FileRef, FromText
from migrator.core.events import Event
from migrator.core.model import AnyEntity, Comment, RichText, TestCase
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper, Outcome
from migrator.core.records import Extracted, Holding, LedgerEntry, Round, Stamp
from migrator.core.views import CaseView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.plan.cases.compare import base_of
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.plan.cases.planner import CasePlanner, CaseRules
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.pages import PagePlanner
from migrator.engine.stop import Stop
from state.workspace import Workspace
from tests.state.extracted.test_around import extracted
from tests.support.drafts import case_draft, case_entity, case_view, ref

FOLDER = ref("folder", "12", "7").marker
CASES = {number: ref("test", "12", str(number)).marker for number in range(1, 10)}
EARLY, LATE = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 5, 6, tzinfo=UTC)


def note(number: int, about: int) -> Comment:
    return Comment(
        ref=ref("note", "12", str(number)), title="", about=ref("test", "12", str(about)), text=RichText(value="Slow")
    )


class Rules:
    """A mapping, and the placeholders. ``asked``: the numbers of the cases that were mapped."""

    digest = "rules"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.outcomes: dict[str, Outcome] = {}
        self.files: dict[str, Sequence[str]] = {}
        self.missing: list[Extracted[TestCase]] = []
        self.fails = False

    def case(self, case: TestCase, around: Around, _folders: FolderPlan) -> Mapped:
        marker = case.ref.marker
        self.asked.append(case.ref.ids[-1])
        folded = tuple(comment.ref.marker for comment in around.comments)
        if marker in self.outcomes:
            return Mapped(marker, "case", case.title, self.outcomes[marker], reason="by rule", folded=folded)
        drafts = [
            FileDraft(marker=f"{marker}#{name}", owner=marker, name=name, content=FromText(base64="QUJD"))
            for name in self.files.get(marker, ())
        ]
        names = tuple(FileRef(marker=draft.marker, name=draft.name) for draft in drafts)
        draft = case_draft(1).model_copy(
            update={"marker": marker, "title": case.title, "files": names, "precondition": _precondition(case)}
        )
        return Mapped(marker, "case", case.title, "draft", draft, files=tuple(drafts), folded=folded)

    def missing_cases(self) -> Iterator[Extracted[TestCase]]:
        return iter(self.missing)

    def folder_of(self, _view: CaseView) -> str:
        return ""

    def behind(self, _marker: str, _view: CaseView) -> None:
        if self.fails:
            raise OSError("the disk is full")


def _precondition(case: TestCase) -> str:
    return f"<ul><li><strong>Updated:</strong> {case.updated_at}</li></ul>" if case.updated_at else ""


class World:
    """A workspace, a mapping, and what is in QA Sphere."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.db = workspace.db
        self.store = workspace.store
        self.rules = Rules()
        self.events: list[Event] = []
        self.program = "program"
        self.gone: frozenset[str] = frozenset()
        self.remap = False
        self.conflicts: Any = "report"
        self.planner: CasePlanner
        self.current: Round

    def read(self, *entities: AnyEntity, views: Sequence[CaseView] = ()) -> None:
        """Begin a round with what the source has and what QA Sphere shows."""
        self.current = extracted(self.workspace, *entities)
        self.store.snapshots.begin("12", "plan")
        self.store.snapshots.put("12", "plan", views)
        self.store.snapshots.end("12", "plan")
        self.rules.asked.clear()

    def plan(self, pages: PagePlanner | None = None) -> int:
        job = Job(
            "12", "SHOP", True, False, "qacomplete@acme:", lambda _people, _view: pytest.fail("not asked"), 4, 0,
            program=self.program, conflicts=self.conflicts,
        )  # fmt: skip
        context = Context(self.store, cast(DestinationReader, None), job, self.events.append, Stop())
        folders = FolderPlan((), {FOLDER: FOLDER})
        rules = CaseRules(
            cast(Mapper, self.rules), folders, cast(Placeholders, self.rules), self.gone, remap=self.remap
        )
        files = FilePlanner(self.store, "12", reads_files=True)
        self.planner = CasePlanner(context, self.current, rules, files)
        return anyio.run(partial(self.planner.plan_pages, pages) if pages else self.planner.plan)

    def hold(self, case: TestCase, view: CaseView, *, stamp: Stamp | None = None, files: Sequence[str] = ()) -> None:
        """Enter a case in the ledger as it was planned, and files of it, and note that its create was done."""
        draft = self.rules.case(case, Around(), FolderPlan((), {})).draft
        assert isinstance(draft, CaseDraft)
        entry = LedgerEntry(draft.marker, "case", view.id, view.seq, draft.digest, stamp or self.stamp(case), True)
        self.store.ledger.put("12", Holding(entry, draft, base_of(view)))
        for name in files:
            marker = f"{draft.marker}#{name}"
            file = FileDraft(marker=marker, owner=draft.marker, name=name, content=FromText(base64="QUJD"))
            self.store.ledger.put("12", Holding(LedgerEntry(marker, "file", name, None, file.digest), file, None))
        self.db.execute("DELETE FROM operation")

    def stamp(self, case: TestCase) -> Stamp:
        rows = list(self.store.unchanged_cases.cases(self.current))
        inputs = self.store.unchanged_cases.inputs(self.current, rows, {})
        return inputs[case.ref.marker].stamp

    def fates(self, kind: str = "case") -> dict[str, str]:
        """Return marker → fate of what was planned in this round."""
        rows = self.db.execute(
            "SELECT marker, fate FROM item WHERE round_id = ? AND kind = ? ORDER BY rowid", [self.current.id, kind]
        )
        return dict(rows.fetchall())

    def one(self, column: str, number: int = 1) -> str:
        """Return what was planned of a case."""
        statement = f"SELECT {column} FROM item WHERE marker = ?"
        return str(self.db.execute(statement, [CASES[number]]).fetchone()[0])


def view_of(case: TestCase, *, ident: str = "c1", seq: int = 5) -> CaseView:
    draft = Rules().case(case, Around(), FolderPlan((), {})).draft
    assert isinstance(draft, CaseDraft)
    return case_view(draft, id=ident, seq=seq)


def migrated(world: World, *numbers: int, files: Sequence[str] = ()) -> list[CaseView]:
    """Plan and load cases, and begin a round in which all is as it was."""
    cases = [case_entity(number) for number in numbers]
    views = [view_of(case, ident=f"c{case.ref.ids[-1]}", seq=int(case.ref.ids[-1])) for case in cases]
    folder = LedgerEntry(FOLDER, "folder", "70", None, "digest")
    world.store.ledger.put("12", Holding(folder, case_draft(1), None))
    world.read(*cases)
    world.plan()
    for case, view in zip(cases, views, strict=True):
        world.hold(case, view, files=files)
    world.read(*cases, views=views)
    return views
