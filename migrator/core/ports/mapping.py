"""The port to the mapping: what the engine asks of the rules that turn entities into drafts, and what it hands them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from migrator.core.drafts import AnyDraft, FileDraft
from migrator.core.model import (
    AnyEntity,
    Attachment,
    Comment,
    Configuration,
    Defect,
    Folder,
    ItemKind,
    Milestone,
    Project,
    Requirement,
    Result,
    TestCase,
    TestRun,
    TestSet,
    User,
)
from migrator.core.notes import Note
from migrator.core.refs import Ref
from migrator.core.views import ProjectView

Outcome = Literal["draft", "excluded", "folded", "rejected", "unmapped"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of one source item: a draft, or no draft and the ``reason``; and the notes it cost.

    Args:
        made: there is no such source item, but it is needed, such as the folder that holds everything.
        files: what the draft names and has to be uploaded first.
        folded: markers of items that stand within the draft.
        unmapped: no rule was asked, because its fate is known without.
    """

    marker: str
    kind: ItemKind
    title: str
    outcome: Outcome = "unmapped"
    draft: AnyDraft | None = None
    reason: str = ""
    notes: tuple[Note, ...] = ()
    made: bool = False
    files: tuple[FileDraft, ...] = ()
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """The other end of a link.

    Args:
        entity: None when the source names it but did not give it.
        relation: its word.
        marker: the link itself.
        attachments: what hangs on the other end.
    """

    ref: Ref | None
    relation: str
    entity: AnyEntity | None
    marker: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What hangs on an item, in the order of extraction.

    Args:
        cases: addresses in its texts that lead to test cases of the same project at the source → their markers.
        of_case: the files of the test case that a result is of, which its texts may show.
        named: files of whatever items of the project, whose ids stand in addresses of its texts.
    """

    attachments: tuple[Attachment, ...] = ()
    comments: tuple[Comment, ...] = ()
    linked: tuple[Linked, ...] = ()
    cases: Mapping[str, str] = field(default_factory=dict)
    of_case: tuple[Attachment, ...] = ()
    named: tuple[Attachment, ...] = ()


Paged = Requirement | Defect | TestSet | Milestone | Configuration
"""What QA Sphere has no place for, and pages tell of."""


@dataclass(frozen=True, slots=True)
class PageItem:
    """An item for a page, with what hangs on it. ``deleted_at``: when it was noticed that the source has it no more."""

    entity: Paged
    around: Around
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """The folder tree to be.

    Args:
        items: every source folder, and folders that only cases know of, parents first.
        place: source folder marker → marker of the folder to put cases into, or None when it is excluded. The empty
            marker stands for the root of the source.
        refused: source folder marker → why its cases cannot be migrated.
        unmatched: rules of the config that name no folder, in words, with the names that are nearest.
        misspelt: those that name no column.
        pages: the folder of the cases that list pages, if there are any.
    """

    items: tuple[Mapped, ...]
    place: Mapping[str, str | None]
    refused: Mapping[str, str] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    misspelt: tuple[str, ...] = ()
    pages: Ref | None = None


@dataclass(frozen=True, slots=True)
class HistoryWorld:
    """What the rules for runs and results have to know. ``statuses``: name → id of QA Sphere's custom statuses.
    ``listed``: marker of a test set, release or configuration → the case that lists its page."""

    milestones: Sequence[Milestone] = ()
    configurations: Mapping[str, Configuration] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Ref] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunUnit:
    """What belongs together in QA Sphere: one run of the source, or a month of single-test runs.

    ``marker``: of the run, or made up for the group. ``runs`` in order of time.
    """

    marker: str
    runs: tuple[TestRun, ...]

    @property
    def is_group(self) -> bool:
        """Whether it is made of single-test runs."""
        return self.marker != self.runs[0].ref.marker

    @property
    def is_closed(self) -> bool:
        """Whether nothing will be added at the source."""
        return all(run.closed for run in self.runs)


@dataclass(frozen=True, slots=True)
class RunPart:
    """One run to be made of a unit. ``label``: what tells it from the other parts, empty for the first."""

    marker: str
    cases: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class ResultPlace:
    """Where a result goes.

    Args:
        marker: its own, or that of its later edition.
        run: the part's marker.
        defects: by marker, as far as the source lists them.
        around: what hangs on the result.
    """

    marker: str
    run: str
    unit: RunUnit
    source_run: TestRun
    defects: Mapping[str, Defect]
    around: Around = field(default_factory=Around)


class HistoryMapper(Protocol):
    """Pure rules for milestones, runs and results of one project."""

    @property
    def digest(self) -> str:
        """Changes with the rules and hooks, and with what statuses QA Sphere has."""
        ...

    @property
    def keeps(self) -> Literal["all", "last", "none"]:
        """Which results are migrated: all, the last one of each test, or none."""
        ...

    @property
    def allows_gaps(self) -> bool:
        """Whether a run is made without a case that could not be migrated."""
        ...

    @property
    def max_missing_share(self) -> float:
        """Of the tests that results name, how many may be missing at the first load (0 to 1)."""
        ...

    @property
    def inactive_stay_out(self) -> bool:
        """Whether inactive cases cannot be in a run, because they are drafts in QA Sphere."""
        ...

    def milestones(self) -> Sequence[Mapped]:
        """Map all milestones at once; no two get the same title."""
        ...

    def unit_of(self, run: TestRun) -> str:
        """Return the marker of the unit that a run belongs to: its own, or a group's."""
        ...

    def run(self, unit: RunUnit, part: RunPart) -> Mapped:
        """Map one part of a unit."""
        ...

    def left_out(self, run: TestRun, reason: str) -> Note:
        """Return the note on a run that QA Sphere cannot hold, with all that is known of it."""
        ...

    def result(self, result: Result, place: ResultPlace) -> Mapped:
        """Map a result; ``folded`` when it says nothing but that the test was not run."""
        ...

    def result_left_out(self, result: Result, place: ResultPlace, reason: str) -> Note:
        """Return the note on a result of which the test is not there, with all that is known of it."""
        ...

    def leaves_open(self, status: str) -> bool:
        """Whether a status says that the test was not run, or not to its end."""
        ...

    def placeholder_folder(self, project: Ref) -> tuple[Ref, Mapped] | None:
        """Return the folder for tests that the source has not any more; None when their results are not migrated."""
        ...

    def placeholder(self, result: Result, folder: Ref) -> TestCase:
        """Return a test that stands for the one of a result, which the source has not any more."""
        ...


