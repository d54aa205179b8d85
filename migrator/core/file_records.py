"""What a workspace keeps of files, as values: what was fetched, what proves it, why one will not come."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was downloaded from the source. ``size`` in bytes; ``sha256`` in hex; ``media_type`` by content."""

    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class FileProof:
    """What is known of a file's bytes on both sides. Empty or None: nobody knows.

    Args:
        name, url: in QA Sphere.
        size: in bytes.
        sha256: as the source gave them.
        there: as QA Sphere gave them back, as SHA-256.
        checked_at: when it did, in seconds since the epoch.
    """

    name: str
    size: int | None
    sha256: str
    url: str
    there: str
    checked_at: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a file will not come, for people; empty when the text need not say. ``address``: where it is at the source,
    for files that are no item there."""

    remark: str
    address: str = ""
