"""The mapper of one project: the rules bound to its people and to what its destination accepts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from mappings.cases import CaseMapper
from mappings.columns import misspelt
from mappings.fields import unknown_fields
from mappings.folders import plan_folders
from mappings.history import RulesHistoryMapper
from mappings.hook_folders import with_hooks
from mappings.hooks import Hooks
from mappings.item_writer import Writers
from mappings.pages import PageMapper, pages_folder
from mappings.rules import MappingRules, ProjectRules
from mappings.vocabulary import cut, single_line
from mappings.volumes import volume_ref
from migrator.core.base import digest_of
from migrator.core.drafts import PROJECT_TITLE_LIMIT, ProjectDraft
from migrator.core.model import Folder, Project, TestCase, User
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import (
    Around,
    FolderPlan,
    HistoryMapper,
    HistoryWorld,
    Mapped,
)
from migrator.core.views import ProjectView


class RulesMapper:
    """Implements ``Mapper`` for one project. ``destination`` None: the project does not exist yet. ``hosts``: of the
    source."""

    def __init__(
        self,
        rules: MappingRules,
        project: ProjectRules,
        people: Sequence[User],
        destination: ProjectView | None,
        hooks: Hooks | None = None,
        hosts: frozenset[str] = frozenset(),
    ) -> None:
        self._rules = rules
        self._writers = Writers(rules.people, {user.ref.marker: user for user in people}, destination, hosts)
        self._project_rules = project
        self._hooks = hooks
        self._cases = CaseMapper(rules, self._writers, hooks)
        self.volume = volume_ref
        self.pages_folder = partial(pages_folder, rules=rules, place=project)
        self.pages = PageMapper(rules, self._writers).map
        self._digest = digest_of(
            {
                "mapping": rules.deciding(),
                "project": project.model_dump(mode="json", exclude={"deleted_there"}),
                "destination": _offered(destination),
                "hooks": hooks.digest if hooks else None,
                "hosts": sorted(hosts),
            }
        )

    @property
    def digest(self) -> str:
        """Changes with the rules, the hooks, and what the destination offers."""
        return self._digest

    def project(self, project: Project) -> Mapped:
        """Return the project under the title of the config, or its own."""
        title = single_line(self._project_rules.title or project.title)
        notes: tuple[Note, ...] = ()
        if len(title) > PROJECT_TITLE_LIMIT:
            message = f"cut to {PROJECT_TITLE_LIMIT} characters"
            notes = (
                Note(
                    code=NoteCode.TITLE_CUT, marker=project.ref.marker, field="title", original=title, message=message
                ),
            )
            title = cut(title, PROJECT_TITLE_LIMIT)
        draft = ProjectDraft(marker=project.ref.marker, code=self._project_rules.destination, title=title)
        return Mapped(project.ref.marker, "project", title, "draft", draft, notes=notes)

    def folders(self, project: Project, folders: Sequence[Folder], used: Mapping[str, str | None]) -> FolderPlan:
        """Return the tree to be."""
        plan = self._with_columns(plan_folders(project.ref, self._project_rules, folders, used), folders)
        return with_hooks(plan, {folder.ref.marker: folder for folder in folders}, self._hooks) if self._hooks else plan

    def _with_columns(self, plan: FolderPlan, folders: Sequence[Folder]) -> FolderPlan:
        """Return the tree with what is wrong about rules for columns: an error, or a note where it may be none."""
        found = list(misspelt(self._rules, folders))
        doubtful = [text for text, is_mistake in found if not is_mistake]
        plan = _noted(plan, NoteCode.COLUMN_UNKNOWN, "columns", doubtful)
        return replace(plan, misspelt=tuple(text for text, is_mistake in found if is_mistake))

    def check_fields(self, plan: FolderPlan, cases: Iterable[TestCase]) -> FolderPlan:
        """Return the tree with a note on each rule that names a field which none of the cases has."""
        return _noted(plan, NoteCode.FIELD_UNKNOWN, "fields", unknown_fields(self._rules, cases))

    def case(self, case: TestCase, around: Around, folders: FolderPlan) -> Mapped:
        """Return the case in its place."""
        folder = case.folder.marker if case.folder else ""
        if refused := folders.refused.get(folder):
            title = case.title.strip() or case.ref.marker
            return Mapped(case.ref.marker, "case", title, "rejected", reason=refused)
        return self._cases.map(case, around, folders.place.get(folder), folders.pages)

    def history(self, world: HistoryWorld) -> HistoryMapper:
        """Return the rules for milestones, runs and results."""
        return RulesHistoryMapper(self._rules, self._project_rules, self._writers, world, self._hooks)


def _noted(plan: FolderPlan, code: NoteCode, field: str, texts: Sequence[str]) -> FolderPlan:
    """Return the tree with notes on what is wrong about the rules, at its first folder."""
    if not texts or not plan.items:
        return plan
    first, *others = plan.items
    notes = [Note(code=code, marker=first.marker, field=field, original=text, message=text) for text in texts]
    return replace(plan, items=(replace(first, notes=(*first.notes, *notes)), *others))


def _offered(destination: ProjectView | None) -> dict[str, object]:
    if destination is None:
        return {}
    return destination.model_dump(mode="json", include={"custom_fields", "keeps_images", "keeps_tables"})
