"""From QAComplete's rows to entities; pure, and never fails for a row that has an id."""

import html
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.qacomplete.convert.dates import read_date
from connectors.qacomplete.wire.cases import WireCustomField, WireFolder, WireProject, WireStep, WireTest, WireUser
from migrator.core.model import CustomField, Folder, Person, Project, RichText, Step, TestCase, User
from migrator.core.refs import Ref

_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_ATTRIBUTES = ("test_type", "execution_type")
REQUIREMENT_URL = "{base_url}/v1/projects/{project}/requirements/{id}"
"""Where a requirement is to be had by REST (§5)."""


class Converter:
    """Knows the instance, the zone of its dates, and how items are addressed."""

    def __init__(
        self, instance: str, zone: str, item_url: str, base_url: str, requirement_url: str = REQUIREMENT_URL
    ) -> None:
        self._instance = instance
        self.zone = ZoneInfo(zone)
        self._item_url = item_url
        self._requirement_url = requirement_url
        self._base_url = base_url

    def ref(self, kind: str, *ids: object) -> Ref:
        """Return the address of an item. ``kind`` is ours; ``convert_items`` has the other ones."""
        return Ref(connector="qacomplete", instance=self._instance, kind=kind, ids=tuple(str(part) for part in ids))

    def project(self, project: str, row: dict[str, Any]) -> Project:
        """Return a project (§6.1)."""
        wire = WireProject.model_validate(row)
        title = unescaped(wire.proj_name).strip() or f"Project {project}"
        return Project(ref=self.ref("project", project), title=title, active=wire.is_active is not False)

    def user(self, project: str, row: dict[str, Any]) -> User:
        """Return a user of a project (§6.3)."""
        wire = WireUser.model_validate(row)
        names = (wire.first_name or "", wire.last_name or "")
        email = stripped(wire.email)
        title = " ".join(name.strip() for name in names if name.strip()) or email or f"User {wire.id}"
        return User(ref=self.ref("user", project, wire.id), title=title, email=email)

    def folder(self, project: str, row: dict[str, Any]) -> Folder:
        """Return a folder of tests (§6.4)."""
        wire = WireFolder.model_validate(row)
        parent = self.ref("folder", project, wire.parent_id) if wire.parent_id else None
        return Folder(
            ref=self.ref("folder", project, wire.id),
            title=unescaped(wire.folder_name),
            parent=parent,
            active=wire.is_active is not False,
        )

    def test(self, project: str, row: dict[str, Any]) -> TestCase:
        """Return a test with its steps in the order of ``seq`` (§6.8)."""
        wire = WireTest.model_validate(row)
        values = {name: getattr(wire, name) for name in _ATTRIBUTES}
        return TestCase(
            ref=self.ref("test", project, wire.id),
            title=unescaped(wire.title),
            folder=self.ref("folder", project, wire.folder_id) if wire.folder_id else None,
            folder_name=wire.folder_name or None,
            description=RichText(value=wire.description) if wire.description else None,
            steps=_steps(wire),
            priority=stripped(wire.priority),
            state=stripped(wire.status),
            active=wire.active is not False,
            attributes={name: value.strip() for name, value in values.items() if value and value.strip()},
            custom_fields=custom_fields(wire.custom_fields),
            author=self.person(project, wire.create_user_id, None),
            owner=self.person(project, wire.owner_user_id, wire.owner_name),
            assignee=self.person(project, wire.assignee_user_id, wire.assigned_to_name),
            created_at=self.date(wire.date_created),
            updated_at=self.date(wire.date_updated),
            version=stripped(wire.version),
            address=self._item_url.format(base_url=self._base_url, project=project, id=wire.id),
        )

    def requirement_address(self, project: str, ident: object) -> str:
        """Return the address of a requirement."""
        return self._requirement_url.format(base_url=self._base_url, project=project, id=ident)

    def date(self, text: str | None) -> datetime | None:
        """Return a date with the server's offset; None for none, and for what is none: ``unread_dates`` names it."""
        try:
            return read_date(text or "", self.zone)
        except (ValueError, OverflowError):
            return None

    def person(self, project: str, ident: int | None, name: str | None) -> Person | None:
        """Return who is named; None when nobody is."""
        full = _name(name)
        if ident is None and full is None:
            return None
        return Person(ref=self.ref("user", project, ident) if ident else None, name=full)


def has_all_steps(row: dict[str, Any], *, unclaimed: bool = False) -> bool:
    """Return whether a row holds as many steps as it claims (§6.8); ``unclaimed``: the answer if it claims nothing."""
    wire = WireTest.model_validate(row)
    return unclaimed if wire.nbr_steps is None else len(wire.test_steps) == wire.nbr_steps


def row_id(row: Any) -> int | None:
    """Return the row's id, or None when it has none that can be used."""
    return WireFolder.model_validate(row).id if isinstance(row, dict) else None


def unescaped(title: str | None) -> str:
    """Return a title with its entities decoded once (§3.6); a bare ``&`` as in ``Search&notify`` is no entity."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), title or "")


def steps_in_order(wire: WireTest) -> list[WireStep]:
    """Return the steps of a test by ``seq``; those without one by their place."""
    numbered = sorted(
        enumerate(wire.test_steps, start=1), key=lambda pair: (pair[0] if pair[1].seq is None else pair[1].seq, pair[0])
    )
    return [step for _, step in numbered]


def _steps(wire: WireTest) -> tuple[Step, ...]:
    return tuple(
        Step(
            action=RichText(value=step.step or ""),
            expected=RichText(value=step.expected_result or ""),
            critical=bool(step.is_stopped_on_fail),
        )
        for step in steps_in_order(wire)
    )


def custom_fields(fields: Iterable[WireCustomField]) -> tuple[CustomField, ...]:
    """Return the custom fields that have a value (§6.9)."""
    return tuple(
        CustomField(name=stripped(field.name) or stripped(field.id) or "(unnamed)", value=RichText(value=field.value))
        for field in fields
        if field.value and field.value.strip()
    )


def _name(name: str | None) -> str | None:
    """Turn ``Lastname, Firstname `` into ``Firstname Lastname`` (§3.5)."""
    if not name or not name.strip():
        return None
    last, comma, first = name.partition(",")
    return " ".join(f"{first} {last}".split()) if comma and first.strip() else last.strip() or None


def stripped(text: str | None) -> str | None:
    """Return the text without outer blanks; None when nothing is left."""
    return text.strip() or None if text else None
