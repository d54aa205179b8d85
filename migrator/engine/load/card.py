"""The card of a load: a line in the comment of a folder, which tells others that somebody writes into the project.

QA Sphere has no locks, but everybody can read the comment of a folder and overwrite it, and of two who write at once
one is the last. So who finds no card writes his own, waits, and goes on if it still stands there (Fischer's algorithm).
He renews it for as long as his load lasts, and takes it away at the end. Who finds somebody else's waits: when it is
renewed, he stops; when nobody has renewed it for long, its writer is dead, and he takes its place.
"""

import html
import re
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import anyio

from migrator.core.base import digest_of
from migrator.core.errors import DestinationBusy, MigratorError
from migrator.core.events import Said
from migrator.core.ports.destination import Destination
from migrator.core.views import FolderView
from migrator.engine.context import Context
from migrator.engine.load.journaled_write import JournaledWrite
from migrator.engine.overheads import CARD_PAUSES, CARD_RENEWALS, WITH_CARD
from migrator.engine.plan.destination_snapshot import folder_paths

_TURNS = 3
_PATIENCE = 3.0
"""Seconds in which a last renewal ends, and then the card is taken away; one that stays is found by the next load."""
_ENDED = "<p>A migration has ended.</p>"
"""Where a comment cannot be emptied."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What a card says.

    Args:
        file: its writer's workspace.
        load: which of its loads.
        words: all of it.
    """

    file: str
    load: str
    words: str


@dataclass(frozen=True, slots=True)
class _Place:
    id: int
    path: tuple[str, ...]


