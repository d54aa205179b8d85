"""One receipt on one owner, once, whatever happens on the way.

The owner's files are listed before anything is sent, and the intent is on disk before bytes leave. A receipt whose
answer was lost, or that a dead process was sending, is looked up twice, the second time ``settle_seconds`` after it
was last alive, before it is sent again.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import anyio

from migrator.core.errors import CallError, OutcomeUnknown, TemporaryError
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.receipt_records import Moved, Receipt, ReceiptState
from migrator.core.refs import PREFIX, Ref
from migrator.engine.load.journaled_write import reach
from migrator.engine.stop import Stop
from state.sent.receipts import ReceiptBook

_SENDS = 3


@dataclass(frozen=True, slots=True)
class ReceiptPages:
    """How receipts are named and written: ``name`` says by its name what it holds; ``html`` gets the names of the
    receipts that hang there already."""

    name: Callable[[Ref, Sequence[Moved]], str]
    html: Callable[[Ref, Sequence[Moved], Sequence[str]], bytes]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A receipt that is not there (``state`` ``failed``), or that may be (``unknown``)."""

    marker: str
    name: str
    state: str
    cause: str


@dataclass(slots=True)
class Tally:
    """What came of it.

    Args:
        counts: ``written``, ``found`` (there, and not sent from here), ``kept`` (known to hang there), ``to_write``
            (only without writing), ``failed``, ``unknown``.
        items: receipts tell of so many.
        nowhere: so many have nothing that takes files.
        beside: receipts beside earlier ones that say something else.
    """

    counts: Counter[str] = field(default_factory=Counter)
    items: int = 0
    nowhere: int = 0
    beside: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(slots=True)
class PendingReceipt:
    """A receipt on its way.

    Args:
        unanswered: what was sent without an answer: it may hang there, now or in a minute.
        waits: it stays until that is known; otherwise ``put_off`` says that somebody has to come back.
        trouble: how it ended, if badly.
    """

    owner: Ref
    name: str
    html: Callable[[Sequence[str]], bytes]
    waits: bool = False
    unanswered: Receipt | None = field(default=None, init=False)
    sends: int = field(default=0, init=False)
    put_off: bool = field(default=False, init=False)
    trouble: Trouble | None = field(default=None, init=False)
    retried: list[str] = field(default_factory=list, init=False)


@dataclass(frozen=True, slots=True)
class SendTerms:
    """How receipts are sent.

    Args:
        settle_seconds: how long a lost request may still take effect.
        now: in epoch seconds.
        dry_run: nothing is sent or recorded.
    """

    settle_seconds: float
    now: Callable[[], float]
    dry_run: bool


