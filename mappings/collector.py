"""What mapping one item costs on the way: its notes, the files that it names, and texts that are too long."""

from mappings.files import Files, address_of
from mappings.people import People
from mappings.text.html_writer import Setting
from mappings.text.richtext import to_html
from mappings.text.wording import escaped
from mappings.vocabulary import cut
from migrator.core.drafts import TEXT_LIMIT
from migrator.core.model import Person, RichText
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Around
from migrator.core.text import SymbolKind, resolved, visible_text
from migrator.core.views import ProjectView

_BEGINNING = 2000


class Collector:
    """Collects for one item, by its marker. ``around``: what hangs on it."""

    def __init__(self, marker: str, around: Around, people: People, destination: ProjectView | None) -> None:
        self.notes: list[Note] = []
        self.files = Files(marker, around.attachments)
        self._marker = marker
        self._people = people
        self._addresses = {case: address for address, case in around.cases.items()}
        self._setting = Setting(
            files=self.files,
            cases=around.cases,
            images=bool(destination and destination.keeps_images),
            tables=bool(destination and destination.keeps_tables),
        )
        for attachment, name in self.files.renamed:
            field = f"files.{attachment.ref.ids[-1]}"
            self.note(NoteCode.FILE_RENAMED, field, attachment.title, f"the file is called {name}")

    def note(self, code: NoteCode, field: str, original: str, message: str) -> None:
        """Note a loss or a change of the item."""
        self.notes.append(Note(code=code, marker=self._marker, field=field, original=original, message=message))

    def html(self, text: RichText, field: str) -> str:
        """Return a text of the item as HTML that fits."""
        safe = to_html(text, self._setting)
        for loss in safe.losses:
            self.note(loss.code, field, loss.original, loss.message)
        return safe.html

    def person(self, person: Person | None, field: str) -> str:
        """Return how somebody is called."""
        name, trouble = self._people.shown(person)
        if trouble:
            self.note(NoteCode.PERSON_UNKNOWN, field, name, trouble)
        return name

    def fitting(self, html: str, field: str) -> str:
        """Return HTML that is not longer than a field takes, if need be its beginning and a link to a file of it."""
        return html if len(html) <= TEXT_LIMIT else self.overflow(html, field)

    def fitting_together(self, parts: list[tuple[str, str]]) -> str:
        """Return named parts of one field behind each other; the longest go to files until the rest fits."""
        kept = dict(parts)
        by_length = sorted(kept, key=lambda name: len(kept[name]), reverse=True)
        for name in by_length:
            if sum(map(len, kept.values())) <= TEXT_LIMIT:
                break
            kept[name] = self.overflow(kept[name], name)
        return "".join(kept.values())

    def overflow(self, html: str, field: str) -> str:
        """Put a text into a file; return its beginning, and where the rest is."""
        names = {draft.marker: draft.name for draft in self.files.drafts}

        def address(kind: SymbolKind, marker: str) -> str:
            return escaped((names if kind == "file" else self._addresses).get(marker, "#"))

        page = f'<!doctype html><meta charset="utf-8"><title>{escaped(field)}</title>{resolved(html, address)}'
        file = self.files.text(field, page, f"whole-{field}")
        message = f"over {TEXT_LIMIT} characters of HTML; the whole text is in the file {file.name}"
        self.note(NoteCode.TEXT_OVERFLOW, field, html, message)
        beginning = escaped(cut(visible_text(html), _BEGINNING))
        return f'<p>{beginning}</p><p>The whole text: <a href="{address_of(file)}">{escaped(file.name)}</a></p>'
