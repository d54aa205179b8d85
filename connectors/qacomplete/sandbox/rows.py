"""The vendor's JSON rows (§6): snake_case, nulls left out, some ids as text."""

from collections.abc import Mapping
from typing import Any

from connectors.qacomplete.sandbox.data import Folder, Project, Step, Test, User
from connectors.qacomplete.sandbox.items import Item
from connectors.qacomplete.sandbox.switches import Switches

Row = dict[str, Any]
FULL = {"acl": 7}
NEVER = "0001-01-01T00:00:00.0000000"
_UPDATED = "2024-01-15T08:00:00.0000000"


def project_row(project: Project) -> Row:
    """Return a project; its id is a text (§6.1)."""
    return {
        "id": str(project.id),
        "proj_name": project.title,
        "dept_id": "1",
        "dept_name": "Quality",
        "__permissions": FULL,
        "date_begin_actual": NEVER,
        "date_updated": _UPDATED,
        "is_active": project.active,
    }


def department_row(ident: int) -> Row:
    """Return a department (§6.2)."""
    return {
        "id": ident,
        "company_id": 1,
        "dept_name": "Quality",
        "update_user_id": 1,
        "date_created": _UPDATED,
        "date_updated": _UPDATED,
        "page_size": 25,
    }


def user_row(user: User) -> Row:
    """Return a user (§6.3)."""
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_active": True,
        "date_of_anniv": "1900-01-01T00:00:00.0000000",
        "is_a_d_account": False,
    }


def folder_row(folder: Folder, above: Mapping[int, Folder]) -> Row:
    """Return a folder (§6.4). ``above``: the folders of its project by id."""
    names, seen, parent = [folder.title], {folder.id}, above.get(folder.parent_id)
    while parent is not None and parent.id not in seen:  # a circle ends where it began
        names.insert(0, parent.title)
        seen.add(parent.id)
        parent = above.get(parent.parent_id)
    return {
        "id": folder.id,
        "parent_id": folder.parent_id,
        "project_id": folder.project_id,
        "entity_code": "Tests",
        "folder_name": folder.title,
        "full_folder_name": "/".join(names),
        "is_active": folder.active,
        "is_public": True,
        "date_updated": _UPDATED,
    }


def test_row(
    test: Test, switches: Switches, *, steps: bool, notes: int, files: int, step_files: Mapping[int, int]
) -> Row:
    """Return a test (§6.8), with or without its steps. ``step_files``: step id → how many files it has."""
    all_steps = test.all_steps()
    row = owned_row(test, switches, notes) | {
        "status": test.status,
        "active": test.active,
        "priority": test.priority,
        "test_type": test.test_type,
        "execution_type": test.execution_type,
        "folder_id": test.folder_id,
        "folder_name": test.folder_name,
        "last_run_date": NEVER,
        "version": test.version,
        "nbr_files": files,
        "nbr_steps": len(all_steps) if test.claimed_steps is None else test.claimed_steps,
    }
    if steps and all_steps:
        row["test_steps"] = [_step_row(step, step_files.get(step.id, 0)) for step in all_steps]
    return without_nulls(row)


def owned_row(item: Test | Item, switches: Switches, notes: int) -> Row:
    """Return what the rows of tests and of the items beside them share."""
    return {
        "id": item.id,
        "project_id": item.project_id,
        "title": item.title,
        "description": item.description,
        "__permissions": FULL,
        "create_user_id": item.create_user_id,
        "owner_user_id": item.owner_user_id,
        "owner_name": item.owner_name,
        "date_created": item.date_created,
        "date_updated": item.date_updated,
        "custom_fields": _custom_field_rows(item.custom_fields, switches),
        "nbr_notes": notes,
    }


def _custom_field_rows(fields: list[tuple[str, str, str]], switches: Switches) -> list[dict[str, str]] | None:
    """Return custom fields in the casing of the profile (§6.9); None for an empty list that is null."""
    names = ("Id", "Name", "Value") if switches.custom_field_case == "camel" else ("id", "name", "value")
    rows = [dict(zip(names, entry, strict=True)) for entry in fields]
    return None if switches.null_lists and not rows else rows


def _step_row(step: Step, files: int) -> Row:
    return without_nulls(
        {
            "id": step.id,
            "seq": step.seq,
            "step": step.step,
            "expected_result": step.expected_result,
            "is_stopped_on_fail": step.critical,
            "nbr_files": files,
        }
    )


def without_nulls(row: Row) -> Row:
    """Leave out nulls, as the server does (§3.5)."""
    return {name: value for name, value in row.items() if value is not None}
