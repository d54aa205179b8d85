"""Extract: read every stream of a source to its end, with a checkpoint per page."""

from functools import partial

import anyio

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import TemporaryError
from migrator.core.events import Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Abilities, Source, SourcePage
from migrator.core.records import Round
from migrator.core.side_by_side import side_by_side
from migrator.engine.stop import Stop
from state.extracted.archive import Archive

_PROJECT_STREAM = "project"
_SWEEPS = 2
_MOST_ALIKE = 5


async def extract(source: Source, archive: Archive, current: Round, *, listener: Listener, stop: Stop) -> bool:
    """Read what is not read yet; return False when a stop was requested on the way.

    Raises what the source raises; what was stored until then is not read again.
    """
    listener(PhaseStarted("extract", current.project))
    if not archive.stream_state(current, _PROJECT_STREAM).done:
        record = await source.project(current.project)
        archive.store_page(current, _PROJECT_STREAM, SourcePage((record,), None, 1))
        archive.finish_stream(current, _PROJECT_STREAM)
    reader = _StreamReader(source, archive, current, listener, stop)
    at_once = anyio.Semaphore(source.abilities.streams_at_once)

    async def read(stream: str) -> bool:
        async with at_once:
            return await reader.read(stream)

    if not all(await side_by_side([partial(read, stream) for stream in source.abilities.streams])):
        return False
    _keep_unasked(source.abilities, archive, current)
    listener(PhaseEnded("extract", current.project, archive.count(current)))
    return True


def _keep_unasked(abilities: Abilities, archive: Archive, current: Round) -> None:
    """Keep what earlier rounds have read of what this one was not to read: nobody knows that it was deleted."""
    marker = archive.project_marker(current)
    for stream in abilities.skipped:
        archive.carry_unasked(current, stream)
        listed = stream.replace("_", " ")
        message = f"source.skip leaves out the {listed} and what hangs on them; what an earlier round has read stays"
        note = Note(code=NoteCode.KIND_SKIPPED, marker=marker, field=stream, message=message)
        archive.put_stream_notes(current, stream, [note])
    for stream, owners in abilities.unasked.items():
        for owner in owners:
            archive.carry_unasked(current, stream, owner)


class _StreamReader:
    """Reads streams, and once more what moved while it was read."""

    def __init__(self, source: Source, archive: Archive, current: Round, listener: Listener, stop: Stop) -> None:
        self._source = source
        self._archive = archive
        self._round = current
        self._listener = listener
        self._stop = stop

    async def read(self, stream: str) -> bool:
        """Return False when a stop was requested before the end."""
        state = self._archive.stream_state(self._round, stream)
        if state.done:
            return True
        cursor: str | None = state.cursor
        moved = True
        # offset paging over a live database skips or repeats rows (qacomplete-api.md §3.2): one more sweep then
        for _ in range(state.sweep, _SWEEPS + 1):
            swept = await self._sweep(stream, cursor)
            if swept is None:
                return False
            if not (moved := swept):
                break
            self._archive.start_second_sweep(self._round, stream)
            cursor = None
        self._archive.put_stream_notes(self._round, stream, [self._moved_note(stream)] if moved else [])
        for branches in self._source.abilities.left_out.values():
            self._archive.carry_left_out(self._round, stream, branches)
        self._archive.finish_stream(self._round, stream, moved=moved)
        return True

    async def _sweep(self, stream: str, cursor: str | None) -> bool | None:
        """Read to the end; return whether the list moved meanwhile, None when a stop was requested.

        Raises what the source raises, and ``TemporaryError`` when it gives the same page or cursor again and again.
        """
        earlier = self._archive.earlier(self._round, stream)
        moved = False
        before: list[str] = []
        alike = again = 0
        met = {cursor}
        while not self._stop.requested():
            page = await self._source.page(stream, self._round.project, cursor, earlier)
            self._archive.store_page(self._round, stream, page)
            markers = [record.entity.ref.marker for record in page.records]
            alike = alike + 1 if markers and markers == before else 0
            if alike >= _MOST_ALIKE:
                raise _stuck(stream)
            before = markers
            seen, total = self._archive.distinct_in_sweep(self._round, stream)
            self._listener(
                Progressed(f"extract {stream}", self._round.project, seen, total, self._source.waiting_for())
            )
            moved = moved or page.moved
            cursor = page.next_cursor
            again = again + 1 if cursor in met else 0
            met.add(cursor)
            if cursor and again >= _MOST_ALIKE:
                raise _in_a_circle(self._archive.project_marker(self._round), stream)
            if cursor is None:
                return moved or (total is not None and seen != total)
        return None

    def _moved_note(self, stream: str) -> Note:
        seen, total = self._archive.distinct_in_sweep(self._round, stream)
        return Note(
            code=NoteCode.LIST_MOVED,
            marker=self._archive.project_marker(self._round),
            field=stream,
            original=f"{seen} read" if total is None else f"{seen} of {total}",
            message=f"the list of {stream} kept changing while it was read; run again when nobody edits",
        )


def _stuck(stream: str) -> TemporaryError:
    return TemporaryError(
        f"the source gives the same page of the {stream} again and again",
        code=ErrorCode.ANSWER_UNREADABLE,
        cause="it does not see which page it is asked for, and does not say how many items there are",
        next_step="look whether something between drops the query of requests, such as a proxy; then run again",
    )


def _in_a_circle(project: str, stream: str) -> TemporaryError:
    """``project``: its marker."""
    connector = project.partition("@")[0]
    return TemporaryError(
        f"the connector {connector} names the same cursor of the stream {stream} again and again",
        code=ErrorCode.ANSWER_UNREADABLE,
        cause="a page leads to itself, or back to one before it, so that the list has no end",
        next_step=f"correct or update {connector}: next_cursor is None behind the last page",
    )
