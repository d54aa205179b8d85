"""What the engine asks about the bytes of files: what was downloaded, what is in QA Sphere, what will not come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from migrator.core.ports import StoredFile
from migrator.core.ports_source import Memory


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was downloaded from the source. ``size`` in bytes; ``sha256`` in hex; ``media_type`` by content."""

    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a file will not come, for people; empty when the text need not say. ``address``: where it is at the source,
    for files that are no item there."""

    remark: str
    address: str = ""


class Files(Protocol):
    """What became of the bytes of files, by the marker of their ``FileDraft``."""

    def fetched(self, markers: Sequence[str]) -> Mapping[str, Fetched]:
        """Return what was downloaded."""
        ...

    def put_fetched(self, project: str, marker: str, name: str, fetched: Fetched) -> None:
        """Record a download."""
        ...

    def stored(self, markers: Sequence[str]) -> Mapping[str, StoredFile]:
        """Return what is in QA Sphere, under the name that each marker gives it."""
        ...

    def put_stored(self, project: str, marker: str, file: StoredFile) -> None:
        """Record an upload, or a file that was found in a case. Its name is the marker's."""
        ...

    def same_bytes(self, project: str, sha256: str) -> StoredFile | None:
        """Return a file of the project in QA Sphere with these bytes."""
        ...

    def each_stored(self, project: str) -> Iterator[tuple[StoredFile, str, str]]:
        """Yield every different file of the project in QA Sphere with its SHA-256 and one of its markers, but for
        those that were only found, because nobody knows their bytes."""
        ...

    def verdicts(self, markers: Sequence[str]) -> Mapping[str, Verdict]:
        """Return why files will not come, for those that were given up for good."""
        ...

    def put_verdict(self, project: str, marker: str, name: str, verdict: Verdict) -> None:
        """Record that a file will not come; what was known of its bytes is kept."""
        ...

    def clear_verdicts(self, project: str) -> int:
        """Forget them, so that the files are asked for once more; return how many."""
        ...

    def memory(self, project: str, marker: str, name: str) -> Memory:
        """Return what the source may remember of a download."""
        ...

    def add_orphans(self, project: str, count: int) -> None:
        """Count files that may lie in QA Sphere without anything that refers to them."""
        ...

    def orphans(self, project: str) -> int:
        """Return how many there may be at most."""
        ...
