"""Looking at both sides before there is a config: what is there, and what fits to what. Reads only."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.destination import QASphereDestination
from mappings.fields import EVERY, FieldPlacer
from mappings.rules import MappingRules
from mappings.vocabulary import looked_up
from migrator.app.init.columns import SeenColumn, proposed_columns, take
from migrator.app.init.text import ProposedProject, ProposedRule, code_for
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError
from migrator.core.events import ignored
from migrator.core.model import CustomField, Result, TestCase
from migrator.core.notes import NoteCode
from migrator.core.plural import plural
from migrator.core.ports.inspectable import GroupsProjects, Inspectable, ProjectGroup, ProposesSettings, SeenProject
from migrator.core.views import CustomFieldView
from migrator.report.news import counted_streams

_CASES = "tests"
_CASES_SEEN = "cases"
_OFTEN = 3
_UNFIT = (NoteCode.FIELD_OPTION_UNKNOWN, NoteCode.FIELD_CUT)


@dataclass
class Survey:
    """What was seen.

    Args:
        cases, results: how many were examined.
        fields: custom field → its values.
        refused: projects that are there, but may not be opened.
        grouping: how the others go together, if they do.
        grouped: what these hold together.
        fields_known: False when QA Sphere tells its custom fields by project, and has none.
        settings: keys of the source block that the source has found.
    """

    projects: list[tuple[SeenProject, Mapping[str, int]]] = field(default_factory=list)
    refused: list[SeenProject] = field(default_factory=list)
    grouping: ProjectGroup | None = None
    grouped: Mapping[str, int] = field(default_factory=dict)
    cases: int = 0
    results: int = 0
    priorities: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    fields: dict[str, list[CustomField]] = field(default_factory=dict)
    columns: dict[str, SeenColumn] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    offered: tuple[CustomFieldView, ...] = ()
    has_marker_field: bool = False
    fields_known: bool = True
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


async def survey_source(source: Inspectable, found: Survey, tell: Callable[[str], None] = ignored) -> None:
    """Count what each visible project holds, and read a few of its items; go on where one may not be opened."""
    if isinstance(source, GroupsProjects):
        found.grouping = source.grouping()
        found.grouped = await source.counts(found.grouping.source)
    if isinstance(source, ProposesSettings):
        found.settings = await source.proposed_settings()
    projects = await source.visible_projects()
    for number, project in enumerate(projects, start=1):
        tell(f"project {number} of {len(projects)}: {project.title}")
        try:
            found.projects.append((project, await source.counts(project.id)))
        except AuthenticationError as error:
            if error.code != ErrorCode.PERMISSION:
                raise
            found.refused.append(project)
            continue
        for entity in await source.sample(project.id):
            if isinstance(entity, TestCase):
                found.cases += 1
                found.priorities[entity.priority or ""] += 1
                for value in entity.custom_fields:
                    found.fields.setdefault(value.name, []).append(value)
            elif isinstance(entity, Result):
                found.results += 1
                found.statuses[entity.status or ""] += 1
                take(found.columns, entity)


async def survey_destination(api: QASphereApi, marker_field: str, found: Survey) -> None:
    """See which codes are taken, and which custom fields a new project would have."""
    destination = QASphereDestination(api, marker_field)
    await destination.check()
    found.codes = {project.code.upper(): project.title for project in await api.projects.list()}
    view = await destination.project_to_be("")
    found.offered, found.has_marker_field = view.custom_fields, view.has_marker_field
    found.fields_known = view.fields_known


def proposed_projects(found: Survey) -> list[ProposedProject]:
    """Propose a code for each project; those without cases or rights are only mentioned."""
    taken = set(found.codes)
    if found.grouping:
        return _together(found, found.grouping, taken)
    titles = {title.casefold(): code for code, title in found.codes.items()}
    proposed = []
    for project, counts in found.projects:
        code = code_for(project.id, project.title, taken)
        taken.add(code)
        seen = [words] if (words := counted_streams(counts)) else []
        if not project.active:
            seen.append("not active there")
        if namesake := titles.get(project.title.casefold()):
            seen.append(f"QA Sphere has a project of this title already: {namesake}")
        holds_cases = counts.get(_CASES, 1) > 0
        proposed.append(ProposedProject(project.id, code, project.title, ", ".join(seen) or "empty", taken=holds_cases))
    if proposed and not any(project.taken for project in proposed):
        proposed = [ProposedProject(p.source, p.destination, p.title, p.remark) for p in proposed]
    for project in found.refused:
        code = code_for(project.id, project.title, taken)
        taken.add(code)
        proposed.append(ProposedProject(project.id, code, project.title, "may not be opened", taken=False))
    return proposed


def _together(found: Survey, grouping: ProjectGroup, taken: Collection[str]) -> list[ProposedProject]:
    """Propose one project, with a line about each that goes into it; what may not be opened is left out elsewhere."""
    if not found.projects:
        return []
    code = code_for(grouping.source, grouping.title, taken)
    parts = [
        f"{project.id} ({project.title}): {counted_streams(counts) or ('empty' if counts else 'not counted')}"
        for project, counts in found.projects
    ]
    remark = counted_streams(found.grouped)
    heading = f"every {grouping.what}, also those to come; or name some: a list of ids"
    return [ProposedProject(grouping.source, code, grouping.title, remark, parts=(heading, *parts))]


def proposed_rules(found: Survey, rules: MappingRules) -> dict[str, list[ProposedRule]]:
    """Propose rows for the tables of ``mapping``. ``rules``: the connector's own, which need not be repeated."""
    return {
        "priority": _values(found.priorities, found.cases, rules.priority, rules.fallback.priority, _CASES_SEEN),
        "status": _values(found.statuses, found.results, rules.status, rules.fallback.status, "results"),
        "columns": proposed_columns(found.columns, found.results, rules.status),
        "custom_fields": _fields(found, rules.custom_fields.get(EVERY, "")),
    }


