"""Workiva as a source: the port of the engine on top of lists and operations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from connectors.workiva.api import Path, Row, WorkivaApi, is_refusal, row_id
from connectors.workiva.content.downloads import Downloads
from connectors.workiva.convert.entities import Converter
from connectors.workiva.inspect.inspector import Inspector
from connectors.workiva.read.children import Child, ChildReader, Cursor, Size
from connectors.workiva.read.contents import FormContents, contents_of, own
from connectors.workiva.read.graph import FormGraph, Gap, GraphReader
from connectors.workiva.read.tree import ALL, refused, wanted_forms
from connectors.workiva.wire import WireNamed, WireRecord, rows_of
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, Rejected
from migrator.core.model import AnyEntity, Attachment
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.inspectable import ProjectGroup
from migrator.core.ports.source import Abilities, Earlier, Listed, ListSize, Record, SourcePage
from migrator.core.ports.traffic import Traffic
from migrator.core.refs import Ref

_STREAMS = ("forms", "phases", "matrices", "samples")
_EXPORTS = "exports"
_LISTS = {
    "form": "forms",
    "control": "forms",
    "phase": "phases",
    "run": "phases",
    "matrix": "matrices",
    "sample": "samples",
}
_GRAPH = "graphRecords"
"""Where a form's original holds the records of the graph that its overview was made from."""
_FOLDERS = 3
_BEYOND = "narrative, conclusions, sign-offs, and testers and dates that no column holds,"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads the lists, and what reads the graph. ``skip``: ids of test forms that are left out of both."""

    lists: ChildReader
    graph: GraphReader
    skip: Sequence[str] = ()


class WorkivaSource:
    """Implements ``Source``, ``FileSource``, ``Inspectable``, ``GroupsProjects``, ``Renewable`` and ``Remembering``.

    A project is ``*`` or ids of test forms, separated by commas.
    """

    def __init__(
        self, api: WorkivaApi, converter: Converter, readers: Readers, files: Downloads, inspector: Inspector
    ) -> None:
        self._api = api
        self._convert = converter
        self._reader = readers.lists
        self._graph = readers.graph
        self._skip = readers.skip
        self._files = files
        # what others answer whole
        self.clock_skew = api.clock_skew
        self.visible_projects = inspector.visible_projects
        self.counts = inspector.counts
        self.sample = inspector.sample
        self.preflight = inspector.preflight
        self.fetch = files.fetch
        self.fetch_picture = files.fetch_picture
        self._contents = FormContents()
        self._renewed = ""
        self._holds: Callable[[str], bool] = lambda _marker: False

    def renew(self, since: str) -> None:
        """Let every form's export be taken anew, once for each ``since``."""
        self._renewed = since

    def remember(self, original: Callable[[str], bytes | None], holds: Callable[[str], bool]) -> None:
        """Let records of the graph that are refused be those of an earlier round, which stand beside the form's; and
        those that nobody asks for any more, once they are in QA Sphere."""
        self._holds = holds

        def earlier(form: str) -> Mapping[str, WireRecord]:
            overview = self._convert.about((form,)).marker
            raw = original(overview) if self._graph.wanted or holds(overview) else None
            rows = rows_of((orjson.loads(raw) or {}).get(_GRAPH)) if raw else []
            return {record.id: record for record in map(WireRecord.model_validate, rows)}

        self._graph.earlier = earlier

    @property
    def abilities(self) -> Abilities:
        """Forms down to samples, each with its attachments; rows of a matrix have an order (§5)."""
        streams = (*_STREAMS, _EXPORTS) if self._convert.export_forms else _STREAMS
        return Abilities(
            streams=streams,
            siblings_ordered=True,
            files=True,
            fetches_at_once=self._files.at_once,
            runs_grow=True,
            file_limit=self._files.limit,
            lists=_LISTS,
            unasked={} if self._convert.export_forms else {_EXPORTS: ("",)},
            left_out={form: self._convert.branches(form) for form in self._skip},
            hosts=frozenset(filter(None, (urlsplit(self._api.base_url).hostname,))),
        )

    def waiting_for(self) -> str:
        """Say what holds the calls up."""
        # questions are the scarcer of the two: while any are asked, they decide
        return self._files.waiting_for() or self._api.waiting_for()

    def traffic(self) -> Traffic:
        """Return what was asked, questions about operations included."""
        return self._api.traffic().beside(self._files.questions())

    def grouping(self) -> ProjectGroup:
        """Test forms go into one project: each is the work paper of one control, and a workspace has hundreds."""
        return ProjectGroup(source=ALL, title="Controls testing", what="test form", left_out_by="skip")

    async def check(self) -> None:
        """Read the first page of the test forms."""
        try:
            await self._api.page(self._api.children(()))
        except Rejected as error:
            if is_refusal(error, 400, 404, 405, 410):
                raise ConfigError(
                    f"there is no Workiva API at {self._api.base_url}",
                    code=ErrorCode.WRONG_SERVICE,
                    cause=error.cause,
                    next_step="check source.base_url (or source.region) and source.api_version",
                ) from error
            raise refused(error, ()) from error

    async def project(self, project_id: str) -> Record:
        """Return the workspace, if the test forms that are asked for are in it."""
        wanted = wanted_forms(project_id)
        if wanted is None:
            await self.check()
            return self._project(project_id, b"{}")
        forms = await self._api.whole(self._api.children(()))
        if missing := sorted(wanted - {row_id(row) for row in forms}):
            names = [f"{row_id(row)} ({WireNamed.model_validate(row).name})" for row in forms[:_SHOWN]]
            more = len(forms) - len(names)
            raise ConfigError(
                f"Workiva has no test form {', '.join(missing)}, or this API grant may not see it",
                code=ErrorCode.SOURCE_PROJECT,
                cause=f"visible are: {', '.join(names) or 'none'}" + (f" and {more} more" if more > 0 else ""),
                next_step='correct projects[].source in the config: "*" or a list of ids of test forms',
            )
        only = next((row for row in forms if wanted == {row_id(row)}), None)
        return self._project(project_id, orjson.dumps({"testForms": sorted(wanted)}), only)

    def _project(self, project_id: str, raw: bytes, only: Row | None = None) -> Record:
        project = self._convert.project(project_id, only)
        wanted = wanted_forms(project_id)
        skipped = [form for form in dict.fromkeys(self._skip) if wanted is None or form in wanted]
        return Record(project, raw, tuple(_skipped(project, form) for form in skipped))

    async def page(
        self,
        stream: str,
        project_id: str,
        cursor: str | None,
        earlier: Earlier | None = None,
    ) -> SourcePage:
        """Return one page of one of the streams. Lists are read whole, because Workiva knows no dates (§5); samples
        that show the attachments that they showed at the ``earlier`` reading are not asked for theirs."""
        wanted = wanted_forms(project_id)
        if stream == _EXPORTS:
            return await self._exports(cursor, wanted, earlier)
        depth = _STREAMS.index(stream)
        if cursor is None:
            self._contents.begin(depth)

        def unchanged(prints: Mapping[Path, str]) -> set[Path]:
            markers = {ids: self._convert.about(ids).marker for ids in prints}
            before = earlier.fingerprints(sorted(markers.values())) if earlier and prints else {}
            return {ids for ids, found in prints.items() if before.get(markers[ids]) == found}

        children = await self._reader.page(depth, Cursor.of(cursor) if cursor else None, wanted, unchanged)
        for child in children.rows:
            self._contents.add(child.ids, own(child.row))
        graphs = await self._graphs(children.rows)
        records = [record for child in children.rows for record in self._records(child, *graphs[child.ids[0]])]
        listed = [
            Listed(self._convert.listed(child.ids).marker, child.fingerprint if child.whole else "", child.stands)
            for child in children.rows
        ]
        following = str(children.cursor) if children.cursor else None
        sizes = tuple(map(self._size, children.sizes))
        return SourcePage(tuple(records), following, None, children.moved, listed=tuple(listed), sizes=sizes)

    def _size(self, size: Size) -> ListSize:
        about = self._convert.listed(size.parent).marker if size.parent else ""
        return ListSize(_STREAMS[len(size.parent)], about, size.rows, size.goes_on)

    async def _exports(self, cursor: str | None, wanted: frozenset[str] | None, earlier: Earlier | None) -> SourcePage:
        """Return the exports of the forms of one page; each is named after what its form held in this round. One that
        is refused takes none away that was had before."""
        forms = await self._reader.page(0, Cursor.of(cursor) if cursor else None, wanted)
        records, listed = [], []
        for child in forms.rows:
            digest = self._contents.digest(child.ids[0]) or await contents_of(child.ids[0], self._reader)
            export = self._convert.export(child.ids, child.row, f"{digest} {self._renewed}")
            form, edition = export.about, export.ref.ids[-1]
            had = earlier.fingerprints([form.marker]).get(form.marker) if earlier else None
            kept = self._holds(form.marker)
            refusal = "" if had == edition else await self._files.begin_export(export, now=kept)
            if refusal:
                export, edition = self._convert.export(child.ids, child.row, None), ""
            note = _not_taken(export, refusal) if refusal else _only_there(export)
            records.append(Record(export, orjson.dumps(own(child.row)), (note,), owner=form))
            listed.append(Listed(form.marker, edition))
        following = str(forms.cursor) if forms.cursor else None
        return SourcePage(tuple(records), following, None, forms.moved, listed=tuple(listed))

    async def _graphs(self, rows: Sequence[Child]) -> Mapping[str, tuple[FormGraph | None, Sequence[Gap]]]:
        """Return what the graph knows of the forms of some rows. One after the other: the first ones show whether forms
        are in the graph at all, and records of forms are related to the same ones."""
        return {form: await self._graph.form(form) for form in dict.fromkeys(child.ids[0] for child in rows)}

    def _records(self, child: Child, graph: FormGraph | None, gaps: Sequence[Gap]) -> list[Record]:
        ids = child.ids
        files = [
            Record(one, orjson.dumps(row), owner=self._convert.listed(ids))
            for one, row in self._convert.attachments(ids, child.attachments)
        ]
        if len(ids) > _FOLDERS:
            # steps and title come from the matrix: without it a renamed column would change nothing in the JSON
            raw = orjson.dumps({"matrix": own(child.parent), "sample": child.row})
            case = self._convert.sample(ids, child.parent, child.row, graph)
            result = self._convert.result(ids, child.parent, child.row, child.position)
            own_records = (Record(case, raw, _unread(child, case)), Record(result, raw))
            return [*own_records, *files, *self._controls(graph, case.ref)]
        raw = orjson.dumps(child.row)
        folder = self._convert.folder(ids, child.row)
        notes = _unread(child, folder)
        if len(ids) == 1 and not self._convert.export_forms:
            notes = (*notes, _not_taken(folder, "source.export_forms is off"))
        if len(ids) == 1:
            notes = (*notes, *(_missing(folder, gap) for gap in gaps), *self._api_address(folder))
        records = [Record(folder, raw, notes)]
        if len(ids) == 2:
            run = self._convert.run(ids, child.parent, child.row)
            records.append(Record(run, orjson.dumps({"form": own(child.parent), "phase": child.row})))
        if files or len(ids) == _FOLDERS or (len(ids) == 1 and self._has_overview(ids, graph)):
            own_graph = graph if len(ids) == 1 else None
            if own_graph:
                rows = [record.model_dump(mode="json", by_alias=True) for record in own_graph.records]
                raw = orjson.dumps({"testForm": child.row, _GRAPH: rows})
            records.append(Record(self._convert.overview(ids, child.row, own_graph), raw))
        return [*records, *files, *(self._requirements(graph, ids) if len(ids) == 1 else ())]

    def _api_address(self, form: AnyEntity) -> list[Note]:
        """Return what is said where links are addresses that ask for a token."""
        if not self._convert.links_to_api:
            return []
        message = "nobody can open the links of this test form and of what is in it without the API's token"
        return [
            Note(
                code=NoteCode.LINKS_TO_API,
                marker=form.ref.marker,
                original=self._convert.address((form.ref.ids[0],)),
                message=message,
            )
        ]

    def _has_overview(self, form: Path, graph: FormGraph | None) -> bool:
        """Return whether a form has something to be listed. An export that nobody takes any more stays on its case."""
        return bool(graph) or self._convert.export_forms or self._holds(self._convert.about(form).marker)

    def _requirements(self, graph: FormGraph | None, form: Path) -> list[Record]:
        """Return the controls of a form, and their links to its overview."""
        if graph is None:
            return []
        controls = [
            Record(self._convert.requirement(record, related), orjson.dumps(record.model_dump(mode="json")))
            for record, related in graph.controls
        ]
        return [*controls, *self._controls(graph, self._convert.about(form))]

    def _controls(self, graph: FormGraph | None, case: Ref) -> list[Record]:
        controls = graph.controls if graph else ()
        return [Record(self._convert.link(record, case), b"{}") for record, _ in controls]


