"""What the stand-in holds: plain objects that tests may look into and spoil."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from connectors.qasphere.sandbox.ids import IdMaker


def now() -> str:
    """Return the present in the server's spelling (§1.7)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Folder:
    """A folder; ``parent_id`` 0 at the top."""

    id: int
    parent_id: int
    title: str
    comment: str
    pos: int
    creating: int = 0


@dataclass(slots=True)
class Case:
    """A test case as stored. ``tags`` are titles; ``custom_fields``: system name → {value, isDefault}."""

    id: str
    seq: int
    folder_id: int
    pos: int
    title: str
    priority: str
    precondition: str
    steps: list[dict[str, Any]]
    tags: list[str]
    requirements: list[dict[str, Any]]
    links: list[dict[str, str]]
    files: list[dict[str, Any]]
    custom_fields: dict[str, dict[str, Any]]
    is_draft: bool
    type: str = "standalone"
    version: int = 1
    legacy_id: str = ""
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)


@dataclass
class Project:
    """A project. ``cases`` are in the order of their numbers."""

    id: str
    code: str
    title: str
    archived_at: str | None = None
    created_at: str = field(default_factory=now)
    folders: dict[int, Folder] = field(default_factory=dict)
    children: dict[tuple[int, str], Folder] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    by_id: dict[str, Case] = field(default_factory=dict)
    by_seq: dict[int, Case] = field(default_factory=dict)
    in_folder: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    by_field: dict[tuple[str, str], list[Case]] = field(default_factory=lambda: defaultdict(list))
    tags: dict[str, int] = field(default_factory=dict)
    requirements: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    last_seq: int = 0


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of the tenant (§3.7). ``projects`` None: all."""

    id: str
    system_name: str
    name: str
    type: str = "text"
    required: bool = False
    enabled: bool = True
    options: tuple[str, ...] = ()
    default: str | None = None
    projects: tuple[str, ...] | None = None


class Store:
    """The tenant."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.custom_fields: dict[str, CustomField] = {}
        self.files: dict[str, bytes] = {}
        self.ids = IdMaker()
        self._folder_ids = count(1)
        self._tag_ids = count(1)
        self._step_ids = count(1)

    def find_project(self, code_or_id: str) -> Project | None:
        """Return the project with this code (in any case) or id."""
        found = self.projects.get(code_or_id.upper())
        return found or next((project for project in self.projects.values() if project.id == code_or_id), None)

    def add_project(self, code: str, title: str, *, archived: bool = False) -> Project:
        """Add an empty project."""
        project = Project(self.ids.next(), code.upper(), title, archived_at=now() if archived else None)
        self.projects[project.code] = project
        return project

    def add_custom_field(self, system_name: str, name: str, type: str = "text", **more: Any) -> CustomField:  # noqa: A002 - the vendor's word
        """Define a custom field, as people do in the web UI."""
        custom_field = CustomField(self.ids.next(), system_name, name, type, **more)
        self.custom_fields[system_name] = custom_field
        return custom_field

    def fields_of(self, project: Project) -> list[CustomField]:
        """Return the fields that are enabled for a project."""
        return [
            custom_field
            for custom_field in self.custom_fields.values()
            if custom_field.enabled and (custom_field.projects is None or project.id in custom_field.projects)
        ]

    def upsert_folder(self, project: Project, path: list[str], comment: str | None) -> list[int]:
        """Return the ids along a path, making what is missing; the comment goes to the leaf (§3.2)."""
        parent = 0
        ids = []
        for name in path:
            folder = project.children.get((parent, name))
            if folder is None:
                siblings = sum(1 for other in project.folders.values() if other.parent_id == parent)
                folder = Folder(next(self._folder_ids), parent, name, "", siblings)
                project.folders[folder.id] = folder
                project.children[parent, name] = folder
            ids.append(folder.id)
            parent = folder.id
        if comment is not None:
            project.folders[parent].comment = comment
        return ids

    def add_case(self, project: Project, case: Case) -> None:
        """Put a case at the end, with its tags and requirements."""
        project.cases.append(case)
        project.by_id[case.id] = case
        project.by_seq[case.seq] = case
        project.in_folder[case.folder_id] += 1
        self.index_values(project, case)

    def index_values(self, project: Project, case: Case) -> None:
        """Make tags and requirements exist, and custom field values findable."""
        for tag in case.tags:
            if tag not in project.tags:
                project.tags[tag] = next(self._tag_ids)
        for requirement in case.requirements:
            project.requirements.setdefault((requirement["text"], requirement["url"]), requirement)
        for name, value in case.custom_fields.items():
            found = project.by_field[name, value["value"]]
            if case not in found:
                found.append(case)

    def numbered(self, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Give steps new ids, as every create and update does (§3.5)."""
        return [{"id": next(self._step_ids)} | step for step in steps]
