"""When a lost create is looked up, and which look decides that it is not there. Pure.

A server may commit a minute after the client gave up (design §6.3). So a create that is not found goes back to
*planned* only after a second look, at least ``settle_seconds`` after its request was last alive.
"""

from migrator.core.records import Operation

_FIRST_LOOK_AFTER = 2.0


def next_look(operation: Operation, settle_seconds: float) -> float:
    """Return when to look, as a time of the epoch. The first look waits a moment, so that several share one request."""
    wait = settle_seconds if operation.lookups else min(_FIRST_LOOK_AFTER, settle_seconds / 10)
    return operation.alive_at + wait


def is_decisive(operation: Operation, looked_at: float, settle_seconds: float) -> bool:
    """Return whether what a look at this time did not find cannot arrive any more."""
    return operation.lookups > 0 and looked_at >= operation.alive_at + settle_seconds
