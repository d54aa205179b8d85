"""The vendor's JSON rows beside tests (§6.5-6.15). Names differ between kinds, as the vendor's do."""

from connectors.qacomplete.sandbox.items import (
    Configuration,
    Defect,
    Item,
    Link,
    Note,
    Release,
    Requirement,
    SetItem,
    TestSet,
)
from connectors.qacomplete.sandbox.rows import FULL, NEVER, Row, owned_row, without_nulls
from connectors.qacomplete.sandbox.switches import Switches

_DISPLAYED = {"functionalspecs": "Requirements", "bugs": "Defects", "testsets": "Test Sets"}


def release_row(item: Release, switches: Switches, notes: int) -> Row:
    """Return a release (§6.5)."""
    return _row(item, switches, notes) | {
        "release_type": item.type,
        "parent_id": item.parent_id,
        "status_code": item.status,
        "is_active": item.active,
        "est_start_date": item.start or NEVER,
        "est_finish_date": item.finish or NEVER,
    }


def configuration_row(item: Configuration, switches: Switches, notes: int) -> Row:
    """Return a configuration (§6.11)."""
    row = _row(item, switches, notes) | {
        "is_active": item.active,
        "is_c_b_t": False,
        "operating_system": item.operating_system,
        "browser": item.browser,
        "permissions": FULL,
    }
    del row["__permissions"]
    return row


def requirement_row(item: Requirement, switches: Switches, notes: int) -> Row:
    """Return a requirement (§6.6); its flag may be a text."""
    return _row(item, switches, notes) | {
        "status": item.status,
        "active": str(item.active).lower() if switches.loose_types else item.active,
        "opened_by": item.create_user_id,
        "opened_by_name": "Berg, Ada " if item.create_user_id == 1 else None,
        "folder_name": item.folder_name,
        "business_rule": item.business_rule,
    }


def defect_row(item: Defect, switches: Switches, notes: int) -> Row:
    """Return a defect (§6.7). Whether it counts its notes is not known."""
    return _row(item, switches, notes) | {
        "status": item.status,
        "opened_by": item.create_user_id,
        "priority_code": item.priority,
        "severity_code": item.severity,
        "steps_to_repro": item.steps_to_repro,
        "actual_results": item.actual_results,
        "date_closed": item.date_closed or NEVER,
        "nbr_notes": None if switches.loose_types else notes,
    }


def test_set_row(item: TestSet, switches: Switches, notes: int) -> Row:
    """Return a test set (§6.10)."""
    return _row(item, switches, notes) | {
        "status_code": item.status,
        "is_active": item.active,
        "is_sequential": item.sequential,
        "priority_code": item.priority,
        "execution_type": item.execution_type,
        "nbr_tests": len(item.items),
        "last_run_date": NEVER,
    }


def set_item_row(item: SetItem, test_set: TestSet, switches: Switches) -> Row:
    """Return a test set's item; its flag has two names (§6.10)."""
    row = {
        "id": item.id,
        "project_id": test_set.project_id,
        "test_set_id": test_set.id,
        "test_id": item.test_id,
        "seq": str(item.seq) if switches.loose_types else item.seq,
        "active" if switches.loose_types else "is_active": item.active,
    }
    return without_nulls(row)


def note_row(note: Note, switches: Switches) -> Row:
    """Return a note in one of its two shapes (§6.14)."""
    row = {
        "id": str(note.id) if switches.loose_types else note.id,
        "fk_id" if switches.loose_types else "entity_id": note.item_id,
        "entity_code": displayed(note.code, switches),
        "description": note.text,
        "notes_type_code": "Notes",
        "date_created": note.date_created,
        "date_updated": note.date_created,
        "original_id": 0,
        "update_user_id": note.user_id,
        "user_name": note.user_name,
    }
    return without_nulls(row)


def link_row(link: Link, title: str, switches: Switches) -> Row:
    """Return a link as it is stored, whichever end was asked for (§6.15); ``title``: of the other item."""
    return {
        "link_id": link.id,
        "entity_code": displayed(link.code, switches),
        "entity_id": link.item_id,
        "linked_entity_code": displayed(link.linked_code, switches),
        "linked_entity_id": link.linked_id,
        "title": title,
        "is_active": True,
        "date_updated": "2021-03-01T09:00:00.0000000",
        "update_user_id": 1,
    }


def displayed(code: str, switches: Switches) -> str:
    """Return an entity code as answers spell it (§6.4)."""
    return _DISPLAYED.get(code.lower(), code) if switches.loose_types else code


def _row(item: Item, switches: Switches, notes: int) -> Row:
    return owned_row(item, switches, notes) | {
        "assignee_user_id": item.assignee_user_id,
        "assigned_to_name": item.assigned_to_name,
        "original_id": 0,
        "import_id": 0,
        **({"update_user_id": item.update_user_id} if item.update_user_id else {}),
    }
