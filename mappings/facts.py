"""Facts that QA Sphere has no field for, as a list of short lines; and the notes that mapping an item collects."""

import base64
import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from mappings.rules import MappingRules
from mappings.text.richtext import to_html
from mappings.text.wording import escaped
from mappings.vocabulary import cut, single_line
from migrator.core.drafts import FileDraft, FromText
from migrator.core.model import Item, Person, RichText, User
from migrator.core.notes import Note, NoteCode
from migrator.core.text import file_link, visible_text


class FactWriter:
    """Writes the texts of one item and collects its notes."""

    def __init__(self, marker: str, rules: MappingRules, people: Mapping[str, User]) -> None:
        self._marker = marker
        self._rules = rules
        self._people = people
        self.notes: list[Note] = []

    def note(self, code: NoteCode, field: str, original: str, message: str) -> None:
        """Add a note."""
        self.notes.append(Note(code=code, marker=self._marker, field=field, original=original, message=message))

    def html(self, text: RichText | None, field: str) -> str:
        """Return a text of the source as HTML that QA Sphere keeps."""
        if text is None:
            return ""
        safe = to_html(text)
        self.notes += [
            Note(code=loss.code, marker=self._marker, field=field, original=loss.original, message=loss.message)
            for loss in safe.losses
        ]
        return safe.html

    def person(self, person: Person | None, field: str) -> str:
        """Return how a person is named in texts, by ``mapping.people``; empty for nobody."""
        if person is None or self._rules.people == "none":
            return ""
        user = self._people.get(person.ref.marker) if person.ref else None
        if user is None and not person.name:
            ident = person.ref.ids[-1] if person.ref else ""
            self.note(NoteCode.PERSON_UNKNOWN, field, ident, "the source does not list this user")
            return f"user {ident}"
        name = user.title if user else person.name or ""
        if self._rules.people == "email":
            if user is not None and user.email:
                return user.email
            self.note(NoteCode.PERSON_UNKNOWN, field, name, "no e-mail address is known; the name stands instead")
        return name

    def facts_of(self, item: Item) -> list[str]:
        """Return what all items have: state, people, dates, attributes, custom fields, further texts."""
        lines = [
            plain_fact("Status", item.state or ""),
            plain_fact("Author", self.person(item.author, "author")),
            plain_fact("Owner", self.person(item.owner, "owner")),
            plain_fact("Assigned to", self.person(item.assignee, "assignee")),
            plain_fact("Created", moment(item.created_at)),
            plain_fact("Updated", moment(item.updated_at)),
        ]
        lines += [plain_fact(readable(name), value) for name, value in item.attributes.items()]
        lines += [fact(field.name, self.html(field.value, field.name)) for field in item.custom_fields]
        lines += [fact(readable(name), self.html(text, name)) for name, text in item.texts.items()]
        return [line for line in lines if line]


def fact(name: str, value: str) -> str:
    """Return one fact as HTML; empty without a value. ``value`` is HTML."""
    return f"<strong>{escaped(single_line(name))}:</strong> {value}" if value else ""


def plain_fact(name: str, value: str) -> str:
    """Return one fact; ``value`` is plain text."""
    return fact(name, escaped(single_line(value)))


def readable(name: str) -> str:
    """Return ``test_host`` as ``Test host``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def fact_list(facts: Sequence[str]) -> str:
    """Return the facts that there are, as a list."""
    items = "".join(f"<li>{line}</li>" for line in facts if line)
    return f"<ul>{items}</ul>" if items else ""


def moment(value: datetime | None) -> str:
    """Return a date with its zone."""
    return value.isoformat(sep=" ", timespec="seconds") if value else ""


def duration(milliseconds: int | None) -> str:
    """Return a duration as h:mm:ss; hours may exceed 24."""
    if milliseconds is None:
        return ""
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def shortened(text: str, room: int) -> str:
    """Return the words of HTML as one paragraph of at most ``room`` characters; empty when there is no room."""
    words, limit = visible_text(text), room - len("<p></p>")
    while limit > 1:
        paragraph = f"<p>{escaped(cut(words, limit))}</p>"
        if len(paragraph) <= room:
            return paragraph
        limit -= len(paragraph) - room
    return ""


def whole_text(owner: str, field: str, name: str, text: str) -> tuple[FileDraft, str]:
    """Return the file that holds the whole of a text (HTML), and a link to it."""
    page = f'<!doctype html><meta charset="utf-8"><title>{html.escape(name, quote=False)}</title>{text}'
    draft = FileDraft(
        marker=f"{owner}#text-{field}",
        owner=owner,
        name=name,
        content=FromText(base64=base64.b64encode(page.encode()).decode()),
        media_type="text/html",
    )
    return draft, f"<p>{file_link(draft.marker, 'The whole text')}</p>"
