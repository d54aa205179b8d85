"""What the stand-in holds: plain objects that tests edit, add and delete between runs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.items import Configuration, Defect, Link, Note, Release, Requirement, TestSet
from connectors.qacomplete.sandbox.runs import TestRun


@dataclass(slots=True)
class Project:
    """A project (§6.1)."""

    id: int
    title: str
    active: bool = True


@dataclass(slots=True)
class User:
    """A user of every project (§6.3)."""

    id: int
    first_name: str
    last_name: str
    email: str


@dataclass(slots=True)
class Folder:
    """A folder of tests (§6.4); ``parent_id`` 0 at the top."""

    id: int
    project_id: int
    title: str
    parent_id: int = 0
    active: bool = True


@dataclass(slots=True)
class Step:
    """A step (§6.8); None: the key is missing from the answer."""

    id: int
    seq: int
    step: str | None
    expected_result: str | None
    critical: bool = False


@dataclass(slots=True)
class Test:
    """A test (§6.8). ``make_steps`` builds the steps anew on each read, for data that is too large to keep."""

    __test__ = False

    id: int
    project_id: int
    title: str
    folder_id: int = 0
    folder_name: str | None = None
    status: str = "Approved"
    active: bool = True
    description: str | None = None
    priority: str | None = "2-Medium"
    test_type: str | None = "Functional"
    execution_type: str | None = "Manual"
    create_user_id: int = 1
    owner_user_id: int = 1
    owner_name: str | None = None
    date_created: str = "2016-03-07T09:30:00.0000000"
    date_updated: str = "2024-06-03T16:45:12.1234567"
    version: int = 1
    custom_fields: list[tuple[str, str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    make_steps: Callable[[], list[Step]] | None = None
    claimed_steps: int | None = None
    unreadable: bool = False

    def all_steps(self) -> list[Step]:
        """Return the steps."""
        return self.make_steps() if self.make_steps else self.steps


@dataclass
class SeedData:
    """Everything; ids are unique per kind. ``pictures``: by path, what the web application shows in texts."""

    projects: list[Project] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    configurations: list[Configuration] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    test_sets: list[TestSet] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    runs: list[TestRun] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def project(self, ident: int) -> Project | None:
        """Return the project, if there is one."""
        return next((project for project in self.projects if project.id == ident), None)

    def tests_of(self, project: int) -> list[Test]:
        """Return a project's tests by ascending id (§3.2)."""
        return sorted((test for test in self.tests if test.project_id == project), key=lambda test: test.id)

    def folders_of(self, project: int) -> list[Folder]:
        """Return a project's folders by ascending id."""
        return sorted((folder for folder in self.folders if folder.project_id == project), key=lambda f: f.id)

    def notes_on(self, code: str) -> Counter[int]:
        """Return how many notes each item of an entity code has."""
        return Counter(note.item_id for note in self.notes if note.code.lower() == code)

    def files_on(self, code: str) -> Counter[int]:
        """Return how many files each item, or step, of an entity code has."""
        return Counter(file.item_id for file in self.files if file.code.lower() == code)
