"""What is linked with a case: requirements, defects and other items, as QA Sphere can hold them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

from mappings.text.wording import escaped, listed
from mappings.vocabulary import cut, single_line
from mappings.volumes import PAGED, volume_ref, volume_title
from mappings.web_address import web_address
from migrator.core.base import digest_of
from migrator.core.drafts import LINK_LIMIT, RequirementDraft
from migrator.core.model import Defect, Entity, Item, Requirement, TestCase
from migrator.core.notes import NoteCode
from migrator.core.ports.mapping import Linked, Paged
from migrator.core.refs import Ref
from migrator.core.text import symbol

_LONGEST_ID = 200
"""Of an id behind the text of a requirement, so that a title has room before it."""
_PLAIN_RELATIONS = ("", "linked", "related")


@dataclass(slots=True)
class LinkedItems:
    """What a case's links become.

    Args:
        sections: HTML for the precondition.
        folded: markers of what stands in all this.
        notes: code, field, original and message.
    """

    requirements: dict[str, RequirementDraft] = field(default_factory=dict)
    sections: list[tuple[str, str]] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    notes: list[tuple[NoteCode, str, str, str]] = field(default_factory=list)


def linked_items(linked: Sequence[Linked], *, urls: bool, paged: bool, pages: Ref | None) -> LinkedItems:
    """Return what the links of a case say.

    Args:
        linked: its links.
        urls: requirements carry their addresses.
        paged: the rules make pages; without them, a body that people wrote stands in the archive only.
        pages: the folder of the cases that list pages with the whole of what is linked; None: there are none.
    """
    result = LinkedItems()
    requirements: dict[str, str] = {}
    defects: dict[str, str] = {}
    related: dict[str, str] = {}
    files: dict[str, str] = {}
    for link in linked:
        entity = link.entity
        if isinstance(entity, Requirement):
            result.requirements[entity.ref.marker] = _requirement(entity, result, urls=urls)
            unusable = _unusable(entity) if urls else ""
            if pages or unusable:
                requirements[entity.ref.marker] = _numbered(entity) + unusable + _place(pages, entity)
        elif isinstance(entity, Defect):
            defects[entity.ref.marker] = _numbered(entity) + _place(pages, entity)
        else:
            place = _place(pages, entity) if isinstance(entity, PAGED) else ""
            related[link.ref.marker if link.ref else link.marker] = _related(link, _linked_name(entity)) + place
        if isinstance(entity, Requirement | Defect) and (paged or not _has_body(entity)):
            result.folded.append(entity.ref.marker)
        if entity and link.attachments:
            names = ", ".join(escaped(single_line(file.title)) for file in link.attachments)
            files[entity.ref.marker] = f"{_named(entity)}: {names}"
        result.folded.append(link.marker)
    for name, lines in (
        ("Requirements", requirements),
        ("Defects", defects),
        ("Related", related),
        ("Files of linked items", files),
    ):
        if lines:
            result.sections.append((name, listed(name, list(lines.values()))))
    return result


def _has_body(entity: Item) -> bool:
    texts = (entity.description, *entity.texts.values())
    return bool(entity.custom_fields) or any(text is not None and text.value.strip() for text in texts)


def _requirement(entity: Requirement, result: LinkedItems, *, urls: bool) -> RequirementDraft:
    """QA Sphere knows a requirement by its text only, so that of two with one title the id tells which is meant."""
    marker, ident = entity.ref.marker, single_line(entity.ref.ids[-1])
    title = single_line(entity.title) or "(untitled)"
    if len(ident) > _LONGEST_ID:
        message = f"cut to {_LONGEST_ID} characters, with a digest"
        result.notes.append((NoteCode.REQUIREMENT_CUT, f"requirements.{marker}.id", ident, message))
        ident = f"{cut(ident, _LONGEST_ID - 9)}~{digest_of(ident)[:8]}"
    suffix = f" [#{ident}]" if title != ident else ""
    text = cut(title, LINK_LIMIT - len(suffix)) + suffix
    if len(title) > LINK_LIMIT - len(suffix):
        result.notes.append((NoteCode.REQUIREMENT_CUT, f"requirements.{marker}", title, f"cut to {LINK_LIMIT}"))
    url = web_address(entity.address) if urls else ""
    if urls and _unusable(entity):
        message = "it is no web address; the requirement has no link"
        result.notes.append((NoteCode.LINK_UNUSABLE, f"requirements.{marker}", entity.address or "", message))
    if len(url) > LINK_LIMIT:
        message = f"over {LINK_LIMIT} characters; the requirement has no link"
        result.notes.append((NoteCode.ADDRESS_TOO_LONG, f"requirements.{marker}", url, message))
        url = ""
    return RequirementDraft(text=text, url=url)


def _unusable(entity: Requirement) -> str:
    """Return an address that cannot be a link, as words in HTML."""
    written = single_line(entity.address or "")
    return f" ({escaped(written)})" if written and not web_address(written) else ""


def _place(pages: Ref | None, entity: Paged) -> str:
    """Say where the whole of it is. The case that lists its page stays when the page is renewed."""
    if pages is None:
        return ""
    return f', see <a href="{symbol("case", volume_ref(pages, entity).marker)}">“{volume_title(entity)}”</a>'


def _numbered(entity: Item) -> str:
    state = f" ({escaped(single_line(entity.state))})" if entity.state else ""
    return f"#{escaped(entity.ref.ids[-1])} {escaped(single_line(entity.title))}{state}"


def related_in_words(link: Linked) -> str:
    """Return what a link leads to, as HTML without the address of a case."""
    return _related(link, _named(link.entity) if link.entity else "")


def _linked_name(entity: Entity | None) -> str:
    if entity is None:
        return ""
    shown = _named(entity)
    if isinstance(entity, TestCase):
        return f'<a href="{html.escape(symbol("case", entity.ref.marker))}">{shown}</a>'
    return shown


def _related(link: Linked, shown: str) -> str:
    relation = "" if link.relation.casefold() in _PLAIN_RELATIONS else f" ({escaped(single_line(link.relation))})"
    if link.entity is None:
        if link.ref is None:
            return f"an item that the source does not name{relation}"
        return f"{_kind(link.ref.kind)} #{escaped(link.ref.ids[-1])} (the source does not list it){relation}"
    state = (
        f" ({escaped(single_line(link.entity.state))})" if isinstance(link.entity, Item) and link.entity.state else ""
    )
    return f"{shown}{state}{relation}"


def _named(entity: Entity) -> str:
    return f"{_kind(entity.ref.kind)} #{escaped(entity.ref.ids[-1])} {escaped(single_line(entity.title))}"


def _kind(kind: str) -> str:
    return escaped(kind.replace("_", " ").capitalize())
