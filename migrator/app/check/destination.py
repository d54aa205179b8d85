"""What ``check`` says about QA Sphere: its projects, custom fields and result statuses."""

from collections.abc import AsyncIterator, Collection, Iterator

from mappings.rules import MappingRules, ProjectRules
from migrator.config import Config
from migrator.core.plural import number
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.inspectable import Line
from migrator.core.probe import ProbeResult
from migrator.core.refs import marker_prefix
from migrator.core.views import ProjectView

_CREATING_ROLES = frozenset(("owner", "admin"))  # assumed


def status_line(rules: MappingRules, active: Collection[str]) -> Line:
    """Compare what statuses are mapped to with what the tenant has switched on."""
    subject = "destination statuses"
    targets = {"fallback": rules.fallback.status} | rules.status
    off = {source: target for source, target in targets.items() if target not in active}
    if not off or rules.history == "none":
        return Line(subject=subject, state="ok", text=f"switched on are: {', '.join(active)}")
    named = ", ".join(f"“{source}” to {target}" for source, target in off.items())
    return Line(
        subject=subject, state="problem", text=f"mapping.status sends {named}, which QA Sphere has switched off",
        next_step="an admin switches it on in QA Sphere: Settings → Result statuses; or map it to another status",
    )  # fmt: skip


def probe_line(found: ProbeResult, base_url: str) -> Line:
    """Say what is known from a probe, and whether it was of this QA Sphere."""
    differ = sum(answer.verdict == "differs" for answer in found.answers.values())
    differing = number(differ, "answer differs", "answers differ")
    text = f"asked on {found.asked_at[:10]} in project {found.project}, {differing} from what is assumed"
    if found.base_url != base_url:
        step = "run `migrator check --probe CODE` again, or delete probe.json from the workspace"
        return Line(subject="probe", state="warning", text=f"{text}; but at {found.base_url}", next_step=step)
    return Line(subject="probe", state="ok", text=text)


async def project_lines(
    destination: DestinationReader, config: Config, project: ProjectRules, role: str
) -> AsyncIterator[Line]:
    """Yield what is to be said about a project that is migrated into. ``role``: of the API key's owner; empty where
    that is not told. Raises what the destination raises."""
    subject = f"destination project {project.destination}"
    view = await destination.project(project.destination)
    if view is None and not project.create:
        yield Line(
            subject=subject, state="problem", text="it does not exist",
            next_step="create it in QA Sphere, or set `create: true`",
        )  # fmt: skip
        return
    if view and view.archived:
        yield Line(
            subject=subject, state="problem", text="it is archived and refuses every write",
            next_step="take it out of the archive",
        )  # fmt: skip
        return
    if view is None and role and role not in _CREATING_ROLES:
        yield Line(
            subject=subject, state="warning",
            text=f"it has to be created, which a key with the role {role} very likely may not",
            next_step="make an API key as an admin, or create the project in QA Sphere",
        )  # fmt: skip
    else:
        yield await _contents(destination, config, project, view, subject)
    target = view or await destination.project_to_be(project.destination)
    for line in _fields(config, project, target, subject):
        yield line


async def _contents(
    destination: DestinationReader, config: Config, project: ProjectRules, view: ProjectView | None, subject: str
) -> Line:
    if view is None:
        return Line(subject=subject, state="ok", text="it will be created")
    page = await destination.cases(project.destination, None, whole=False)
    prefix = marker_prefix(config.connector, config.instance)
    ours = any(marker.startswith(prefix) for case in page.cases for marker in case.markers)
    if page.total and not ours and not project.allow_existing:
        return Line(
            subject=subject, state="warning",
            text=f"it holds {number(page.total, 'case')}; of the first {len(page.cases)} none is ours",
            next_step="choose another code, or set `allow_existing: true`; what is loaded cannot be taken out again",
        )  # fmt: skip
    return Line(subject=subject, state="ok", text=f"it exists and holds {number(page.total, 'case')}")


def _fields(config: Config, project: ProjectRules, view: ProjectView, subject: str) -> Iterator[Line]:
    name = config.destination.marker_field
    if not view.fields_known:
        yield Line(
            subject=subject, state="warning", text="no project of QA Sphere could be asked for custom fields; one that"
            " is required and that nothing fills stops `run` when the project is made, before any case (QM111)",
            next_step=f"create project {project.destination} in QA Sphere and check again; or make sure that no custom"
            f" field is required without a default, and that there is a text field `{name}`, enabled for all projects",
        )  # fmt: skip
        return
    if view.has_marker_field:
        yield Line(subject=subject, state="ok", text=f"cases can carry their marker in the custom field `{name}`")
    else:
        yield Line(
            subject=subject, state="warning", text=f"there is no enabled custom text field `{name}`",
            next_step=f"an admin can make it in QA Sphere: Settings → Custom fields → text, system name `{name}`,"
            " enabled for this project; without it lost answers take longer to look up",
        )  # fmt: skip
    filled = {target.casefold() for target in config.mapping.custom_fields.values()}
    for field in view.custom_fields:
        if field.required and not field.has_default and field.system_name.casefold() not in filled:
            yield Line(
                subject=subject, state="problem", text=f"the custom field `{field.system_name}` is required",
                next_step="give it a default value in QA Sphere, or fill it from a field of the source: `mapping:"
                f" {{custom_fields: {{NAME AT THE SOURCE: {field.system_name}}}}}`",
            )  # fmt: skip
    known = {field.system_name for field in view.custom_fields} | {"tag", "text", "drop"}
    for source_field, target in config.mapping.custom_fields.items():
        if target not in known:
            yield Line(
                subject=subject, state="warning", text=f"mapping.custom_fields sends “{source_field}” to `{target}`,"
                f" which project {project.destination} does not have",
                next_step="make it in QA Sphere, or correct the rule; until then the values stand in the precondition",
            )  # fmt: skip