class Card:
    """Lets one at a time write what a project of the source brings. One instance, one load."""

    def __init__(self, context: Context[Destination]) -> None:
        self._context = context
        self._destination = context.destination
        self._code = context.job.code
        self._stop = context.stop
        self._settle = context.job.settle_seconds
        self._epoch = context.store.epoch
        self._file = self._epoch.name
        self._load = secrets.token_hex(4)
        self._renewals = 0
        self._renewing = anyio.CancelScope()
        # writes that may take effect when the card was taken away already
        self._unanswered = 0
        self._since = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        self._what = digest_of([context.job.prefix, context.project])[:8]
        name = rf"\(card {self._what}-([0-9a-f]+)-([0-9a-f]+)-\d+\)"
        self._pattern = re.compile(rf"(?:<p>)?(A migration writes into this project[^<]*{name})(?:</p>)?")
        self._hooks = JournaledWrite(context.store.journal, "card").hooks([], lambda: None)
        self._looked = anyio.current_time()
        self._lost: MigratorError | None = None

    async def held(self, work: Callable[[], Awaitable[bool]]) -> bool:
        """Do the work while the card stands there, and return what it returns; False when stopped before.

        Raises ``DestinationBusy`` when somebody else's stands there, before or meanwhile. Where QA Sphere does not show
        comments, there is no card.
        """
        place = await self._place() if self._is_needed() else None
        if place is None or not await self._is_taken(place):
            return not self._stop.requested() and await work()
        try:
            return await self._watched(place, work)
        finally:
            await self._take_away(place)

    def _is_needed(self) -> bool:
        planned = self._context.store.journal.planned_counts(self._context.project)
        return self._epoch.leaves_card or any(one in planned for one in WITH_CARD)

    async def _place(self) -> _Place | None:
        """Return the oldest folder of the project that is ours: all who bring the same find the same one."""
        ours = {int(holding.entry.id) for holding in self._context.store.ledger.each(self._context.project, "folder")}
        folders = await self._destination.folders(self._code) if ours else []
        found = min((folder for folder in folders if folder.id in ours), key=lambda folder: folder.id, default=None)
        if found is None or found.comment is None:
            return None
        return _Place(found.id, folder_paths(folders)[found.id])

    # --- taking and leaving -------------------------------------------------------------------------------------------

    async def _is_taken(self, place: _Place) -> bool:
        """Put the card there; False when it does not stay, or after a stop."""
        for _ in range(_TURNS):
            folder = await self._when_free(place)
            if folder is None:
                return False
            await self._write(place, folder)
            # whoever read before this was written, and writes as slowly as this one, has written by then
            await self._stop.sleep(max(self._settle / CARD_PAUSES, 2 * (anyio.current_time() - self._looked)))
            if self._stop.requested():
                await self._take_away(place)
                return False
            line = self._line(await self._read(place))
            if line and not self._is_own(line):
                raise self._busy(line)
            if line:
                return True
        return False

    async def _when_free(self, place: _Place) -> FolderView | None:
        """Return the folder when nobody else's card stands there any more, or one that is dead; None after a stop."""
        seen: _Line | None = None
        since = anyio.current_time()
        while not self._stop.requested():
            folder = await self._read(place)
            line = self._line(folder)
            if line is None or line.file == self._file:
                return folder
            if seen is None or line.load != seen.load:
                seen, since = line, anyio.current_time()
                self._context.listener(Said(f"waiting up to {self._settle:.0f} s for whoever wrote: {line.words}"))
            elif line != seen:
                raise self._busy(line)
            elif anyio.current_time() - since > self._settle:
                return folder
            await self._stop.sleep(self._settle / CARD_PAUSES)
        return None

    async def _take_away(self, place: _Place) -> None:
        with suppress(MigratorError), anyio.move_on_after(_PATIENCE, shield=True):
            emptied: _Line | None = None
            for _ in range(_TURNS):
                folder = await self._read(place)
                line = self._line(folder)
                if folder is None or line is None or not self._is_own(line):
                    break
                # another line than before is a renewal that came late
                comment = self._pattern.sub("", folder.comment or "") or (_ENDED if line == emptied else "")
                await self._destination.comment_on_folder(self._code, place.path, comment, self._hooks)
                emptied = line
                if comment:
                    break
            if not self._unanswered:
                self._epoch.take_card()

    # --- while it stands there ----------------------------------------------------------------------------------------

    async def _watched(self, place: _Place, work: Callable[[], Awaitable[bool]]) -> bool:
        results: list[bool] = []
        failures: list[MigratorError] = []
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch, place)
            try:
                results.append(await work())
            except MigratorError as error:
                failures.append(error)
            finally:
                self._renewing.deadline = anyio.current_time() + _PATIENCE
            group.cancel_scope.cancel()
        for failure in [self._lost, *failures]:
            if failure:
                raise failure
        return results[0]

    async def _watch(self, place: _Place) -> None:
        """Renew the card, and stop the load when somebody else's has taken its place."""
        while self._lost is None:
            await anyio.sleep(self._settle / CARD_RENEWALS)
            slept = anyio.current_time() - self._looked
            with suppress(MigratorError):  # whoever writes has the same trouble
                folder = await self._read(place)
                line = self._line(folder)
                # a process that was held may find that another one has come and gone
                if (line and not self._is_own(line)) or (line is None and slept > self._settle * 2 / 3):
                    self._lost = self._busy(line)
                    self._stop.request()
                elif folder:
                    # one that is under way at the end comes before the card is taken away, not after it
                    self._renewing = anyio.CancelScope(shield=True)
                    with self._renewing:
                        await self._write(place, folder)

    # --- what it says -------------------------------------------------------------------------------------------------

    async def _read(self, place: _Place) -> FolderView | None:
        self._looked = anyio.current_time()
        return await self._destination.folder(self._code, place.id)

    async def _write(self, place: _Place, folder: FolderView) -> None:
        rest = self._pattern.sub("", folder.comment or "")
        host = html.escape(socket.gethostname(), quote=False)
        words = f"A migration writes into this project since {self._since} from {host} and removes this line at its end"
        line = f"<p>{words} (card {self._what}-{self._file}-{self._load}-{self._renewals})</p>"
        self._renewals += 1
        self._epoch.put_card()
        self._unanswered += 1
        await self._destination.comment_on_folder(self._code, place.path, rest + line, self._hooks)
        self._unanswered -= 1

    def _line(self, folder: FolderView | None) -> _Line | None:
        found = self._pattern.search(folder.comment or "") if folder else None
        return _Line(file=found[2], load=found[3], words=html.unescape(found[1])) if found else None

    def _is_own(self, line: _Line) -> bool:
        return (line.file, line.load) == (self._file, self._load)

    def _busy(self, line: _Line | None) -> DestinationBusy:
        words = f"the comment of its first folder says: {line.words}" if line else "this process was held meanwhile"
        return DestinationBusy(
            "somebody else migrates into this project",
            cause=f"at {time.strftime('%H:%M:%S')} {words}",
            next_step="find out who; when they have ended, run the same command again: it adopts what they have made",
        )