def _values(seen: Counter[str], total: int, known: Mapping[str, str], fallback: str, what: str) -> list[ProposedRule]:
    proposed = []
    for value, count in seen.most_common():
        counted = f"{count} of {total} {what} examined"
        target = looked_up(value, known)
        if not value:
            becomes = f"becomes {fallback}, by mapping.fallback" if what == _CASES_SEEN else "open: not run"
            proposed.append(ProposedRule("(none)", "", f"{counted}; {becomes}"))
        elif target is not None:
            proposed.append(ProposedRule(value, "", f"{target}, {counted}; built in"))
        else:
            proposed.append(ProposedRule(value, fallback, f"{counted}; please choose", is_open=True))
    return proposed


def _fields(found: Survey, otherwise: str) -> list[ProposedRule]:
    """Propose where custom fields go. ``otherwise``: what the connector has for all that no field of QA Sphere fits."""
    placer = FieldPlacer(MappingRules(), found.offered)
    proposed = []
    for name, values in sorted(found.fields.items(), key=lambda pair: -len(pair[1])):
        counted = f"in {len(values)} of {found.cases} {plural(found.cases, 'case')} examined"
        places = [placer.place(value) for value in values]
        if target := next((place.system_name for place in places if place.system_name), ""):
            unfit = sum(not place.system_name for place in places)
            beside = f"; {unfit} {plural(unfit, 'value does', 'values do')} not fit it, and stay text" if unfit else ""
            proposed.append(ProposedRule(name, target, f"{counted}; QA Sphere's field of that name{beside}"))
        else:
            unfit = any(place.notes and place.notes[0][0] in _UNFIT for place in places)
            why = "QA Sphere's field of that name takes none of its values" if unfit else _unmatched(found)
            remark = f"{counted}; {why}{_repeated(values)}"
            if otherwise:
                proposed.append(ProposedRule(name, "", f"{otherwise}, {remark}; built in"))
            else:
                proposed.append(ProposedRule(name, "text", remark, is_open=True))
    return proposed


def _repeated(values: Sequence[CustomField]) -> str:
    """Say whether a field has few enough values, each often enough, to be a tag."""
    different = len({field.value.value.strip().casefold() for field in values})
    if different * _OFTEN > len(values):
        return ""
    return "; always the same value" if different == 1 else f"; {different} different values, so it could be a tag"


def _unmatched(found: Survey) -> str:
    if not found.fields_known:
        return "QA Sphere has no project yet, so its fields could not be asked"
    names = ", ".join(field.system_name for field in found.offered)
    return f"QA Sphere has no such field, only {names}" if names else "QA Sphere has no custom field for it"
