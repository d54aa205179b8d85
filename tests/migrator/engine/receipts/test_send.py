"""Receipts in doubt: no clock that somebody can set decides that one does not hang there."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from migrator.core.receipt_records import Receipt
from migrator.engine.receipts.send import PendingReceipt, ReceiptSender, SendTerms
from migrator.engine.stop import Stop
from tests.support.drafts import ref


async def test_a_wall_clock_that_jumps_sends_nothing_again(tmp_path: Path) -> None:
    owner, kept = ref("test", "12", "1"), cast(list[Receipt], [])
    lost = Receipt(owner.marker, "a.html", "sending", 1.0, lookups=1)

    async def names(_owner: object) -> frozenset[str]:
        return frozenset()

    # what is neither listed nor kept is not there to be called: a request would fail
    target, book = SimpleNamespace(names=names), SimpleNamespace(receipts=lambda _owner: [lost], put=kept.append)
    terms = SendTerms(1000.0, lambda: 1e12, dry_run=False)
    sender = ReceiptSender(cast(Any, target), cast(Any, book), tmp_path, terms, Stop())
    pending = PendingReceipt(owner, "a.html", lambda _earlier: b"")
    await sender.send(pending)
    assert (pending.put_off, pending.sends, [one.lookups for one in kept]) == (True, 0, [2])
