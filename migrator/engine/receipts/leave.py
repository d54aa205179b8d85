"""One receipt on one owner, once, whatever happens on the way.

The owner's files are listed before anything is sent, and the intent is on disk before bytes leave. A receipt whose
answer was lost, or that a dead process was sending, is looked for twice, the second time ``settle_seconds`` after it
was last alive, before it is sent again.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from migrator.core.errors import CallError, OutcomeUnknown, TemporaryError
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.records import Moved, Receipt, ReceiptState
from migrator.core.refs import PREFIX, Ref
from migrator.engine.crash import reach
from migrator.engine.stop import Stop
from state.receipts import ReceiptBook

_SENDS = 3


@dataclass(frozen=True, slots=True)
class Pages:
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

    ``counts``: ``written``, ``found`` (there, and not sent from here), ``kept`` (known to hang there), ``to_write``
    (only without writing), ``failed``, ``unknown``. ``items``: receipts tell of so many; ``nowhere``: so many have
    nothing that takes files. ``beside``: receipts beside earlier ones that say something else.
    """

    counts: Counter[str] = field(default_factory=Counter)
    items: int = 0
    nowhere: int = 0
    beside: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(slots=True)
class PendingReceipt:
    """A receipt on its way. ``doubt``: it may hang there, now or in a minute. ``patient``: its doubt is to be settled
    now; otherwise ``put_off`` says that somebody has to come back. ``trouble``: how it ended, if badly."""

    owner: Ref
    items: Sequence[Moved]
    name: str
    html: Callable[[Sequence[str]], bytes]
    doubt: Receipt | None = None
    sends: int = 0
    patient: bool = False
    put_off: bool = False
    trouble: Trouble | None = None
    retried: list[str] = field(default_factory=list)


class ReceiptSender:
    """Leaves single receipts. ``folder``: where pages lie on their way. ``dry``: only looks. ``now`` in epoch
    seconds."""

    def __init__(
        self,
        target: ReceiptTarget,
        book: ReceiptBook,
        folder: Path,
        *,
        settle_seconds: float,
        now: Callable[[], float],
        stop: Stop,
        dry: bool,
    ) -> None:
        self._target = target
        self._book = book
        self._folder = folder
        self._settle_seconds = settle_seconds
        self._now = now
        self._stop = stop
        self._dry = dry
        self.tally = Tally()

    async def leave(self, leaving: PendingReceipt) -> None:
        """Bring one receipt to its end, as far as patience and a wished stop allow."""
        receipts = self._book.receipts(leaving.owner.marker)
        known = next((one for one in receipts if one.name == leaving.name), None)
        if known and known.state == "done":
            self.tally.counts["kept"] += 1
            return
        leaving.doubt = known if known and known.state == "sending" else None
        while await self._step(leaving):
            pass

    async def _step(self, leaving: PendingReceipt) -> bool:
        """Look, and send what is certainly not there; return whether there is more to do."""
        try:
            listed = await self._target.names(leaving.owner)
        except CallError as error:
            self._end(leaving, str(error), in_doubt=leaving.doubt is not None)
            return False
        if leaving.name in listed:
            self._hangs(leaving, "written" if leaving.doubt else "found")
            return False
        if self._dry:
            self.tally.counts["to_write"] += 1
            self._note_earlier(leaving, listed)
            return False
        if leaving.doubt and not self._is_settled(leaving.doubt):
            return await self._looked_in_vain(leaving, leaving.doubt)
        return not self._stop.requested() and await self._sent(leaving, listed)

    def _is_settled(self, doubt: Receipt) -> bool:
        """Whether it is sure, with the look that has just been in vain, that it does not hang there and will not."""
        return doubt.lookups > 0 and self._now() >= doubt.alive_at + self._settle_seconds

    async def _looked_in_vain(self, leaving: PendingReceipt, doubt: Receipt) -> bool:
        leaving.doubt = replace(doubt, lookups=doubt.lookups + 1)
        self._book.put(leaving.doubt)
        if not leaving.patient:
            leaving.put_off = True
            return False
        await self._stop.sleep(doubt.alive_at + self._settle_seconds - self._now())
        return not self._stop.requested()

    async def _sent(self, leaving: PendingReceipt, listed: Collection[str]) -> bool:
        """Send it; return True when the answer leaves a doubt."""
        if leaving.sends == _SENDS:
            cause = leaving.doubt.cause if leaving.doubt else ""
            self._end(leaving, f"sent {_SENDS} times, and it never came to hang there: {cause}", in_doubt=False)
            return False
        leaving.sends += 1
        try:
            await self._send(leaving, listed)
        except (OutcomeUnknown, TemporaryError) as error:
            leaving.doubt = self._put(leaving, "sending", str(error))
            leaving.retried.append(str(error))
            return True
        except CallError as error:
            self._end(leaving, str(error), in_doubt=False)
        else:
            self._note_earlier(leaving, listed)
            self._hangs(leaving, "written")
        return False

    async def _send(self, leaving: PendingReceipt, listed: Collection[str]) -> None:
        key = sha256(f"{leaving.owner.marker} {leaving.name}".encode()).hexdigest()
        file = self._folder / f"receipt-{key[:32]}"
        file.write_bytes(leaving.html(_earlier(listed)))
        try:
            reach("receipt_listed")
            self._put(leaving, "sending")
            reach("receipt_intent")
            memory = self._book.memory(leaving.owner.marker, leaving.name)
            await self._target.put(leaving.owner, leaving.name, file, memory)
            reach("receipt_answered")
        finally:
            file.unlink(missing_ok=True)

    # --- how it ends --------------------------------------------------------------------------------------------------

    def _hangs(self, leaving: PendingReceipt, how: str) -> None:
        self.tally.counts[how] += 1
        if not self._dry:
            self._put(leaving, "done")

    def _end(self, leaving: PendingReceipt, cause: str, *, in_doubt: bool) -> None:
        """Name a receipt that is not there. One in doubt stays in doubt, whatever else went wrong."""
        leaving.trouble = Trouble(leaving.owner.marker, leaving.name, "unknown" if in_doubt else "failed", cause)
        self.tally.counts[leaving.trouble.state] += 1
        self.tally.troubles.append(leaving.trouble)
        if not self._dry and not in_doubt:
            self._put(leaving, "failed", cause)

    def _put(self, leaving: PendingReceipt, state: ReceiptState, cause: str = "") -> Receipt:
        receipt = Receipt(leaving.owner.marker, leaving.name, state, self._now(), cause=cause)
        self._book.put(receipt)
        return receipt

    def _note_earlier(self, leaving: PendingReceipt, listed: Collection[str]) -> None:
        if _earlier(listed):
            self.tally.beside.append((leaving.owner.marker, leaving.name))


def _earlier(listed: Collection[str]) -> Sequence[str]:
    return sorted(name for name in listed if name.lower().startswith(PREFIX))
