"""What the stand-in holds: plain objects that tests may look into and spoil."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from connectors.qasphere.sandbox.ids import IdMaker
from connectors.qasphere.sandbox.store_cases import Case, Folder, SharedPrecondition, SharedStep, now
from connectors.qasphere.sandbox.store_files import Spool, StoredFile
from connectors.qasphere.sandbox.store_runs import Milestone, Plan, Run
from connectors.qasphere.sandbox.store_settings import AuditEvent, User, first_statuses, first_users

__all__ = ["Case", "CustomField", "Folder", "Project", "Store", "now"]


@dataclass
class Project:
    """A project. ``cases`` are in the order of their numbers."""

    id: str
    code: str
    title: str
    archived_at: str | None = None
    overview_title: str = ""
    overview: str = ""
    links: list[dict[str, str]] = field(default_factory=list)
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
    shared_steps: dict[int, SharedStep] = field(default_factory=dict)
    shared_preconditions: dict[int, SharedPrecondition] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)


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
    pos: int = 0
    created_at: str = field(default_factory=now)


class Store:
    """The tenant. ``remote_comments``: what results with links have written to issue trackers (§3.13). When it
    ``is_suspended``, everything is refused."""

    def __init__(self) -> None:
        self.is_suspended = False
        self.projects: dict[str, Project] = {}
        self.custom_fields: dict[str, CustomField] = {}
        self.files: dict[str, StoredFile] = {}
        self.spool = Spool()
        self.users = first_users()
        self.statuses = first_statuses()
        self.audit: list[AuditEvent] = []
        self.configurations: set[str] = set()
        self.integrations: set[str] = set()
        self.remote_comments: list[dict[str, Any]] = []
        self.result_ids = count(1)
        self.ids = IdMaker()
        self.folder_ids = count(1)
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
        custom_field = CustomField(self.ids.next(), system_name, name, type, pos=len(self.custom_fields), **more)
        self.custom_fields[system_name] = custom_field
        return custom_field

    def add_shared_step(self, project: Project, title: str, *texts: tuple[str, str]) -> SharedStep:
        """Make a shared step of descriptions and expectations, as people do in the web UI."""
        constant = {"type": "shared_sub_step", "version": 1, "isLatest": True}
        subs = [constant | {"description": description, "expected": expected} for description, expected in texts]
        step = SharedStep(next(self._step_ids), title, self.numbered(subs))
        project.shared_steps[step.id] = step
        return step

    def add_shared_precondition(self, project: Project, title: str, text: str) -> SharedPrecondition:
        """Make a shared precondition, as people do in the web UI."""
        precondition = SharedPrecondition(next(self._step_ids), title, text)
        project.shared_preconditions[precondition.id] = precondition
        return precondition

    def note(self, action: str, user: User | None = None, ip: str = "", user_agent: str = "") -> AuditEvent:
        """Put an event at the end of the audit log."""
        event = AuditEvent(len(self.audit) + 1, action, user, ip, user_agent)
        self.audit.append(event)
        return event

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
                folder = Folder(next(self.folder_ids), parent, name, "", siblings)
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

    def remove_case(self, project: Project, case: Case) -> None:
        """Take a filled case away; runs keep it as it is."""
        for run in project.runs.values():
            if (row := run.cases.get(case.id)) and row.frozen is None:
                row.frozen = case.frozen()
        project.cases.remove(case)
        del project.by_id[case.id], project.by_seq[case.seq]
        project.in_folder[case.folder_id] -= 1
        for other in project.cases:
            if other.folder_id == case.folder_id and other.pos > case.pos:
                other.pos -= 1
        for name, value in case.custom_fields.items():
            project.by_field[name, value["value"]].remove(case)

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
