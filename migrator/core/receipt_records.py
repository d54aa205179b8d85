"""What a workspace keeps of receipts, as values: what has moved, and what was left at the source of it."""

from dataclasses import dataclass
from typing import Literal

from migrator.core.refs import Ref

ReceiptState = Literal["sending", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A source item that is in QA Sphere: ``id`` and number ``seq`` there, written at ``at`` (epoch seconds)."""

    ref: Ref
    title: str
    id: str
    seq: int
    at: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was begun.

    Args:
        alive_at: when its request may last have been under way, in epoch seconds.
        lookups: how often it was looked up in vain since.
        sending: it may hang there, now or in a minute.
    """

    owner: str
    name: str
    state: ReceiptState
    alive_at: float
    lookups: int = 0
    cause: str = ""
