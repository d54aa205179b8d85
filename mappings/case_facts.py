"""What QA Sphere has no field for: lines of facts about a case."""

from mappings.collector import Collector
from mappings.comments import shown_date
from mappings.rules import MappingRules
from mappings.text.wording import escaped, fact
from mappings.vocabulary import looked_up, single_line
from migrator.core.model import TestCase


def facts_of(case: TestCase, rules: MappingRules, collector: Collector) -> list[str]:
    """Return the facts as lines of HTML, without those that a rule puts elsewhere."""
    elsewhere = {plain_name(name) for name in (*rules.tags, *rules.custom_fields)}
    lines = [
        ("Author", collector.person(case.author, "author")),
        ("Created", shown_date(case.created_at)),
        ("Updated", shown_date(case.updated_at)),
        ("Owner", collector.person(case.owner, "owner")),
        ("Assigned to", collector.person(case.assignee, "assignee")),
        ("Status", case.state or ""),
        ("Version", case.version or ""),
    ]
    lines += [
        (name.replace("_", " ").capitalize(), value)
        for name, value in case.attributes.items()
        if plain_name(name) not in elsewhere
    ]
    return [fact(single_line(name), escaped(single_line(value))) for name, value in lines if value]


def value_of(case: TestCase, name: str) -> str:
    """Return the plain value of a built-in or custom field, by its name; empty when there is none."""
    value = looked_up(plain_name(name), {plain_name(key): text for key, text in case.attributes.items()})
    if value is not None:
        return value
    fields = {plain_name(field.name): field.value.value for field in case.custom_fields}
    return looked_up(plain_name(name), fields) or ""


def plain_name(name: str) -> str:
    """Make ``Test Type`` and ``test_type`` one name."""
    return "".join(name.replace("_", " ").split()).casefold()
