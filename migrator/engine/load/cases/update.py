"""Load: change cases that changed at the source. Each is read, merged, patched and read back; nobody's edit is lost."""

import time
from collections.abc import Sequence
from typing import cast

from migrator.core.drafts import CaseDraft
from migrator.core.errors import BooksDoNotBalance, CallError, OutcomeUnknown
from migrator.core.ports.destination import Destination
from migrator.core.records import Base, Fate, Holding, Operation
from migrator.core.views import Created
from migrator.engine.context import Context
from migrator.engine.load.journaled_write import reach
from migrator.engine.load.loader import RepeatableLoader
from migrator.engine.load.queue import in_order
from migrator.engine.plan.cases.compare import rebased
from migrator.engine.plan.cases.conflicts import conflict_words, policy_notes, resolved
from migrator.engine.plan.cases.merge import merge, merged_lists, patch_of
from migrator.engine.references import Addresses

_GONE = 404
_ATTEMPTS = 4


class CaseUpdater(RepeatableLoader):
    """Updates the cases of one project: reading a case tells whether a lost update took effect."""

    kind = "case"
    verb = "update"
    phase = "update"

    def __init__(self, context: Context[Destination], addresses: Addresses) -> None:
        super().__init__(context, in_order(context.store.journal, context.project, "case", "update"))
        self._addresses = addresses
        self._ledger = context.store.ledger

    async def send(self, operations: Sequence[Operation]) -> None:
        """Update one case. When the answer is lost, what the case holds then says whether it took effect."""
        (operation,) = operations
        holding = self._ledger.holdings([operation.marker])[operation.marker]
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._try(operation, holding, sent_before=attempt > 1 or operation.alive_at > 0)
                break
            except OutcomeUnknown as error:
                self.journal.in_doubt(operation, time.time(), str(error))
                if attempt == _ATTEMPTS:
                    self.say(operation, "unknown", str(error))
                    break
                self.journal.planned_again(operation)
        self.ended(operations)

    async def _try(self, operation: Operation, holding: Holding, *, sent_before: bool) -> None:
        before, now = cast(CaseDraft, holding.draft), self._addresses.attainable(cast(CaseDraft, operation.draft))
        base = _base_of(holding)
        view = await self.destination.case(self.code, holding.entry.id)
        decision = resolved(merge(before, now, base, view), self.context.job.conflicts)
        if decision.conflicts:
            self.journal.given_up(operation, "conflict", conflict_words(view.seq, decision.conflicts))
            return
        if decision.send or decision.kept:
            # on disk before the value that loses is gone
            self.journal.announce(self.project, operation.marker, policy_notes(operation.marker, decision, view))
        writes, seen = bool(decision.send or decision.renewed), view
        if writes:
            stored = self._addresses.stored(now)
            patch = patch_of(decision, before, self._addresses.sendable(now), view, stored)
            await self.destination.update_case(self.code, holding.entry.id, patch, self.writes.hooks([operation]))
            reach("answered")
            view = await self.destination.case(self.code, holding.entry.id)
        fate: Fate = "updated" if writes or sent_before else "unchanged"
        if operation.need == "migrated":
            fate = "migrated"  # made in this very run, and finished by this update
        accepted = [difference.field for difference in decision.kept] + merged_lists(decision, before, now, seen, view)
        base = rebased(base, view, (*decision.send, *decision.agreed), accepted=accepted)
        with self.writes.recorded(answered=False):
            self.journal.confirm(operation.marker)
            created = Created(holding.entry.id, holding.entry.seq)
            self.journal.done(operation, created, fate, base, written=now)
            self.context.store.files.put_names({file.marker: file.name for file in now.files})
        self.breaker.succeeded()

    async def refused(self, operations: Sequence[Operation], error: CallError) -> None:
        """Record what became of a case that cannot be read or changed."""
        (operation,) = operations
        self.journal.announce(self.project, operation.marker, ())
        if error.status == _GONE:
            seq = self._ledger.entries([operation.marker])[operation.marker].seq
            self.journal.given_up(operation, "gone", f"case {seq} was deleted in QA Sphere")
            self.ended(operations)
        else:
            self.fail(operations, error)


def _base_of(holding: Holding) -> Base:
    if holding.base is None:
        raise BooksDoNotBalance(f"{holding.entry.marker} was about to be updated although it has no base")
    return holding.base
