"""Somebody else who brings the same items into the project: from a copy of this workspace, or as a second operator.

The workspace is not the newest truth. So what is newer than it knows is read before anything is written, and is
adopted; where it grows meanwhile, somebody is at work, and the later one stops. QA Sphere cannot be locked: what
two have in flight at the same time before one sees the other is there twice.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from migrator.core.errors import DestinationBusy, Rejected
from migrator.core.events import Said
from migrator.core.ports.destination import Destination
from migrator.core.records import Round
from migrator.core.refs import stated_marker
from migrator.core.views import CaseView
from migrator.engine.context import Context
from migrator.engine.overheads import CHECK_OTHERS_EVERY

_PAUSE = 3.0
_MOST_READ = 20
_State = tuple[frozenset[str], tuple[tuple[int, str], ...]]


class OtherWriters:
    """Knows what others have made of the items of one project. One instance, one load."""

    def __init__(self, context: Context[Destination], *, is_suspect: bool) -> None:
        """Begin with what the workspace knows.

        Args:
            context: The job at work.
            is_suspect: The workspace may be older than the truth, so it is asked twice whether somebody is at work.
        """
        self._context = context
        self._store = context.store
        self._destination = context.destination
        self._is_suspect = is_suspect
        self._known = max(
            context.store.ledger.highest_seq(context.project),
            context.store.snapshots.highest_seq(context.project, "plan"),
        )
        self.top = self._known
        """The highest number of a case that was seen."""
        self._asked = ""
        self._seen: frozenset[str] = frozenset()
        self._mine = 0
        self._pending: Sequence[str] = ()
        self._is_earlier = False

    async def refuse_if_at_work(self) -> None:
        """Raise ``DestinationBusy`` when somebody writes there now. Asks once, or twice of a suspect workspace."""
        planned = self._store.journal.planned_counts(self._context.project)
        makes_cases = ("case", "create") in planned
        if not makes_cases and not (self._is_suspect and {("run", "create"), ("result", "create")} & planned.keys()):
            return
        self._asked = since = time.strftime("%H:%M:%S")
        theirs = await self._theirs()
        if not theirs and not self._is_suspect:
            return
        self._seen = frozenset(case.id for case in theirs)
        before = await self._state(theirs)
        await self._context.stop.sleep(min(_PAUSE, self._context.job.settle_seconds))
        if self._context.stop.requested():
            return
        theirs = await self._theirs()
        if await self._state(theirs) != before:
            raise _busy(since, theirs)

    async def made(self) -> Sequence[CaseView]:
        """Return the cases with markers of ours that are newer than the workspace, oldest first.

        Raises ``DestinationBusy`` when some have come since it was asked whether somebody is at work.
        """
        theirs = await self._theirs()
        if any(case.id not in self._seen for case in theirs):
            raise _busy(self._asked, theirs)
        return theirs

    async def created(self, seq: int | None, count: int) -> Sequence[CaseView]:
        """Take note of a case that this load has created, the ``count``-th; search for others' now and then.

        Returns what others, who came later and will stop, have made meanwhile of what is planned here. Raises
        ``DestinationBusy`` when they came first.
        """
        self._mine = self._mine or seq or 0
        if count % CHECK_OTHERS_EVERY != 1:
            return ()
        rows = await self._destination.cases_above(self._context.job.code, self.top)
        self.top = max([self.top, *(row.seq or 0 for row in rows)])
        # what is not in the ledger may be under way from here, and is so no longer when it is read again
        unknown = self._unknown([row.id for row in rows])
        asked = unknown if count == 1 else self._unknown(self._pending)
        self._pending = () if count == 1 else unknown
        theirs = await self._ours_by_marker(asked)
        earlier = [case for case in theirs if not self._mine or case.seq < self._mine]
        if earlier:
            raise _busy(time.strftime("%H:%M:%S"), theirs, self._yield_to(theirs))
        if theirs and not self._is_earlier:
            self._is_earlier = True
            self._context.listener(
                Said(f"somebody else began to migrate into {self._context.job.code} after this; they should stop")
            )
        return theirs

    def _yield_to(self, theirs: Sequence[CaseView]) -> list[int]:
        """Let the ledger name their cases where both have made one, so that runs of theirs hold the same cases as ours
        and are adopted; return the numbers of ours, which are there for good."""
        markers = {marker: view for view in theirs for marker in view.markers}
        doubled: list[int] = []
        for marker, holding in self._store.ledger.holdings(list(markers)).items():
            entry = replace(holding.entry, id=markers[marker].id, seq=markers[marker].seq, is_based=False)
            self._store.ledger.put(self._context.project, replace(holding, entry=entry, base=None), unread=True)
            doubled.append(holding.entry.seq or 0)
        return doubled

    async def _theirs(self) -> Sequence[CaseView]:
        rows = await self._destination.cases_above(self._context.job.code, self._known)
        self.top = max([self.top, *(row.seq or 0 for row in rows)])
        unknown = self._unknown([row.id for row in rows])
        if len(unknown) <= _MOST_READ:
            return await self._ours_by_marker(unknown)
        found: list[CaseView] = []
        cursor: str | None = None
        while unknown:
            page = await self._destination.cases(self._context.job.code, cursor, whole=False, newest_first=True)
            found += [view for view in page.cases if view.id in unknown and self._is_theirs(view)]
            cursor = page.next_cursor
            if cursor is None or any(view.seq <= self._known for view in page.cases):
                break
        return sorted(found, key=lambda view: view.seq)

    def _unknown(self, ids: Sequence[str]) -> Sequence[str]:
        return self._store.ledger.unknown_ids(self._context.project, "case", ids)

    async def _ours_by_marker(self, ids: Sequence[str]) -> list[CaseView]:
        """Return those of the cases that carry the marker of an item which was not sent from here, oldest first.

        A case that carries the marker of an older one is a copy that a colleague has made.
        """
        found: list[CaseView] = []
        for ident in ids[:_MOST_READ]:
            try:
                view = await self._destination.case(self._context.job.code, ident)
            except Rejected:
                continue  # deleted meanwhile
            if self._is_theirs(view):
                found.append(view)
        return sorted(found, key=lambda view: view.seq)

    def _is_theirs(self, view: CaseView) -> bool:
        return any(self._is_of_other(marker, view) for marker in view.markers)

    def _is_of_other(self, marker: str, view: CaseView) -> bool:
        if not marker.startswith(self._context.job.prefix):
            return False
        entry = self._store.ledger.entries([marker]).get(marker)
        if entry:
            return entry.seq is not None and view.seq < entry.seq
        states = self._store.journal.operation_states([marker], "create")
        return marker not in states or states[marker][0] not in ("sending", "unknown")

    async def _state(self, theirs: Sequence[CaseView]) -> _State:
        """Return what grows while somebody is at work: their cases, and our runs with their results."""
        runs = await self._destination.history.runs(self._context.job.code)
        ours = [run for run in runs if stated_marker(run.description or "").startswith(self._context.job.prefix)]
        counts = tuple((run.id, str(sorted((run.counts or {}).items()))) for run in ours)
        return frozenset(case.id for case in theirs), tuple(sorted(counts))


def is_suspect(context: Context[Destination], current: Round) -> bool:
    """Return whether somebody else may be at work: the workspace is a copy, or has found cases that it had not made."""
    return context.store.epoch.is_copy or context.store.journal.has_adopted(current.id)


def _busy(since: str, theirs: Sequence[CaseView], doubled: Sequence[int] = ()) -> DestinationBusy:
    seen = "runs and results grow"
    if theirs:
        seen = f"cases {theirs[0].seq} to {theirs[-1].seq} carry markers that this workspace did not send"
    if doubled:
        seen += f"; made here as well, and there for good: {', '.join(map(str, doubled))}"
    return DestinationBusy(
        "somebody else migrates into this project",
        cause=f"since {since} or before: {seen}",
        next_step="find out who; when they have ended, run the same command again: it adopts what they have made",
    )
