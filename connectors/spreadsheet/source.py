"""Spreadsheets as a source: the port of the engine on top of readings."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import orjson
from anyio.to_thread import run_sync

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.convert import Converter
from connectors.spreadsheet.files import copied, root_of
from connectors.spreadsheet.reading import ALL, CASES, RUNS, Known, Reading, files_of, known_tables, outer_ids, stamp_of
from connectors.spreadsheet.unread import TELLING
from migrator.core.errors import ContentTrouble
from migrator.core.model import AnyEntity, Attachment, Project, Result, TestCase
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.inspectable import Line, SeenProject
from migrator.core.ports.source import Abilities, Content, Earlier, ListSize, Memory, Record, SourcePage
from migrator.core.ports.traffic import Traffic

_LIST = "rows"
_PAGE = 100
_SAMPLE = 200
_NO_IDS = "it has no column with ids: a case goes by folder and title, and with another title it is another case"
_BLIND = "cells with an error, such as #N/A, are empty in this format; in an .xlsx file they are named"


class SpreadsheetSource:
    """Implements ``Source``, ``FileSource``, ``Inspectable`` and ``ProposesSettings``. A project is ``*`` or
    names of files."""

    def __init__(self, settings: SpreadsheetSettings) -> None:
        self._settings = settings
        self._under_way: dict[tuple[str, str, str | None], Reading] = {}

    @property
    def abilities(self) -> Abilities:
        """Cases in the order of their rows, then runs with their results."""
        return Abilities(streams=(CASES, RUNS), siblings_ordered=True, files=True, lists={"case": CASES})

    def waiting_for(self) -> str:
        """Say nothing: files do not keep anybody waiting."""
        return ""

    def traffic(self) -> Traffic:
        """Nobody is asked."""
        return Traffic()

    async def check(self) -> None:
        """Read the headers."""
        await self._tables(ALL)

    async def project(self, project_id: str) -> Record:
        """Return the files as a project, with notes on what is not as it should be in all of a table."""
        tables = await self._tables(project_id)
        ref = Converter(self._settings, outer_ids(project_id)).ref("project", project_id)
        notes = [
            Note(code=NoteCode.ROW_UNSURE, marker=ref.marker, field=one.table.name, message=message)
            for one in tables
            if (message := _shortcoming(one))
        ]
        raw = orjson.dumps({"tables": [one.table.name for one in tables]})
        return Record(Project(ref=ref, title=self._title(project_id)), raw, tuple(notes))

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        """Return the next cases or results. Everything is read each time: a file does not say which of its rows
        have changed."""
        del earlier
        return await run_sync(self._page, stream, project_id, cursor)

    def _page(self, stream: str, project: str, cursor: str | None) -> SourcePage:
        stamp = stamp_of(files_of(self._settings, project))
        done, _, before = (cursor or f"0@{stamp}").partition("@")
        reading = self._under_way.pop((stream, project, cursor), None)
        if reading is None or reading.stamp != stamp:
            reading = Reading(self._settings, project, stream)
            reading.take(int(done))
        records, is_last = reading.take(_PAGE)
        following = None if is_last else f"{reading.done}@{before}"
        if following:
            self._under_way[stream, project, following] = reading
        sizes = [ListSize(_LIST, name, count) for name, count in reading.by_table.items()] if is_last else []
        return SourcePage(tuple(records), following, None, moved=before != stamp, sizes=tuple(sizes))

    async def visible_projects(self) -> Sequence[SeenProject]:
        """Return one project of all files."""
        await self._tables(ALL)
        return [SeenProject(id=ALL, title=self._title(ALL))]

    async def proposed_settings(self) -> Mapping[str, Mapping[str, str]]:
        """Return the columns that were recognised, so that people can read and correct them; where tables differ,
        each goes by its own headers."""
        tables = await self._tables(ALL)
        proposed = {
            "columns": [one.layout.proposed() for one in tables if one.layout],
            "results": [dict(one.results.single) for one in tables if one.results],
        }
        return {key: found[0] for key, found in proposed.items() if found and all(one == found[0] for one in found)}

    async def counts(self, project_id: str) -> Mapping[str, int]:
        """Return how many cases and results the tables hold."""
        tables = await self._tables(project_id)
        cases = await run_sync(lambda: sum(_length(one.cases()) for one in tables))
        return {CASES: cases, RUNS: await run_sync(lambda: sum(_length(one.result_lines()) for one in tables))}

    async def sample(self, project_id: str) -> Sequence[AnyEntity]:
        """Return the first cases and results."""
        found = [await run_sync(Reading(self._settings, project_id, one).take, _SAMPLE) for one in (CASES, RUNS)]
        entities = [record.entity for records, _ in found for record in records]
        return [entity for entity in entities if isinstance(entity, TestCase | Result)]

    async def preflight(self, project_ids: Sequence[str]) -> AsyncIterator[Line]:
        """Yield a line for each table: what was recognised, and what is doubtful."""
        for project in project_ids:
            for one in await self._tables(project):
                layout = one.layout or one.results
                words = layout.words() if layout else "it is left out"
                if missing := _shortcoming(one):
                    yield Line(
                        subject=one.table.name,
                        state="warning",
                        text=f"{missing}. {words}",
                        next_step="name the columns in source.columns, or go on as it is",
                    )
                else:
                    yield Line(subject=one.table.name, state="ok", text=words)

    async def fetch(self, attachment: Attachment, target: Path, *, max_bytes: int, memory: Memory) -> Content:
        """Copy a file that a row names."""
        del memory
        return await run_sync(copied, root_of(self._settings.path), attachment.ref.ids[-1], target, max_bytes)

    async def fetch_picture(self, address: str, target: Path, *, max_bytes: int) -> Content:
        """Refuse: nothing is asked over a network."""
        del target, max_bytes
        raise ContentTrouble(f"{address} lies on a server, and this source has none", "foreign")

    async def _tables(self, project: str) -> list[Known]:
        return await run_sync(known_tables, self._settings, project)

    def _title(self, project: str) -> str:
        return self._settings.path.stem if project == ALL else project


def _length(rows: Iterator[object]) -> int:
    return sum(1 for _ in rows)


def _shortcoming(one: Known) -> str:
    """Return what a table lacks, for people; empty when it has a title and ids."""
    said = []
    if one.table.sheet and one.table.file.suffix.lower() not in TELLING and (one.layout or one.results):
        said.append(_BLIND)
    if one.layout and one.mixed:
        said.append(f"it has steps, so its rows are cases, and the results in {', '.join(one.mixed)} stay text")
    if not one.results and one.layout is None:
        said.append("no column of it is the title, so it is not read")
    if one.layout and "id" not in one.layout.single:
        said.append(_NO_IDS)
    return "; ".join(said)