class ReceiptSender:
    """Sends single receipts. ``folder``: where pages lie on their way."""

    def __init__(self, target: ReceiptTarget, book: ReceiptBook, folder: Path, terms: SendTerms, stop: Stop) -> None:
        self._target = target
        self._book = book
        self._folder = folder
        self._settle_seconds = terms.settle_seconds
        self._now = terms.now
        self._stop = stop
        self._dry_run = terms.dry_run
        # since when each lost answer was known here, by a clock that nobody can set
        self._since: dict[tuple[str, str], float] = {}
        self.tally = Tally()

    async def send(self, pending: PendingReceipt) -> None:
        """Bring one receipt to its end, as far as a wished stop allows."""
        receipts = self._book.receipts(pending.owner.marker)
        known = next((one for one in receipts if one.name == pending.name), None)
        if known and known.state == "done":
            self.tally.counts["kept"] += 1
            return
        pending.unanswered = known if known and known.state == "sending" else None
        while await self._step(pending):
            pass

    async def _step(self, pending: PendingReceipt) -> bool:
        """List what hangs there, and send what certainly does not; return whether there is more to do."""
        try:
            listed = await self._target.names(pending.owner)
        except CallError as error:
            self._end(pending, str(error), in_doubt=pending.unanswered is not None)
            return False
        if pending.name in listed:
            self._end_well(pending, "written" if pending.unanswered else "found")
            return False
        if self._dry_run:
            self.tally.counts["to_write"] += 1
            self._note_earlier(pending, listed)
            return False
        lost = pending.unanswered
        # looked up twice in vain, it does not hang there and will not
        if lost and (lost.lookups == 0 or self._left(pending) > 0):
            return await self._not_found(pending, lost)
        return not self._stop.requested() and await self._sent(pending, listed)

    async def _not_found(self, pending: PendingReceipt, lost: Receipt) -> bool:
        pending.unanswered = replace(lost, lookups=lost.lookups + 1)
        self._book.put(pending.unanswered)
        if not pending.waits:
            pending.put_off = True
            return False
        await self._stop.sleep(self._left(pending))
        return not self._stop.requested()

    def _left(self, pending: PendingReceipt) -> float:
        """Return for how long its request may still take effect; what an earlier process has sent begins anew."""
        now = anyio.current_time()
        return self._since.setdefault((pending.owner.marker, pending.name), now) + self._settle_seconds - now

    async def _sent(self, pending: PendingReceipt, listed: Collection[str]) -> bool:
        """Send it; return True when its answer was lost."""
        if pending.sends == _SENDS:
            cause = pending.unanswered.cause if pending.unanswered else ""
            self._end(pending, f"sent {_SENDS} times, and it never came to hang there: {cause}", in_doubt=False)
            return False
        pending.sends += 1
        try:
            await self._send(pending, listed)
        except (OutcomeUnknown, TemporaryError) as error:
            pending.unanswered = self._put(pending, "sending", str(error))
            self._since[pending.owner.marker, pending.name] = anyio.current_time()
            pending.retried.append(str(error))
            return True
        except CallError as error:
            self._end(pending, str(error), in_doubt=False)
        else:
            self._note_earlier(pending, listed)
            self._end_well(pending, "written")
        return False

    async def _send(self, pending: PendingReceipt, listed: Collection[str]) -> None:
        key = sha256(f"{pending.owner.marker} {pending.name}".encode()).hexdigest()
        file = self._folder / f"receipt-{key[:32]}"
        file.write_bytes(pending.html(_earlier(listed)))
        try:
            reach("receipt_listed")
            self._put(pending, "sending")
            reach("receipt_intent")
            memory = self._book.memory(pending.owner.marker, pending.name)
            await self._target.put(pending.owner, pending.name, file, memory)
            reach("receipt_answered")
        finally:
            file.unlink(missing_ok=True)

    # --- how it ends --------------------------------------------------------------------------------------------------

    def _end_well(self, pending: PendingReceipt, how: str) -> None:
        self.tally.counts[how] += 1
        if not self._dry_run:
            self._put(pending, "done")

    def _end(self, pending: PendingReceipt, cause: str, *, in_doubt: bool) -> None:
        """Name a receipt that is not there. One in doubt stays in doubt, whatever else went wrong."""
        pending.trouble = Trouble(pending.owner.marker, pending.name, "unknown" if in_doubt else "failed", cause)
        self.tally.counts[pending.trouble.state] += 1
        self.tally.troubles.append(pending.trouble)
        if not self._dry_run and not in_doubt:
            self._put(pending, "failed", cause)

    def _put(self, pending: PendingReceipt, state: ReceiptState, cause: str = "") -> Receipt:
        receipt = Receipt(pending.owner.marker, pending.name, state, self._now(), cause=cause)
        self._book.put(receipt)
        return receipt

    def _note_earlier(self, pending: PendingReceipt, listed: Collection[str]) -> None:
        if _earlier(listed):
            self.tally.beside.append((pending.owner.marker, pending.name))


def _earlier(listed: Collection[str]) -> Sequence[str]:
    return sorted(name for name in listed if name.lower().startswith(PREFIX))
