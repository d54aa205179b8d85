"""Giving a local QA Sphere what the real one holds, as far as a migration meets it. Only reads the real one."""

from dataclasses import dataclass

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.open import role_of
from connectors.qasphere.sandbox import Store, priming
from connectors.qasphere.sandbox.store import Case, CustomField, Project
from connectors.qasphere.wire import cases as wire_cases
from connectors.qasphere.wire.queries import CONTENT, CaseQuery


@dataclass
class Copied:
    """How many of each were copied. ``role``: of the real API key's owner; empty where that is not told."""

    projects: int = 0
    custom_fields: int = 0
    folders: int = 0
    cases: int = 0
    milestones: int = 0
    role: str = ""


async def prime(api: QASphereApi, store: Store, codes: list[str]) -> Copied:
    """Copy every project's name, the tenant's custom fields and statuses, and what the projects ``codes`` hold.

    Raises what the endpoints raise. Files, requirements, runs, results, comments of folders and who did what stay
    behind; a shared step becomes the steps it consists of.
    """
    copied = Copied(role=await role_of(api))
    wanted = {code.upper() for code in codes}
    for number, wire in enumerate(await api.projects.list()):
        project = priming.put_project(store, wire.id, wire.code, wire.title, archived=wire.archived_at is not None)
        copied.projects += 1
        if number == 0:  # custom fields belong to the tenant (§3.7): every project lists all of them
            copied.custom_fields = await _custom_fields(api, store, project)
        if project.code in wanted:
            await _contents(api, store, project, copied)
    for status in await api.settings.list_statuses():
        priming.put_status(store, status.id, status.name, status.color, active=status.is_active)
    return copied


async def _custom_fields(api: QASphereApi, store: Store, project: Project) -> int:
    fields = await api.custom_fields.list(project.code)
    for field in fields:
        priming.put_field(store, _field(store, field))
    return len(fields)


def _field(store: Store, wire: wire_cases.CustomField) -> CustomField:
    return CustomField(
        id=store.ids.next(),
        system_name=wire.system_name,
        name=wire.name,
        type=wire.type,
        required=wire.required,
        enabled=wire.enabled,
        options=tuple(option.value for option in wire.options),
        default=wire.default_value or None,
        projects=None if wire.allow_all_projects else tuple(wire.allowed_project_ids),
    )


async def _contents(api: QASphereApi, store: Store, project: Project, copied: Copied) -> None:
    folders = [(row.id, row.parent_id or 0, row.title) async for row in api.folders.all(project.code)]
    priming.put_folders(store, project, folders)
    milestones = await api.milestones.list(project.code)
    for milestone in milestones:
        priming.put_milestone(project, milestone.id, milestone.title, milestone.archived_at)
    copied.folders += len(folders)
    copied.milestones += len(milestones)
    copied.cases += await _cases(api, store, project)


async def _cases(api: QASphereApi, store: Store, project: Project) -> int:
    number = 0
    async for row in api.test_cases.all(project.code, CaseQuery(include=CONTENT)):
        # list rows may leave links out, and links carry the marker
        whole = row if "links" in row.model_fields_set else await api.test_cases.get(project.code, row.id)
        priming.put_case(store, project, _case(whole))
        number += 1
    return number


def _case(wire: wire_cases.Case) -> Case:
    return Case(
        id=wire.id,
        seq=wire.seq,
        folder_id=wire.folder_id,
        pos=0,
        title=wire.title,
        priority=wire.priority,
        precondition=wire.precondition.text if wire.precondition else "",
        steps=[
            {"description": step.description, "expected": step.expected, "type": "standalone", "version": 1}
            for row in wire.steps or []
            for step in row.sub_steps or [row]
        ],
        tags=[tag.title for tag in wire.tags or []],
        requirements=[],
        links=[{"text": link.text, "url": link.url} for link in wire.links or []],
        files=[],
        custom_fields={
            name: {"value": field.value, "isDefault": field.is_default}
            for name, field in (wire.custom_fields or {}).items()
        },
        is_draft=wire.is_draft,
        version=wire.version or 1,
    )
