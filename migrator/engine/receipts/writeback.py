"""Writeback: receipts on everything that moved, several owners at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import anyio

from migrator.core.errors import MigratorError
from migrator.core.events import ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.receipt_records import Moved
from migrator.core.refs import Ref
from migrator.engine.load.workers import Breaker
from migrator.engine.receipts.send import PendingReceipt, ReceiptPages, ReceiptSender
from migrator.engine.stop import Stop
from state.sent.receipts import ReceiptBook

_PHASE = "writeback"
_CHUNK = 500


@dataclass(slots=True)
class _Run:
    """One project on its way. ``doubts``: owners whose receipts are in doubt."""

    project: str
    pages: ReceiptPages
    total: int
    done: int = 0
    doubts: list[Ref] = field(default_factory=list)


class Writeback:
    """Leaves the receipts of one project after the other, through ``sender``."""

    def __init__(
        self, target: ReceiptTarget, book: ReceiptBook, sender: ReceiptSender, listener: Listener, stop: Stop
    ) -> None:
        self._target = target
        self._book = book
        self._sender = sender
        self._listener = listener
        self._stop = stop
        self._breaker = Breaker("migrator writeback")

    async def project(self, project: str, level: str, pages: ReceiptPages) -> None:
        """Leave the receipts of a project. Ends early when that is asked for; raises when one cause fails them all."""
        self._assign(project, level)
        run = _Run(project, pages, self._book.count(project))
        self._listener(PhaseStarted(_PHASE, project, run.total))
        # doubts are resolved last: while they wait, everything else goes on
        await self._side_by_side(run, self._book.owners(project), waits=False)
        doubts, run.doubts = run.doubts, []
        await self._side_by_side(run, doubts, waits=True)
        self._listener(PhaseEnded(_PHASE, project, run.done))

    def _assign(self, project: str, level: str) -> None:
        """Find out what the receipt of each item hangs on."""
        self._book.forget_owners(project)
        tally = self._sender.tally
        owned: list[tuple[Ref, Moved]] = []
        for item in self._book.moved(project):
            owner = self._target.owner(item.ref, level)
            if owner is None:
                tally.nowhere += 1
                continue
            tally.items += 1
            owned.append((owner, item))
            if len(owned) == _CHUNK:
                self._book.assign(project, owned)
                owned = []
        self._book.assign(project, owned)

    async def _side_by_side(self, run: _Run, owners: Iterable[Ref], *, waits: bool) -> None:
        failures: list[MigratorError] = []
        waiting = iter(owners)

        async def work() -> None:
            for owner in waiting:
                if self._stop.requested():
                    return
                try:
                    await self._one(run, owner, waits=waits)
                except MigratorError as error:
                    failures.append(error)
                    group.cancel_scope.cancel()
                    return

        async with anyio.create_task_group() as group:
            for _ in range(self._target.at_once):
                group.start_soon(work)
        if failures:
            raise failures[0]

    async def _one(self, run: _Run, owner: Ref, *, waits: bool) -> None:
        items = self._book.items(run.project, owner)
        html = partial(run.pages.html, owner, items)
        pending = PendingReceipt(owner, run.pages.name(owner, items), html, waits=waits)
        await self._sender.send(pending)
        self._count(pending)
        if pending.put_off:
            run.doubts.append(owner)
            return
        run.done += 1
        self._listener(Progressed(_PHASE, run.project, run.done, run.total, self._target.waiting_for()))

    def _count(self, pending: PendingReceipt) -> None:
        """Tell what went wrong; ``StreamStopped`` when the same goes wrong again and again."""
        trouble = pending.trouble
        if trouble:
            self._listener(ItemFailed("receipt", trouble.marker, trouble.name, trouble.state, trouble.cause))
        causes = [*pending.retried, *([trouble.cause] if trouble else [])]
        for cause in causes:
            if stopped := self._breaker.failed(cause):
                raise stopped
        if pending.sends and not causes:
            self._breaker.succeeded()