def _only_there(export: Attachment) -> Note:
    # it is fetched later, which may fail
    message = (
        f"{_BEYOND} are in no list; the export alone holds them, and a note of the file says so if it did not come"
    )
    return Note(
        code=NoteCode.ONLY_IN_EXPORT, marker=export.ref.marker, field="", original=export.title, message=message
    )


def _not_taken(about: AnyEntity, why: str) -> Note:
    message = f"{_BEYOND} are not migrated in this round: {why}"
    return Note(
        code=NoteCode.EXPORT_NOT_TAKEN, marker=about.ref.marker, field="", original=about.title, message=message
    )


def _skipped(project: AnyEntity, form: str) -> Note:
    message = f"source.skip leaves out test form {form}; what an earlier round has read of it stays"
    return Note(
        code=NoteCode.KIND_SKIPPED, marker=project.ref.marker, field="source.skip", original=form, message=message
    )


def _missing(form: AnyEntity, gap: Gap) -> Note:
    why = f"Workiva answers {gap.status}" if gap.status else "nobody asked for it"
    stays = "what an earlier round has read of it stays" if gap.kept else "nothing is known of it but this"
    message = f"{why}; {stays}"
    return Note(code=NoteCode.GRAPH_NOT_READ, marker=form.ref.marker, field="graph", original=gap.what, message=message)


def _unread(child: Child, entity: AnyEntity) -> tuple[Note, ...]:
    if child.whole:
        return ()
    what = "test form" if len(child.ids) == 1 else "item; what is shown in other lists is migrated"
    message = f"the source would not list all attachments of the {what}"
    return (Note(code=NoteCode.ITEMS_INCOMPLETE, marker=entity.ref.marker, field="attachments", message=message),)
