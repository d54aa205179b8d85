"""The canary: one wrong assumption about the server must cost one object, not sixty thousand."""

from migrator.core.errors import CanaryDifference
from migrator.core.store import LedgerEntry
from migrator.engine.compare import Difference


def canary_error(entry: LedgerEntry, difference: Difference) -> CanaryDifference:
    """Return the error that stops the load, with both values."""
    number = f"case {entry.seq}" if entry.seq else f"{entry.kind} {entry.id}"
    return CanaryDifference(
        f"the first {entry.kind} was stored differently from what was sent: {number} ({entry.marker})",
        cause=f"{difference.field}: sent {difference.expected!r}, found {difference.found!r}",
        next_step=f"look at {number} in QA Sphere; nothing else of this kind was sent. When the difference is"
        " harmless, edit it there to match and run again; otherwise report it",
    )
