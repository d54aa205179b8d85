"""From QAComplete's rows to the entities beside test cases; pure, and never fails for any row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from connectors.qacomplete.convert.cases import Converter, custom_fields, stripped, unescaped
from connectors.qacomplete.wire.cases import Wire
from connectors.qacomplete.wire.items import (
    WireConfiguration,
    WireDefect,
    WireItem,
    WireOpened,
    WireRelease,
    WireRequirement,
    WireTestSet,
    WireTestSetItem,
)
from migrator.core.model import (
    Configuration,
    CustomField,
    Defect,
    Milestone,
    Person,
    Requirement,
    RichText,
    TestSet,
    TestSetItem,
)
from migrator.core.refs import Ref

Row = dict[str, Any]
_DEFECT_TEXTS = ("steps_to_repro", "expected_results", "actual_results", "resolution")
_DEFECT_ATTRIBUTES = (
    "issue_code", "module_code", "functional_area_code", "how_found_code", "resolution_code", "software_version_code",
)  # fmt: skip


class _Shared(TypedDict):
    """The fields of an entity that all kinds fill alike."""

    ref: Ref
    title: str
    description: RichText | None
    state: str | None
    active: bool
    attributes: dict[str, str]
    custom_fields: tuple[CustomField, ...]
    author: Person | None
    owner: Person | None
    assignee: Person | None
    updated_by: Person | None
    created_at: datetime | None
    updated_at: datetime | None


def milestone(convert: Converter, project: str, row: Row) -> Milestone:
    """Return a release, iteration or build (§6.5)."""
    wire = WireRelease.model_validate(row)
    return Milestone(
        **_shared(convert, project, "release", wire, ("release_type",)),
        parent=convert.ref("release", project, wire.parent_id) if wire.parent_id else None,
        starts_at=convert.date(wire.est_start_date),
        ends_at=convert.date(wire.est_finish_date),
    )


def configuration(convert: Converter, project: str, row: Row) -> Configuration:
    """Return a configuration (§6.11)."""
    wire = WireConfiguration.model_validate(row)
    return Configuration(
        **_shared(convert, project, "configuration", wire, ("operating_system", "browser", "resolution")),
    )


def requirement(convert: Converter, project: str, row: Row) -> Requirement:
    """Return a requirement (§6.6)."""
    wire = WireRequirement.model_validate(row)
    return Requirement(
        **_shared(convert, project, "requirement", wire, ("grouping", "sub_grouping", "keywords", "folder_name")),
        texts=_texts(wire, ("business_rule", "comments")),
        address=convert.requirement_address(project, wire.id),
    )


def defect(convert: Converter, project: str, row: Row) -> Defect:
    """Return a defect (§6.7)."""
    wire = WireDefect.model_validate(row)
    return Defect(
        **_shared(convert, project, "defect", wire, (*_DEFECT_ATTRIBUTES, "folder_name")),
        texts=_texts(wire, _DEFECT_TEXTS),
        priority=stripped(wire.priority_code) or stripped(wire.priority),
        severity=stripped(wire.severity_code),
        closed_at=convert.date(wire.date_closed),
    )


def set_of_tests(convert: Converter, project: str, row: Row, items: Sequence[Row]) -> TestSet:
    """Return a test set with its items in the order of ``seq`` (§6.10); items that name no test are left out."""
    wire = WireTestSet.model_validate(row)
    return TestSet(
        **_shared(convert, project, "test_set", wire, ("execution_type", "folder_name")),
        priority=stripped(wire.priority_code) or stripped(wire.priority),
        sequential=bool(wire.is_sequential),
        items=_set_items(convert, project, items),
    )


def _set_items(convert: Converter, project: str, rows: Sequence[Row]) -> tuple[TestSetItem, ...]:
    wires = [WireTestSetItem.model_validate(row) for row in rows]
    places = sorted(enumerate(wires, start=1), key=lambda pair: (pair[1].seq or pair[0], pair[0]))
    return tuple(
        TestSetItem(case=convert.ref("test", project, wire.test_id), active=_active(wire.active, wire.is_active))
        for _, wire in places
        if wire.test_id
    )


def _shared(convert: Converter, project: str, kind: str, wire: WireItem, attributes: Sequence[str]) -> _Shared:
    title = unescaped(wire.title)
    author, opened = (wire.create_user_id, wire.created_user_name), None
    if isinstance(wire, WireOpened):
        author, opened = (wire.opened_by, wire.opened_by_name), wire.date_opened
    return {
        "ref": convert.ref(kind, project, wire.id),
        "title": title if title.strip() else f"{kind.replace('_', ' ').capitalize()} {wire.id}",
        "description": RichText(value=wire.description) if wire.description else None,
        "state": stripped(wire.status_code) or stripped(wire.status),
        "active": _active(wire.active, wire.is_active),
        "attributes": {name: text for name in attributes if (text := stripped(getattr(wire, name)))},
        "custom_fields": custom_fields(wire.custom_fields),
        "author": convert.person(project, *author),
        "owner": convert.person(project, wire.owner_user_id, wire.owner_name),
        "assignee": convert.person(project, wire.assignee_user_id, wire.assigned_to_name),
        "updated_by": convert.person(project, wire.update_user_id, wire.updated_user_name),
        "created_at": convert.date(wire.date_created) or convert.date(opened),
        "updated_at": convert.date(wire.date_updated),
    }


def _active(*flags: bool | None) -> bool:
    """The flag has two names (§6.10); without any, an item is active."""
    return False not in flags


def _texts(wire: Wire, names: Sequence[str]) -> dict[str, RichText]:
    return {name: RichText(value=text) for name in names if (text := getattr(wire, name)) and text.strip()}
