"""Notes and links, and the codes by which QAComplete calls what they hang on; pure, and never fails for any row."""

from typing import Any

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.wire.items import WireLink, WireNote
from migrator.core.base import digest_of
from migrator.core.model import Comment, Link, RichText
from migrator.core.refs import Ref

Row = dict[str, Any]
RELATION = "linked"
"""QAComplete's links have no type (§6.15)."""

# entity codes, and the display names that stand in their place in some answers (§6.4)
_KINDS = {
    "releases": "release",
    "bugs": "defect",
    "defects": "defect",
    "functionalspecs": "requirement",
    "requirements": "requirement",
    "tests": "test",
    "testsets": "test_set",
    "teststeps": "test_step",
    "testconfigurations": "configuration",
    "configurations": "configuration",
}


def comment(convert: Converter, about: Ref, row: Row) -> Comment:
    """Return a note (§6.14). What it belongs to is what it was asked for: the row may say otherwise."""
    wire = WireNote.model_validate(row)
    project = about.ids[0]
    own = (wire.id,) if wire.id else (about.kind, about.ids[1], digest_of(row)[:16])
    return Comment(
        ref=convert.ref("note", project, *own),
        title=f"Note on {shown(about)}",
        about=about,
        text=RichText(value=wire.description or ""),
        author=convert.person(project, wire.update_user_id, wire.user_name),
        created_at=convert.date(wire.date_created),
        updated_at=convert.date(wire.date_updated),
    )


def link(convert: Converter, asked: Ref, row: Row) -> Link:
    """Return a link that was read from ``asked`` (§6.15), its ends in an order that does not depend on that.

    An end that the row leaves out is ``asked``, unless that is the other one.
    """
    wire = WireLink.model_validate(row)
    project = asked.ids[0]
    ends = {
        end: None
        for code, ident in ((wire.entity_code, wire.entity_id), (wire.linked_entity_code, wire.linked_entity_id))
        if (end := _end(convert, project, code, ident))
    }
    if len(ends) < 2:
        ends[asked] = None
    first, *rest = sorted(ends, key=lambda ref: (ref.kind, len(ref.ids[1]), ref.ids[1]))
    second = rest[0] if rest else None
    own = (wire.link_id,) if wire.link_id else tuple(part for end in (first, *rest) for part in (end.kind, end.ids[1]))
    title = f"{shown(first)} and {shown(second) if second else 'something unknown'}"
    return Link(ref=convert.ref("link", project, *own), title=title, first=first, second=second, relation=RELATION)


def _end(convert: Converter, project: str, code: str | None, ident: int | None) -> Ref | None:
    """Return an end of a link; a code that nobody knows is kept as it is."""
    plain = "".join(character for character in code or "" if character.isalnum()).lower()
    return convert.ref(_KINDS.get(plain, plain), project, ident) if plain and ident else None


def shown(ref: Ref) -> str:
    """Return an item as people call it."""
    return f"{ref.kind.replace('_', ' ')} {ref.ids[1]}"
