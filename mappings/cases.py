"""Test cases: entity → draft. What QA Sphere has no field for stands in the precondition, readable."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from mappings.fields import FieldPlacer
from mappings.richtext import plain_to_html, to_html
from mappings.rules import MappingRules
from mappings.vocabulary import cut, looked_up, single_line
from migrator.core.drafts import LINK_LIMIT, TAG_LIMIT, TITLE_LIMIT, CaseDraft, LinkDraft, Priority, StepDraft
from migrator.core.model import Person, RichText, TestCase, User
from migrator.core.notes import Note, NoteCode
from migrator.core.ports import Mapped, ProjectView
from migrator.core.refs import MARKER_LABEL

INACTIVE_TAG = "inactive"
CRITICAL = "Critical step: the test stops when it fails."
_NOWHERE = "https://unknown.invalid/"


class CaseMapper:
    """Maps the cases of one project. ``people``: user marker → user."""

    def __init__(self, rules: MappingRules, people: Sequence[User], destination: ProjectView | None) -> None:
        self._rules = rules
        self._people = {user.ref.marker: user for user in people}
        self._fields = destination.custom_fields if destination else ()

    def map(self, case: TestCase, folder: str | None) -> Mapped:
        """Return the draft for a case in ``folder`` (a marker); None: its folder is excluded."""
        marker = case.ref.marker
        title = case.title.strip() or marker
        if folder is None:
            return Mapped(marker, "case", title, "excluded", reason="its folder is excluded")
        if not case.active and self._rules.inactive == "skip":
            return Mapped(marker, "case", title, "excluded", reason="inactive at the source (mapping.inactive: skip)")
        return _CaseDrafter(case, self._rules, self._people, FieldPlacer(self._rules, self._fields)).mapped(folder)


class _CaseDrafter:
    """Drafts one case and collects its notes."""

    def __init__(self, case: TestCase, rules: MappingRules, people: Mapping[str, User], fields: FieldPlacer) -> None:
        self._case = case
        self._rules = rules
        self._people = people
        self._fields = fields
        self._marker = case.ref.marker
        self._notes: list[Note] = []
        self._tags: list[str] = []

    def mapped(self, folder: str) -> Mapped:
        title, leftover = self._title()
        facts = self._facts()
        custom_fields = self._custom_fields(facts)
        if missing := self._fields.missing_required(custom_fields):
            return self._rejected(title, f"the required custom field {missing} would stay empty; give it a default")
        try:
            draft = CaseDraft(
                marker=self._marker,
                folder=folder,
                title=title,
                priority=self._priority(),
                precondition=self._precondition(leftover, facts),
                steps=self._steps(),
                tags=self._all_tags(),
                links=(self._link(),),
                custom_fields=custom_fields,
                is_draft=not self._case.active and self._rules.inactive == "draft",
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            return self._rejected(title, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        return Mapped(self._marker, "case", title, "draft", draft, notes=tuple(self._notes))

    def _rejected(self, title: str, reason: str) -> Mapped:
        return Mapped(self._marker, "case", title, "rejected", reason=reason, notes=tuple(self._notes))

    # --- fields of the draft ------------------------------------------------------------------------------------------

    def _title(self) -> tuple[str, str]:
        """Return the title, and the whole of it when it had to be cut."""
        original = self._case.title
        title = single_line(original)
        if not title:
            title = f"(untitled) #{self._case.ref.ids[-1]}"
            self._note(NoteCode.TITLE_EMPTY, "title", original, f"became {title}")
        elif title != original:
            self._note(NoteCode.TITLE_CLEANED, "title", original, "blanks and control characters became single spaces")
        if len(title) <= TITLE_LIMIT:
            return title, ""
        self._note(NoteCode.TITLE_CUT, "title", original, f"cut to {TITLE_LIMIT}; the whole stands in the precondition")
        return cut(title, TITLE_LIMIT), title

    def _priority(self) -> Priority:
        fallback = self._rules.fallback.priority
        value = (self._case.priority or "").strip()
        if not value:
            self._note(NoteCode.PRIORITY_MISSING, "priority", "", f"became {fallback}")
            return fallback
        found = looked_up(value, self._rules.priority)
        if found is None:
            self._note(NoteCode.PRIORITY_UNMAPPED, "priority", value, f"became {fallback}; see mapping.priority")
        return found or fallback

    def _precondition(self, whole_title: str, facts: list[str]) -> str:
        parts = [plain_to_html(whole_title)] if whole_title else []
        if self._case.description:
            parts.append(self._html(self._case.description, "description"))
        if facts:
            items = "".join(f"<li>{fact}</li>" for fact in facts)
            parts.append(f"<h4>Source details</h4><ul>{items}</ul>")
        return "".join(parts)

    def _steps(self) -> tuple[StepDraft, ...]:
        steps = []
        for number, step in enumerate(self._case.steps, start=1):
            action = self._html(step.action, f"steps.{number}.action")
            expected = self._html(step.expected, f"steps.{number}.expected")
            if not action and not expected:
                self._note(NoteCode.STEP_EMPTY, f"steps.{number}", "", "a step without any text was left out")
                continue
            if step.critical:
                action += f"<p><em>{CRITICAL}</em></p>"
                self._note(NoteCode.STEP_CRITICAL, f"steps.{number}", "critical", "stands as a sentence in the step")
            steps.append(StepDraft(description=action, expected=expected))
        return tuple(steps)

    def _custom_fields(self, facts: list[str]) -> dict[str, str]:
        placed: dict[str, str] = {}
        for field in self._case.custom_fields:
            place = self._fields.place(field)
            self._notes += [
                Note(code=code, marker=self._marker, field=field.name, original=field.value.value, message=message)
                for code, message in place.notes
            ]
            if place.system_name:
                placed[place.system_name] = place.value
            elif place.tag:
                self._tags.append(place.tag)
            elif place.as_text:
                facts.append(self._fact(field.name, self._html(field.value, field.name)))
        return placed

    def _all_tags(self) -> tuple[str, ...]:
        """Return the tags: by rule, from custom fields, and for inactive cases; cut, none twice."""
        values = [self._value_of(name) for name in self._rules.tags]
        if not self._case.active and self._rules.inactive == "tag":
            self._note(NoteCode.CASE_INACTIVE, "active", "false", f"became the tag {INACTIVE_TAG}")
            values.append(INACTIVE_TAG)
        found: list[str] = []
        for value in (*values, *self._tags):
            tag = single_line(value)
            if len(tag) > TAG_LIMIT:
                self._note(NoteCode.TAG_CUT, "tags", value, f"cut to {TAG_LIMIT} characters")
                tag = cut(tag, TAG_LIMIT)
            if tag:
                found.append(tag)
        return tuple(dict.fromkeys(found))

    def _value_of(self, name: str) -> str:
        value = looked_up(_plain_name(name), {_plain_name(key): text for key, text in self._case.attributes.items()})
        if value is not None:
            return value
        fields = {_plain_name(field.name): field.value.value for field in self._case.custom_fields}
        return looked_up(_plain_name(name), fields) or ""

    def _link(self) -> LinkDraft:
        address = self._case.address or _NOWHERE
        if len(address) > LINK_LIMIT:
            parts = urlsplit(address)
            self._note(
                NoteCode.ADDRESS_TOO_LONG, "address", address, f"over {LINK_LIMIT} characters; the host is linked"
            )
            address = f"{parts.scheme}://{parts.netloc}/"[:LINK_LIMIT]
        return LinkDraft(text=MARKER_LABEL + self._marker, url=address)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _facts(self) -> list[str]:
        """Return what QA Sphere has no field for, as lines of HTML."""
        case = self._case
        tags = {_plain_name(name) for name in self._rules.tags}
        lines = [
            ("Author", self._person(case.author, "author")),
            ("Created", _date(case.created_at)),
            ("Updated", _date(case.updated_at)),
            ("Owner", self._person(case.owner, "owner")),
            ("Assigned to", self._person(case.assignee, "assignee")),
            ("Status", case.state or ""),
            ("Version", case.version or ""),
        ]
        lines += [
            (name.replace("_", " ").capitalize(), value)
            for name, value in case.attributes.items()
            if _plain_name(name) not in tags
        ]
        return [self._fact(name, html.escape(single_line(value), quote=False)) for name, value in lines if value]

    @staticmethod
    def _fact(name: str, value: str) -> str:
        return f"<strong>{html.escape(single_line(name), quote=False)}:</strong> {value}"

    def _person(self, person: Person | None, field: str) -> str:
        if person is None or self._rules.people == "none":
            return ""
        user = self._people.get(person.ref.marker) if person.ref else None
        if user is None and not person.name:
            ident = person.ref.ids[-1] if person.ref else ""
            self._note(NoteCode.PERSON_UNKNOWN, field, ident, "the source does not list this user")
            return f"user {ident}"
        name = user.title if user else person.name or ""
        if self._rules.people == "email":
            if user is not None and user.email:
                return user.email
            self._note(NoteCode.PERSON_UNKNOWN, field, name, "no e-mail address is known; the name stands instead")
        return name

    def _html(self, text: RichText, field: str) -> str:
        safe = to_html(text)
        self._notes += [
            Note(code=loss.code, marker=self._marker, field=field, original=loss.original, message=loss.message)
            for loss in safe.losses
        ]
        return safe.html

    def _note(self, code: NoteCode, field: str, original: str, message: str) -> None:
        self._notes.append(Note(code=code, marker=self._marker, field=field, original=original, message=message))


def _plain_name(name: str) -> str:
    """Make ``Test Type`` and ``test_type`` one name."""
    return "".join(name.replace("_", " ").split()).casefold()


def _date(value: datetime | None) -> str:
    return value.isoformat(sep=" ", timespec="seconds") if value else ""
