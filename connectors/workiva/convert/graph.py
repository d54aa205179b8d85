"""From records of the graph to requirements, facts and links. Types and properties have the customer's names. Pure."""

from collections.abc import Mapping, Sequence

from connectors.workiva.read.graph import FormGraph, Related
from connectors.workiva.wire import WireRecord
from migrator.core.model import Requirement, RichText
from migrator.core.refs import Ref

_TITLES = ("name", "title", "summary", "displayname", "label")
_IDS = ("alias", "controlid", "control_id", "number", "code", "externalid")


def title_of(record: WireRecord) -> str:
    """Return what people call a record, or its id."""
    return _first(record, _TITLES) or _first(record, _IDS) or record.id


def control_id(record: WireRecord) -> str:
    """Return how people refer to a control: the id that they gave it, else its title."""
    return _first(record, _IDS) or title_of(record)


def facts_of(record: WireRecord, related: Sequence[Related]) -> dict[str, str]:
    """Return the properties of a record and what it is related to, by name."""
    found = {name: text for name, value in record.properties.items() if (text := value.text)}
    ends: dict[str, list[str]] = {}
    for one in related:
        ends.setdefault(one.relation, []).append(_called(one))
    for relation, names in ends.items():
        found[relation if relation not in found else f"{relation} (related)"] = ", ".join(dict.fromkeys(names))
    return found


def requirement(ref: Ref, record: WireRecord, related: Sequence[Related]) -> Requirement:
    """Return a control as a requirement, with all that is known of it; its id is the last one of ``ref``."""
    texts = {name: RichText(value=text) for name, text in facts_of(record, related).items()}
    return Requirement(ref=ref, title=title_of(record), texts=texts)


def control_ids(graph: FormGraph) -> str:
    """Return the ids of the controls that a form tests, on one line."""
    return ", ".join(dict.fromkeys(control_id(record) for record, _ in graph.controls))


def _called(one: Related) -> str:
    """Return how a related record is called, with whatever else it says of itself."""
    if one.record is None:
        return f"{one.type} {one.id}".strip()
    ident, title = _first(one.record, _IDS), title_of(one.record)
    named = title if not ident or ident == title else f"{ident} {title}"
    values = {name: value.text for name, value in one.record.properties.items()}
    rest = [f"{name}: {text}" for name, text in values.items() if text not in ("", ident, title)]
    return f"{named} ({'; '.join(rest)})" if rest else named


def _first(record: WireRecord, names: Sequence[str]) -> str:
    values: Mapping[str, str] = {name.casefold(): value.text for name, value in record.properties.items()}
    return next((values[name] for name in names if values.get(name)), "")
