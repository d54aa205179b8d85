"""The canary: one wrong assumption about the server must cost one object, not sixty thousand."""

from migrator.core.errors import CanaryDifference
from migrator.core.records import LedgerEntry
from migrator.core.views import StoredFile
from migrator.engine.plan.cases.compare import Difference


def canary_error(entry: LedgerEntry, difference: Difference) -> CanaryDifference:
    """Return the error that stops the load, with both values."""
    number = f"case {entry.seq}" if entry.seq else f"{entry.kind} {entry.id}"
    return CanaryDifference(
        f"the first {entry.kind} was stored differently from what was sent: {number} ({entry.marker})",
        cause=f"{difference.field}: sent {difference.expected!r}, found {difference.found!r}",
        next_step=f"look at {number} in QA Sphere; nothing else of this kind was sent. When the difference is"
        " harmless, edit it there to match and run again; otherwise report it",
    )


def file_canary_error(file: StoredFile, marker: str, sent: str, found: str) -> CanaryDifference:
    """Return the error that stops the upload, with the SHA-256 of both."""
    return CanaryDifference(
        f"the first file came back with other bytes than were sent: {file.name} ({marker})",
        cause=f"SHA-256: sent {sent}, found {found}",
        next_step=f"open {file.url or file.id} and look at it; no other file was sent. Something between here and QA"
        " Sphere changes files: find it, then run again",
    )
