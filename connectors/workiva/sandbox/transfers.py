"""Operations, and the two private areas that they lead to: where bytes are fetched, and where they are sent (§7-§9)."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

import anyio

from connectors.workiva.sandbox.data import Attachment, Owner, ident
from connectors.workiva.sandbox.switches import Outcome, Switches

Status = Literal["acknowledged", "queued", "started", "completed", "failed", "cancelled"]
BLOBS, UPLOADS = "/__blobs", "/__uploads"
_ON_THE_WAY: tuple[Status, ...] = ("acknowledged", "queued", "started")


@dataclass(slots=True)
class Operation:
    """A download of ``source`` or an upload of ``file_name`` to ``owner``, which has its bytes once ``received``.

    ``key`` names it in the private areas.
    """

    id: str
    key: str
    outcome: Outcome
    begun: float
    source: Attachment | None = None
    owner: Owner | None = None
    file_name: str = ""
    received: bytes | None = None
    polls: int = 0
    unknown_polls: int = 0
    status: Status = "acknowledged"
    made: str = ""


@dataclass
class Transfers:
    """All operations. ``foreign``: the origin of the second port, empty when nothing is served there.

    Args:
        leaks: what credentials reached it.
        doubled: attachments that were made under a name that was taken.
    """

    switches: Switches
    foreign: str = ""
    leaks: list[str] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)
    by_key: dict[str, Operation] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)

    def begin(self, source: Attachment | None = None, owner: Owner | None = None, file_name: str = "") -> Operation:
        """Start an operation."""
        outcome = self.switches.outcomes.popleft() if self.switches.outcomes else "completed"
        key = secrets.token_urlsafe(12)
        operation = Operation(ident("operation", key), key, outcome, anyio.current_time(), source, owner, file_name)
        self.operations[operation.id] = self.by_key[key] = operation
        return operation

    def asked(self, wanted: str) -> Operation | None:
        """Return an operation, one poll further; None while it is not known yet."""
        operation = self.operations.get(wanted)
        if operation is None:
            return None
        if operation.unknown_polls < self.switches.late_operations:
            operation.unknown_polls += 1
            return None
        if operation.status in _ON_THE_WAY:
            self._advance(operation)
        return operation

    def _advance(self, operation: Operation) -> None:
        age = anyio.current_time() - operation.begun
        if operation.owner is not None and operation.received is None:
            # bytes that never come: it fails when the address has expired (§9)
            operation.status = "failed" if age > self.switches.link_seconds else "acknowledged"
            return
        operation.polls += 1
        is_ready = operation.polls > self.switches.polls_needed and age >= self.switches.operation_seconds
        if not is_ready or operation.outcome == "stuck":
            operation.status = _ON_THE_WAY[min(operation.polls, len(_ON_THE_WAY)) - 1]
            return
        operation.status = operation.outcome
        if operation.status == "completed" and operation.owner is not None:
            self._attach(operation, operation.owner, operation.received or b"")

    def _attach(self, operation: Operation, owner: Owner, content: bytes) -> None:
        if any(attachment.file_name == operation.file_name for attachment in owner.attachments):
            self.doubled.append(operation.file_name)
        operation.made = ident("attachment", operation.id)
        owner.attachments.append(Attachment.of(operation.made, operation.file_name, content))

    def is_expired(self, operation: Operation) -> bool:
        """Return whether its private addresses live no more."""
        return anyio.current_time() - operation.begun > self.switches.link_seconds
