"""Items that QA Sphere has no place for, such as defects: web pages with all that the source says of them, the files
that hang on them, and a case for each kind and year that lists both. The pages run nothing and load nothing."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.fields import FieldPlacer
from mappings.file_names import safe_name, with_suffix
from mappings.files import address_of, lies_elsewhere
from mappings.item_writer import ItemWriter, Writers, fact_list, moment, plain_fact
from mappings.linked import related_in_words
from mappings.rules import MappingRules, ProjectRules
from mappings.text.wording import escaped, foreign, listed
from mappings.vocabulary import single_line
from mappings.volumes import kind_name, volume_ref, volume_title
from migrator.core.base import digest_of
from migrator.core.drafts import CaseDraft, FileDraft, FileRef, FolderDraft, FromText, LinkDraft
from migrator.core.model import Comment, Defect, Milestone, TestSet
from migrator.core.notes import Note
from migrator.core.ports.mapping import Around, Linked, Mapped, Paged, PageItem
from migrator.core.refs import MARKER_LABEL, Ref, marker_line, short_id
from migrator.core.text import SymbolKind, resolved, with_links_replaced

PER_PAGE = 100
"""Items on one page, on average: what is loaded again when one of them changes."""
PAGE_CHARACTERS = 2_000_000
"""When a page holds as many it is full: browsers open it, and QA Sphere takes it, whatever people have pasted."""
_SAYS = "This is no test. QA Sphere has no place for {}; its files are pages with all that the source says of them."
_NOWHERE = "https://unknown.invalid/"
_HEAD = (
    '<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<style>body{{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}"
    "h2{{border-top:1px solid #999;padding-top:1em}}</style></head><body><h1>{title}</h1>"
)


def pages_folder(project: Ref, rules: MappingRules, place: ProjectRules) -> tuple[Ref, Mapped] | None:
    """Return the folder of such cases; None when no pages are made."""
    if not rules.pages.make:
        return None
    ref = Ref(connector=project.connector, instance=project.instance, kind="pages", ids=project.ids)
    draft = FolderDraft(marker=ref.marker, path=(*place.root, rules.pages.folder))
    return ref, Mapped(ref.marker, "folder", rules.pages.folder, "draft", draft, made=True)


@dataclass(slots=True)
class _Shelf:
    """What fills up while the items of a volume are written."""

    ref: Ref
    title: str
    pages: list[FileDraft] = field(default_factory=list)
    files: list[FileDraft] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def own_name(self, name: str, file: FileDraft) -> str:
        """Return a name that no other file has."""
        if name.casefold() in self.taken:
            name = with_suffix(name, f" [{digest_of(file.marker)[:8]}]")
        self.taken.add(name.casefold())
        return name


class PageMapper:
    """Maps volumes: all items of a kind that were made in one year."""

    def __init__(self, rules: MappingRules, writers: Writers) -> None:
        self._writers = writers
        self._tags = (rules.tag_all,) if rules.tag_all else ()
        self._fields = FieldPlacer(rules, writers.destination.custom_fields if writers.destination else ())

    def map(self, folder: Ref, items: Sequence[PageItem], titles: Mapping[str, str]) -> Mapped:
        """Return the case of a volume.

        Args:
            folder: the one of ``pages_folder``.
            items: all of one kind and year, at least one.
            titles: of the cases that test sets hold, by marker.
        """
        first = items[0].entity
        ref = volume_ref(folder, first)
        shelf = _Shelf(ref, volume_title(first))
        lines = list(self._pages(shelf, sorted(items, key=_age), titles))
        draft = CaseDraft(
            marker=ref.marker,
            folder=folder.marker,
            title=shelf.title,
            priority="low",
            precondition=f"<p>{_SAYS.format(kind_name(first).lower())}</p>{listed('Pages', lines)}",
            links=(LinkDraft(text=MARKER_LABEL + ref.marker, url=_NOWHERE),),
            files=tuple(FileRef(marker=file.marker, name=file.name) for file in (*shelf.pages, *shelf.files)),
            tags=self._tags,
            is_draft=True,
        )
        if trouble := self._fields.trouble({}):
            reason = f"{trouble}, or set mapping.pages.make: false"
            return Mapped(ref.marker, "case", shelf.title, "rejected", reason=reason, made=True)
        return Mapped(
            ref.marker,
            "case",
            shelf.title,
            "draft",
            draft,
            notes=tuple(shelf.notes),
            made=True,
            files=(*shelf.pages, *shelf.files),
            folded=tuple(shelf.folded),
        )

    def _pages(self, shelf: _Shelf, items: Iterable[PageItem], titles: Mapping[str, str]) -> Iterator[str]:
        """Fill the shelf; yield what each page is, as a line of HTML."""
        sections: list[str] = []
        ids: list[str] = []
        for item in items:
            sections.append(self._section(shelf, item, titles))
            ids.append(item.entity.ref.ids[-1])
            if _ends_page(item) or sum(map(len, sections)) >= PAGE_CHARACTERS:
                yield _page(shelf, sections, ids)
                sections, ids = [], []
        if sections:
            yield _page(shelf, sections, ids)

    def _section(self, shelf: _Shelf, item: PageItem, titles: Mapping[str, str]) -> str:
        entity = item.entity
        writer = self._writers.of(entity.ref.marker, item.around, entity.address)
        name = f"{entity.ref.kind.replace('_', ' ').capitalize()} {entity.ref.ids[-1]}"
        html = section(item, writer, titles)
        cases = {case: address for address, case in item.around.cases.items()}
        names: dict[str, str] = {}
        for file in writer.files.drafts:
            names[file.marker] = own = shelf.own_name(safe_name(f"{name} {file.name}", name), file)
            shelf.files.append(file.model_copy(update={"name": own, "owner": shelf.ref.marker}))

        def address(_kind: SymbolKind, marker: str) -> str:
            return foreign(cases.get(marker, "#"))

        shelf.notes += [note.model_copy(update={"field": f"{name} {note.field}".strip()}) for note in writer.notes]
        shelf.folded += [entity.ref.marker, *(comment.ref.marker for comment in item.around.comments)]
        shelf.folded += [link.marker for link in item.around.linked]
        shelf.folded += [file.ref.marker for file in item.around.attachments if lies_elsewhere(file)]
        # the page does not know where in QA Sphere its files will be, only how they are called
        in_words = with_links_replaced(html, lambda marker, words: f"{words} (file {escaped(names[marker])})")
        return resolved(in_words, address)


def _age(item: PageItem) -> tuple[int, str]:
    """Sort items as their ids were given, so that none changes its place and new ones come last."""
    ident = item.entity.ref.ids[-1]
    return len(ident), ident


def _end(link: Linked) -> tuple[str, int, str]:
    """Sort links by their other end: the order in which they were read is none that lasts."""
    return (link.ref.kind, len(link.ref.ids[-1]), link.ref.ids[-1]) if link.ref else ("", 0, "")


def _ends_page(item: PageItem) -> bool:
    """Whether a page ends behind an item. Nothing but its own marker decides, so that no other item that comes or goes
    moves the borders of all pages behind it."""
    return int(hashlib.sha256(item.entity.ref.marker.encode()).hexdigest()[:8], 16) % PER_PAGE == 0


def section(item: PageItem, writer: ItemWriter, titles: Mapping[str, str]) -> str:
    """Return all that the source says of an item, as HTML under a heading."""
    entity, around = item.entity, item.around
    ident = escaped(entity.ref.ids[-1])
    facts = [
        plain_fact("Deleted at the source", f"noticed on {item.deleted_at:%Y-%m-%d}" if item.deleted_at else ""),
        *_own_facts(entity),
        *writer.facts_of(entity),
        plain_fact("Address", entity.address or ""),
        *writer.texts_of(entity),
    ]
    parts = [f'<h2 id="{ident}">#{ident} {escaped(single_line(entity.title))}</h2>', fact_list(facts)]
    parts.append(writer.html(entity.description, "description"))
    if isinstance(entity, TestSet) and entity.items:
        parts.append(f"<h3>Tests</h3><ol>{''.join(_places(entity, titles))}</ol>")
    for heading, lines in (
        ("Belongs to", [related_in_words(link) for link in sorted(around.linked, key=_end)]),
        ("Files", _file_lines(around, writer)),
        ("Notes", [_note(comment, writer) for comment in around.comments]),
    ):
        if lines:
            parts.append(listed(heading, lines))
    return "".join([*parts, marker_line(entity.ref.marker)])


def _own_facts(entity: Paged) -> Iterator[str]:
    if not entity.active:
        yield plain_fact("Active", "no")
    if isinstance(entity, Defect | TestSet):
        yield plain_fact("Priority", entity.priority or "")
    if isinstance(entity, TestSet) and entity.sequential:
        yield plain_fact("Order", "the tests are run one after the other")
    if isinstance(entity, Defect):
        yield plain_fact("Severity", entity.severity or "")
        yield plain_fact("Closed", moment(entity.closed_at))
    if isinstance(entity, Milestone):
        yield plain_fact("Starts", moment(entity.starts_at))
        yield plain_fact("Ends", moment(entity.ends_at))
        yield plain_fact("Part of", f"#{entity.parent.ids[-1]}" if entity.parent else "")


def _places(entity: TestSet, titles: Mapping[str, str]) -> Iterator[str]:
    for place in entity.items:
        title = escaped(single_line(titles.get(place.case.marker, "(the source does not list it)")))
        yield f"<li>#{escaped(place.case.ids[-1])} {title}{'' if place.active else ' (inactive)'}</li>"


def _file_lines(around: Around, writer: ItemWriter) -> list[str]:
    here = [link + said for link, said in writer.file_lines(around.attachments).items()]
    elsewhere = [file for file in around.attachments if lies_elsewhere(file)]
    return here + [escaped(single_line(file.title)) + writer.said_of(file) for file in elsewhere]


def _note(comment: Comment, writer: ItemWriter) -> str:
    place = f"notes.{comment.ref.ids[-1]}"
    head = ", ".join(filter(None, (moment(comment.created_at), writer.person(comment.author, place)))) or "Undated"
    changed = "" if comment.updated_at in (None, comment.created_at) else f" (changed {moment(comment.updated_at)})"
    return f"<strong>{escaped(single_line(head))}{changed}:</strong> {writer.html(comment.text, place)}"


def _page(shelf: _Shelf, sections: Sequence[str], ids: Sequence[str]) -> str:
    """Put a page on the shelf. Its name tells it from an earlier one: a file cannot be replaced in QA Sphere."""
    contents = "".join(f'<a href="#{escaped(ident)}">#{escaped(ident)}</a> ' for ident in ids)
    body = f"{_HEAD.format(title=escaped(shelf.title))}<p>{contents}</p>{''.join(sections)}</body></html>".encode()
    digest = hashlib.sha256(body).hexdigest()[:12]
    file = FileDraft(
        marker=f"{shelf.ref.marker}#page-{digest}",
        owner=shelf.ref.marker,
        name=safe_name(f"{shelf.title} from {short_id(ids[0])} {digest[:6]}.html", digest),
        content=FromText(base64=b64encode(body).decode()),
        media_type="text/html",
    )
    shelf.pages.append(file)
    which = f"#{ids[0]}" if len(ids) == 1 else f"#{ids[0]} to #{ids[-1]}"
    return f'<a href="{address_of(file)}">{escaped(file.name)}</a>: {escaped(which)}, {len(ids)} in all'
