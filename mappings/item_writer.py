"""The texts of one item: people, dates, facts, rich text, the files that these name, and the notes that they cost."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mappings.files import Files, address_of
from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from mappings.text.wording import escaped, fact
from mappings.vocabulary import cut, host_name, single_line
from migrator.core.base import digest_of
from migrator.core.drafts import TEXT_LIMIT, AnyDraft, FileDraft
from migrator.core.model import Attachment, Item, ItemKind, Person, RichText, TestCase, User
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Around, Mapped
from migrator.core.text import SymbolKind, file_link, resolved, visible_text
from migrator.core.views import ProjectView

_BEGINNING = 2000


@dataclass(frozen=True, slots=True)
class Writers:
    """Makes the writers of one project.

    Args:
        naming: how people are called (``mapping.people``).
        users: the people of the project, by marker.
        destination: what the project takes; None while it does not exist.
        hosts: of the source, where the files of its items can lie.
    """

    naming: Literal["name", "email", "none"] = "name"
    users: Mapping[str, User] = field(default_factory=dict)
    destination: ProjectView | None = None
    hosts: frozenset[str] = frozenset()

    def of(self, marker: str, around: Around | None = None, home: str | None = None) -> "ItemWriter":
        """Return the writer of an item.

        Args:
            marker: of the item.
            around: what hangs on it; None: no file can, so the pictures of its texts stay where they are.
            home: the item's address at the source, on another of its hosts.
        """
        return ItemWriter(marker, around, self, home or "")


class ItemWriter:
    """Writes the texts of one item. ``notes`` and ``files`` fill up on the way."""

    def __init__(self, marker: str, around: Around | None, project: Writers, home: str = "") -> None:
        takes_pictures = around is not None
        around = around or Around()
        self.notes: list[Note] = []
        hosts = project.hosts | {host_name(home)} - {""}
        self.files = Files(marker, around.attachments, hosts, around.of_case, around.named)
        self._marker = marker
        self._project = project
        self._addresses = {case: address for address, case in around.cases.items()}
        view = project.destination
        self._setting = Setting(
            files=self.files if takes_pictures else None,
            cases=around.cases,
            hosts=hosts,
            images=bool(view and view.keeps_images),
            tables=bool(view and view.keeps_tables),
        )
        for attachment, name in self.files.renamed:
            place = f"files.{attachment.ref.ids[-1]}"
            self.note(NoteCode.FILE_RENAMED, place, attachment.title, f"the file is called {name}")

    def note(self, code: NoteCode, field: str, original: str, message: str) -> None:
        """Note a loss or a change of the item."""
        self.notes.append(Note(code=code, marker=self._marker, field=field, original=original, message=message))

    def mapped(self, kind: ItemKind, title: str, draft: AnyDraft, *, made: bool) -> Mapped:
        """Return the item with what writing it has cost, and the files that it names."""
        notes, files = tuple(self.notes), tuple(self.files.drafts)
        return Mapped(self._marker, kind, title, "draft", draft, notes=notes, made=made, files=files)

    def html(self, text: RichText | None, field: str) -> str:
        """Return a text of the item as HTML that QA Sphere keeps."""
        if text is None:
            return ""
        safe = to_html(text, self._setting)
        for loss in safe.losses:
            self.note(loss.code, field, loss.original, loss.message)
        return safe.html

    def links_to_files(self) -> list[str]:
        """Return a link to each file of the item, by its name."""
        return [file_link(draft.marker, escaped(draft.name)) for draft in self.files.drafts]

    def said_of(self, attachment: Attachment) -> str:
        """Return who put a file there and when, and what people wrote of it, as HTML; empty when nobody knows."""
        place = f"files.{attachment.ref.ids[-1]}"
        head = ", ".join(filter(None, (self.person(attachment.author, place), moment(attachment.created_at))))
        texts = "".join(self.html(text, place) for text in attachment.texts.values())
        return (f" ({escaped(single_line(head))})" if head else "") + texts

    def file_lines(self, attachments: Sequence[Attachment]) -> dict[str, str]:
        """Return a link to each file that hangs on the item → what ``said_of`` it."""
        own = {attachment.ref.marker: attachment for attachment in attachments}
        linked = zip(self.files.drafts, self.links_to_files(), strict=True)
        return {link: self.said_of(own[draft.marker]) for draft, link in linked if draft.marker in own}

    # --- people and facts ---------------------------------------------------------------------------------------------

    def person(self, person: Person | None, field: str) -> str:
        """Return how somebody is called; empty for nobody."""
        if person is None or self._project.naming == "none":
            return ""
        user = self._project.users.get(person.ref.marker) if person.ref else None
        if user is None and not person.name:
            name = f"user {person.ref.ids[-1] if person.ref else ''}"
            self.note(NoteCode.PERSON_UNKNOWN, field, name, "the source does not list this user")
            return name
        name = user.title if user else person.name or ""
        if self._project.naming == "email":
            if user is not None and user.email:
                return user.email
            self.note(NoteCode.PERSON_UNKNOWN, field, name, "no e-mail address is known; the name stands instead")
        return name

    def facts_of(self, item: Item | TestCase, elsewhere: Container[str] = ()) -> list[str]:
        """Return people, dates, state and attributes of an item, a line each.

        ``elsewhere``: attributes that have another place, by ``plain_name``.
        """
        lines = [
            plain_fact("Author", self.person(item.author, "author")),
            plain_fact("Created", moment(item.created_at)),
            plain_fact("Updated", moment(item.updated_at)),
            plain_fact("Updated by", self.person(item.updated_by, "updated_by") if isinstance(item, Item) else ""),
            plain_fact("Owner", self.person(item.owner, "owner")),
            plain_fact("Assigned to", self.person(item.assignee, "assignee")),
            plain_fact("Status", item.state or ""),
            plain_fact("Version", (item.version or "") if isinstance(item, TestCase) else ""),
        ]
        lines += [
            plain_fact(readable(name), value)
            for name, value in item.attributes.items()
            if plain_name(name) not in elsewhere
        ]
        return [line for line in lines if line]

    def texts_of(self, item: Item) -> list[str]:
        """Return custom fields and further texts of an item, a line each."""
        texts = [(field.name, field.value, field.name) for field in item.custom_fields]
        texts += [(readable(name), text, name) for name, text in item.texts.items()]
        values = [(name, self.html(text, place)) for name, text, place in texts]
        return [fact(single_line(name), value) for name, value in values if value]

    # --- texts that are too long for their place ----------------------------------------------------------------------

    def fitting(self, text: str, field: str) -> str:
        """Return HTML that is not longer than a field takes, if need be its beginning and a link to a file of it."""
        return text if len(text) <= TEXT_LIMIT else self._overflow(text, field)

    def fitting_together(self, parts: list[tuple[str, str]]) -> str:
        """Return named parts of one field behind each other; the longest go to files until the rest fits."""
        kept = dict(parts)
        by_length = sorted(kept, key=lambda name: len(kept[name]), reverse=True)
        for name in by_length:
            if sum(map(len, kept.values())) <= TEXT_LIMIT:
                break
            kept[name] = self._overflow(kept[name], name)
        return "".join(kept.values())

    def whole(self, text: str, field: str, title: str) -> FileDraft:
        """Return the file that holds the whole of a text (HTML). Files go by their names in it, cases by their
        addresses at the source."""
        names = {draft.marker: draft.name for draft in self.files.drafts}

        def address(kind: SymbolKind, marker: str) -> str:
            return escaped((names if kind == "file" else self._addresses).get(marker, "#"))

        page = f'<!doctype html><meta charset="utf-8"><title>{escaped(field)}</title>{resolved(text, address)}'
        return self.files.text(field, page, title)

    def _overflow(self, text: str, field: str) -> str:
        # another text is another file: what is in QA Sphere cannot be replaced, and is known by its name in a case
        digest = digest_of(text)[:6]
        file = self.whole(text, f"{field}-{digest}", f"whole-{field}-{digest}")
        message = f"over {TEXT_LIMIT} characters of HTML; the whole text is in the file {file.name}"
        self.note(NoteCode.TEXT_OVERFLOW, field, text, message)
        beginning = escaped(cut(visible_text(text), _BEGINNING))
        return f'<p>{beginning}</p><p>The whole text: <a href="{address_of(file)}">{escaped(file.name)}</a></p>'


def plain_fact(name: str, value: str) -> str:
    """Return a named value, both plain text, as HTML; empty without a value."""
    text = escaped(single_line(value))
    return fact(single_line(name), text) if text else ""


def plain_name(name: str) -> str:
    """Make ``Test Type`` and ``test_type`` one name."""
    return "".join(name.replace("_", " ").split()).casefold()


def readable(name: str) -> str:
    """Return ``test_host`` as ``Test host``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def fact_list(facts: Sequence[str]) -> str:
    """Return the facts that there are, as a list."""
    items = "".join(f"<li>{line}</li>" for line in facts if line)
    return f"<ul>{items}</ul>" if items else ""


def moment(value: datetime | None) -> str:
    """Return a date to the second, with its offset; empty when unknown."""
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


def link_to_whole(file: FileDraft) -> str:
    """Return the paragraph that leads to the file of a text."""
    return f"<p>{file_link(file.marker, 'The whole text')}</p>"
