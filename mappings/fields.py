"""Where a custom field value goes: a custom field of QA Sphere, a tag, the text, or nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mappings.item_writer import plain_name
from mappings.rules import MappingRules
from mappings.text.richtext import to_html
from mappings.vocabulary import looked_up, single_line
from migrator.core.drafts import FIELD_LIMIT
from migrator.core.model import CustomField, TestCase
from migrator.core.notes import NoteCode
from migrator.core.text import visible_text
from migrator.core.views import CustomFieldView

_FILLED = ("text", "dropdown", "checkbox")
"""Types of custom fields that are filled; ``richtext`` would not be read back as it was sent."""
_CHECKED = dict.fromkeys(("true", "yes", "y", "1", "on", "checked"), "true") | dict.fromkeys(
    ("false", "no", "n", "0", "off", "unchecked"), "false"
)
PEOPLE = ("author", "owner", "assignee")
_OF_EVERY_CASE = {"status", "version", "priority", *PEOPLE}
EVERY = "*"
"""Stands for all fields without a rule of their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Exactly one of ``system_name`` (with ``value``), ``tag`` or ``as_text`` is set; none: it is dropped."""

    system_name: str = ""
    value: str = ""
    tag: str = ""
    as_text: bool = False
    notes: tuple[tuple[NoteCode, str], ...] = ()

    @property
    def is_dropped(self) -> bool:
        """Whether a rule wants it to be nowhere."""
        return not (self.system_name or self.tag or self.as_text)


class FieldPlacer:
    """Places values by the rules and by what the destination project offers."""

    def __init__(self, rules: MappingRules, fields: Sequence[CustomFieldView]) -> None:
        self._rules = rules
        self._fields = {field.system_name: field for field in fields}

    def place(self, field: CustomField) -> Place:
        """Return where a value goes; a value that does not fit stays readable as text."""
        rule = looked_up(field.name, self._rules.custom_fields)
        if rule is None and self._same_named(field.name) is None:
            rule = self._rules.custom_fields.get(EVERY)
        if rule == "drop":
            return Place(notes=((NoteCode.FIELD_DROPPED, "dropped by mapping.custom_fields"),))
        if rule == "tag":
            return Place(tag=f"{single_line(field.name)}: {_plain(field)}")
        if rule == "text":
            return Place(as_text=True)
        if rule is not None and rule not in self._fields:
            return _text(NoteCode.FIELD_MISSING_AT_DESTINATION, f"QA Sphere has no enabled custom field {rule}")
        target = self._fields[rule] if rule is not None else self._same_named(field.name)
        if target is None:
            return _text(NoteCode.FIELD_TO_TEXT, "stands in the precondition; see mapping.custom_fields")
        return self._fitting(field, target)

    def trouble(self, placed: Mapping[str, str]) -> str:
        """Return why QA Sphere would refuse a case with these values; empty when it would not."""
        for name, value in placed.items():
            field = self._fields.get(name)
            if field is None:
                return f"QA Sphere has no enabled custom field {name}"
            if field.type == "dropdown" and value and value not in field.options:
                return f"{value!r} is not an option of the custom field {name}"
        for field in self._fields.values():
            if field.required and not field.has_default and not placed.get(field.system_name):
                return f"the required custom field {field.system_name} would stay empty; give it a default"
        return ""

    def _same_named(self, name: str) -> CustomFieldView | None:
        wanted = name.strip().casefold()
        for field in self._fields.values():
            names = (
                field.system_name.casefold(),
                field.system_name.replace("_", " ").casefold(),
                field.name.casefold(),
            )
            if wanted in names and field.type in _FILLED:
                return field
        return None

    def _fitting(self, field: CustomField, target: CustomFieldView) -> Place:
        value = _plain(field)
        if target.type == "checkbox":
            value = _CHECKED.get(value.casefold(), value)
            if value not in ("true", "false"):
                return _text(NoteCode.FIELD_OPTION_UNKNOWN, f"{target.system_name} in QA Sphere is true or false")
        elif target.type not in _FILLED:
            return _text(
                NoteCode.FIELD_MISSING_AT_DESTINATION, f"{target.system_name} in QA Sphere is of type {target.type}"
            )
        if target.type == "dropdown" and value not in target.options:
            return _text(NoteCode.FIELD_OPTION_UNKNOWN, f"not an option of {target.system_name} in QA Sphere")
        if len(value) > FIELD_LIMIT:
            return _text(NoteCode.FIELD_CUT, f"longer than {FIELD_LIMIT} characters; stands whole in the precondition")
        return Place(system_name=target.system_name, value=value)


def _text(code: NoteCode, message: str) -> Place:
    return Place(as_text=True, notes=((code, message),))


def _plain(field: CustomField) -> str:
    return visible_text(to_html(field.value).html)


def unknown_fields(rules: MappingRules, cases: Iterable[TestCase]) -> list[str]:
    """Return the names in rules that no case has a field of. Reads only as many cases as it takes to find them all."""
    ruled = {plain_name(name): name for name in (*rules.tags, *rules.custom_fields) if name != EVERY}
    # a default that a source has no field for is nobody's mistake
    missing = ruled.keys() - _OF_EVERY_CASE - {plain_name(name) for name in MappingRules().tags}
    is_empty = True
    for case in cases if missing else ():
        is_empty = False
        missing -= {plain_name(name) for name in (*case.attributes, *(field.name for field in case.custom_fields))}
        if not missing:
            break
    return [] if is_empty else [name for plain, name in ruled.items() if plain in missing]