class Mapper(Protocol):
    """Pure rules from entities to drafts: no network, no exceptions for bad data."""

    @property
    def digest(self) -> str:
        """Changes when the rules change."""
        ...

    def project(self, project: Project) -> Mapped:
        """Map the project."""
        ...

    def folders(self, project: Project, folders: Sequence[Folder], used: Mapping[str, str | None]) -> FolderPlan:
        """Map all folders at once. ``used``: the folder markers that cases name, with the folder's name if the case
        knows it; the empty marker when a case lies at the root."""
        ...

    def check_fields(self, plan: FolderPlan, cases: Iterable[TestCase]) -> FolderPlan:
        """Return the tree with what is wrong about rules for fields of these cases."""
        ...

    def case(self, case: TestCase, around: Around, folders: FolderPlan) -> Mapped:
        """Map one case with what hangs on it. Of the folders nothing but the place of its own may matter: a case of
        which all this is as it was is not mapped again."""
        ...

    def history(self, world: HistoryWorld) -> HistoryMapper:
        """Return the rules for milestones, runs and results."""
        ...

    def pages_folder(self, project: Ref) -> tuple[Ref, Mapped] | None:
        """Return the folder for the cases that list pages; None when no pages are made."""
        ...

    def volume(self, folder: Ref, item: Paged) -> Ref:
        """Return what the case in ``folder`` that lists the item's page is known by: one for all of its kind and
        year."""
        ...

    def pages(self, folder: Ref, items: Sequence[PageItem], titles: Mapping[str, str]) -> Mapped:
        """Map all items of a volume to the case that lists their pages. ``titles``: of the cases in test sets, by
        marker."""
        ...


MakeMapper = Callable[[Sequence[User], ProjectView | None], Mapper]
"""Builds the mapper of a project from its people and from what its destination accepts (None: not created yet)."""
