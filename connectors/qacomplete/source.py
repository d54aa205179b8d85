"""QAComplete as a source: the port of the engine on top of the endpoints."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from connectors.qacomplete.config import FINAL_STATUSES
from connectors.qacomplete.content.attachments import Contents
from connectors.qacomplete.content.rest import Pictures
from connectors.qacomplete.convert.cases import row_id, unescaped
from connectors.qacomplete.convert.items import configuration, defect, milestone, requirement
from connectors.qacomplete.inspect import Inspector
from connectors.qacomplete.read.cases import CaseReader
from connectors.qacomplete.read.changes import fingerprint, marks, unchanged_since, unlisted
from connectors.qacomplete.read.context import ReadContext
from connectors.qacomplete.read.files import AttachmentReader
from connectors.qacomplete.read.noted import is_incomplete, with_date_notes
from connectors.qacomplete.read.notes_links import NoteLinkReader, unread_links
from connectors.qacomplete.read.runs import RunReader
from connectors.qacomplete.wire.cases import WireProject
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, ConfigError, Rejected
from migrator.core.model import AnyEntity, Attachment, Result, TestRun
from migrator.core.ports.inspectable import Line
from migrator.core.ports.source import Abilities, Content, Earlier, FileLimit, Listed, Memory, Record, SourcePage
from migrator.core.side_by_side import side_by_side

_STREAMS = (
    "users", "folders", "releases", "configurations", "requirements", "defects", "tests", "test_sets", "runs",
    "results", "notes", "links", "attachments",
)  # fmt: skip
_LISTS = {
    "users",
    "folders",
    "releases",
    "configurations",
    "requirements",
    "defects",
    "tests",
    "test_sets",
    "runs",
    "results",
}
_STREAMS_AT_ONCE = 4
_VISIBLE_SHOWN = 200
Row = dict[str, Any]


class QACompleteSource:
    """Implements ``Source``, ``FileSource`` and ``Remembering``.

    ``final``: the statuses that close a run. ``hosts``: its servers, by name.
    """

    def __init__(
        self,
        context: ReadContext,
        contents: Contents,
        pictures: Pictures,
        final: Collection[str] = FINAL_STATUSES,
        hosts: frozenset[str] = frozenset(),
    ) -> None:
        skip, converter = context.skip, context.convert
        self._api = context.api
        self._contents = contents
        self._pictures = pictures
        self._convert = converter
        self._lists = context.lists
        self._changed = context.changed
        self._cases = CaseReader(context)
        self._notes_links = NoteLinkReader(context)
        self._inspector = Inspector(context.api, context.lists, converter)
        # what others answer whole
        self.waiting_for = context.api.waiting_for
        self.traffic = context.api.traffic
        self.clock_skew = context.api.clock_skew
        self.visible_projects = self._inspector.visible_projects
        self._files = AttachmentReader(context, self._cases)
        self._runs = RunReader(context, {status.strip().lower() for status in final})
        left = (
            {*_STREAMS}
            - {*skip}
            - ({"results"} if "runs" in skip else set())
            - (set() if self._notes_links.asks_for_links else {"links"})
        )
        streams = tuple(stream for stream in _STREAMS if stream in left)
        skipped_owners = tuple(stream for stream in _STREAMS if stream in skip)
        # tests of a folder have no order (§6.8 knows no position)
        # every stream asks for the lists that it needs itself
        self.abilities = Abilities(
            streams=streams,
            siblings_ordered=False,
            files=contents.gives_files,
            streams_at_once=_STREAMS_AT_ONCE,
            file_limit=FileLimit(requests={"fetch a file": 1}),
            lists={stream.removesuffix("s"): stream for stream in streams if stream in _LISTS},
            hosts=hosts,
            skipped=tuple(stream for stream in _STREAMS if stream not in left),
            unasked={
                "notes": skipped_owners,
                "links": (*skipped_owners, *(() if context.test_links else ("tests",))),
                "attachments": skipped_owners,
            },
        )
        self._leaves_links = "links" in streams and not context.test_links
        self._plain: dict[str, Callable[[str, Row], AnyEntity]] = {
            "users": converter.user,
            "folders": converter.folder,
            "releases": partial(milestone, converter),
            "configurations": partial(configuration, converter),
            "requirements": partial(requirement, converter),
            "defects": partial(defect, converter),
        }

    def remember(self, original: Callable[[str], bytes | None], holds: Callable[[str], bool]) -> None:  # noqa: ARG002
        """Let steps of tests and items of sets that are refused be those of an earlier round."""
        self._cases.original = original

    async def counts(self, project_id: str) -> Mapping[str, int]:
        """Return how many rows the lists of a project claim; notes and links hang on items and are not counted."""
        return await self._inspector.counts(project_id, self.abilities.streams)

    async def sample(self, project_id: str) -> Sequence[AnyEntity]:
        """Return the oldest and the newest tests, as the list gives them, and the first page of results."""
        tests = await self._inspector.sample(project_id)
        if "results" not in self.abilities.streams:
            return tests
        results = (await self._runs.results(project_id, None, None)).records
        return [*tests, *(record.entity for record in results if isinstance(record.entity, Result))]

    async def preflight(self, project_ids: Sequence[str]) -> AsyncIterator[Line]:
        """Look at the zone, the visible projects, what of the projects exceeds the destination's limits, and at where
        the bytes of attachments come from."""
        async for line in self._inspector.preflight(project_ids):
            yield line
        if self._leaves_links:
            async for line in self._inspector.unread_links(project_ids):
                yield line
        yield Line(subject="source attachments", state="ok", text=await self._contents.check())

    async def check(self) -> None:
        """Ask for one project (§10.1)."""
        await self._lists.projects(1)

    async def project(self, project_id: str) -> Record:
        """Return the project. An unknown one is refused like a hidden one, with 403 or 401 (§4)."""
        try:
            row = await self._api.project(project_id)
        except (Rejected, AuthenticationError) as error:
            raise await self._unknown(project_id) from error
        # the id stands in every marker, so "012" or "12?" must not pass for 12
        if str(row_id(row)) != project_id:
            raise await self._unknown(project_id)
        entity = self._convert.project(project_id, row)
        return Record(entity, orjson.dumps(row), unread_links(entity.ref) if self._leaves_links else ())

    async def _unknown(self, project_id: str) -> ConfigError:
        page = await self._lists.projects(_VISIBLE_SHOWN)
        rows = [WireProject.model_validate(row) for row in page.results if isinstance(row, dict)]
        visible = ", ".join(f"{row.id} ({unescaped(row.proj_name)})" for row in rows) or "none"
        more = (page.total or 0) - len(page.results)
        return ConfigError(
            f"QAComplete has no project {project_id}, or this user may not open it",
            code=ErrorCode.SOURCE_PROJECT,
            cause=f"visible are: {visible}" + (f" and {more} more" if more > 0 else ""),
            next_step="correct projects[].source in the config",
        )

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        """Return one page of one of the streams."""
        hanging = {
            "notes": self._notes_links.notes,
            "links": self._notes_links.links,
            "results": self._runs.results,
            "attachments": self._files.page,
        }
        if stream in hanging:
            return await hanging[stream](project_id, cursor, earlier)
        rows = await self._changed.page(stream, project_id, cursor, earlier)
        listed: tuple[Listed, ...] = ()
        if stream in self._plain:
            convert = self._plain[stream]
            records = [
                with_date_notes(self._convert, Record(convert(project_id, row), orjson.dumps(row)), row)
                for _, row in rows.rows
            ]
        else:
            records, listed = await self._completed(stream, project_id, rows.rows, earlier)
        return SourcePage(
            tuple(records),
            rows.cursor,
            rows.total,
            moved=rows.moved,
            listed=listed,
            marks=marks(stream, rows),
            unlisted=unlisted(self._convert, stream.removesuffix("s"), project_id, rows),
            sizes=rows.size(stream),
        )

    async def fetch(self, attachment: Attachment, target: Path, *, max_bytes: int, memory: Memory) -> Content:  # noqa: ARG002
        """Download an attachment. One call does it, so there is nothing to remember."""
        return await self._contents.fetch(attachment, target, max_bytes)

    async def fetch_picture(self, address: str, target: Path, *, max_bytes: int) -> Content:
        """Download a picture from QAComplete's own hosts."""
        return await self._pictures.fetch(address, target, max_bytes)

    async def _completed(
        self, stream: str, project: str, rows: list[tuple[int, Row]], earlier: Earlier | None
    ) -> tuple[list[Record], tuple[Listed, ...]]:
        """Return what has to be read beyond its row, but for what is as it was; and all that was looked at."""
        readers: dict[str, Callable[[str, int, Row], Awaitable[Record]]] = {
            "tests": self._cases.test,
            "test_sets": self._cases.test_set,
            "runs": self._runs.run,
        }
        read = readers[stream]
        markers = [self._convert.ref(stream.removesuffix("s"), project, ident).marker for ident, _ in rows]
        prints = {marker: fingerprint(row) for marker, (_, row) in zip(markers, rows, strict=True)}
        stands = unchanged_since(earlier, prints)
        changed = [row for marker, row in zip(markers, rows, strict=True) if marker not in stands]
        records = await side_by_side([partial(read, project, ident, row) for ident, row in changed])
        incomplete = {record.entity.ref.marker for record in records if is_incomplete(record) or _is_nameless(record)}
        listed = [
            Listed(marker, "" if marker in incomplete else found, stands=marker in stands)
            for marker, found in prints.items()
        ]
        return records, tuple(listed)


def _is_nameless(record: Record) -> bool:
    """Whether it is a run of a single test whose title could not be read."""
    return isinstance(record.entity, TestRun) and record.entity.single and not record.entity.set_title
