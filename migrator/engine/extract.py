"""Extract: read every stream of a source to its end, with a checkpoint per page."""

from migrator.core.events import Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Source, SourcePage
from migrator.core.records import Round
from migrator.engine.stop import Stop
from state.archive import Archive

_PROJECT_STREAM = "project"
_SWEEPS = 2


async def extract(source: Source, archive: Archive, current: Round, *, listener: Listener, stop: Stop) -> bool:
    """Read what is not read yet; return False when a stop was requested on the way.

    Raises what the source raises; what was stored until then is not read again.
    """
    listener(PhaseStarted("extract", current.project))
    if not archive.stream_state(current, _PROJECT_STREAM).done:
        record = await source.project(current.project)
        archive.store_page(current, _PROJECT_STREAM, SourcePage((record,), None, 1))
        archive.finish_stream(current, _PROJECT_STREAM)
    for stream in source.abilities.streams:
        reader = _StreamReader(source, archive, current, stream, listener, stop)
        if not await reader.read():
            return False
    listener(PhaseEnded("extract", current.project, archive.count(current)))
    return True


class _StreamReader:
    """Reads one stream, and once more when it moved while it was read."""

    def __init__(
        self, source: Source, archive: Archive, current: Round, stream: str, listener: Listener, stop: Stop
    ) -> None:
        self._source = source
        self._archive = archive
        self._round = current
        self._stream = stream
        self._listener = listener
        self._stop = stop
        self._earlier = archive.earlier(current, stream)
        self._moved = False

    async def read(self) -> bool:
        """Return False when a stop was requested before the end."""
        state = self._archive.stream_state(self._round, self._stream)
        if state.done:
            return True
        cursor, moved = state.cursor, True
        # offset paging over a live database skips or repeats rows (qacomplete-api.md §3.2): one more sweep then
        for _ in range(state.sweep, _SWEEPS + 1):
            if not await self._sweep(cursor):
                return False
            moved = self._moved or not self._is_complete()
            if not moved:
                break
            self._archive.start_second_sweep(self._round, self._stream)
            cursor = None
        self._archive.put_stream_notes(self._round, self._stream, [self._moved_note()] if moved else [])
        self._archive.finish_stream(self._round, self._stream, moved=moved)
        return True

    async def _sweep(self, cursor: str | None) -> bool:
        """Read to the end, or until the list is seen to move; return False when a stop was requested."""
        self._moved = False
        while not self._stop.requested():
            page = await self._source.page(self._stream, self._round.project, cursor, self._earlier)
            self._archive.store_page(self._round, self._stream, page)
            seen, total = self._archive.distinct_in_sweep(self._round, self._stream)
            self._listener(
                Progressed(f"extract {self._stream}", self._round.project, seen, total, self._source.waiting_for())
            )
            self._moved = self._moved or page.moved
            cursor = page.next_cursor
            if cursor is None:
                return True
        return False

    def _is_complete(self) -> bool:
        seen, total = self._archive.distinct_in_sweep(self._round, self._stream)
        return total is None or seen == total

    def _moved_note(self) -> Note:
        seen, total = self._archive.distinct_in_sweep(self._round, self._stream)
        return Note(
            code=NoteCode.LIST_MOVED,
            marker=self._archive.project_marker(self._round),
            field=self._stream,
            original=f"{seen} of {total}",
            message=f"the list of {self._stream} kept changing while it was read; run again when nobody edits",
        )
