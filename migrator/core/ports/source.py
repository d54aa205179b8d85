"""The seam to a source: what the engine asks of a system to migrate from. Data first, then protocols."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from migrator.core.base import Frozen
from migrator.core.model import AnyEntity, Attachment
from migrator.core.notes import Note
from migrator.core.ports.traffic import Traffic
from migrator.core.refs import Ref


class FileLimit(Frozen):
    """What files cost at the source.

    Args:
        requests: what for → how many for each file.
        files_per_second: what the documented limits allow, None where nothing is documented.
        words: which limit that is.
    """

    requests: Mapping[str, int]
    files_per_second: float | None = None
    words: str = ""


class Abilities(Frozen):
    """What a source declares about itself.

    Args:
        streams: names for ``page``, in the order to read them.
        streams_at_once: so many of them may be under way side by side.
        siblings_ordered: cases of one folder have an order that people chose, so creation must keep it.
        files: it is a ``FileSource`` as well.
        fetches_at_once: so many files may be asked for side by side.
        runs_grow: runs get more tests for as long as people work, and never end.
        file_limit: what files cost, for the forecast.
        lists: the stream that lists all items of a kind, by the kind in their refs, for kinds that other items name.
        hosts: the names of its servers, in lower case, on which the files of its items lie.
        skipped: streams that the config leaves out.
        unasked: of a stream, the streams whose items are not asked for it, "" for all.
        left_out: the id of an item that the config leaves out → the markers of it and of what lies beneath it, without
            the ids that follow.
    """

    streams: tuple[str, ...]
    siblings_ordered: bool
    files: bool = False
    fetches_at_once: int = 4
    runs_grow: bool = False
    streams_at_once: int = 1
    file_limit: FileLimit | None = None
    lists: Mapping[str, str] = {}
    hosts: frozenset[str] = frozenset()
    skipped: tuple[str, ...] = ()
    unasked: Mapping[str, tuple[str, ...]] = {}
    left_out: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Record:
    """An entity and the vendor's untouched JSON it was made from. ``notes``: what reading it already lost.

    ``owner``: the item that had to be asked for it, for what no list of the project gives; a ``Listed`` names it.
    """

    entity: AnyEntity
    raw: bytes
    notes: tuple[Note, ...] = ()
    owner: Ref | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An item of a list of which more is read than its row: the item itself, or what hangs on it.

    ``fingerprint``: a digest of the row, empty when not everything could be read. ``stands``: it is the one of the
    earlier reading, so nothing was asked, and what was read of the item then is still so.
    """

    marker: str
    fingerprint: str
    stands: bool = False


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many rows a list gave that was read for a page, for itself or to find the way.

    Args:
        name: what it lists.
        about: what it belongs to, the marker of an item or a name, empty for a list of the project.
        goes_on: they come on top of those of the pages before.
        counted: how many a counter beside the list says that there are, None without one. Such a list is compared with
            its counter alone, for only what was read anew is in both.
    """

    name: str
    about: str
    rows: int
    goes_on: bool = False
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of a stream.

    Args:
        next_cursor: None on the last one.
        total: rows the server claims, None if unsaid.
        moved: the list has shifted since the page before, so rows may have been skipped.
        listed: the items that were asked for.
        marks: list → a text that sorts behind those of all that changed before.
        unlisted: begins the markers of items that were not asked for because they have not changed since the mark of
            the earlier reading; ``total`` is that of the whole list all the same.
        sizes: of the lists that were read; where streams or rounds do not agree on one, nothing is concluded.
    """

    records: tuple[Record, ...]
    next_cursor: str | None
    total: int | None
    moved: bool = False
    listed: tuple[Listed, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    unlisted: str = ""
    sizes: tuple[ListSize, ...] = ()


class Earlier(Protocol):
    """What the reading that this one builds on has left of a stream."""

    def fingerprints(self, markers: Sequence[str]) -> Mapping[str, str]:
        """Return the fingerprints of the items of which everything was read."""
        ...

    def mark(self, name: str) -> str | None:
        """Return the highest mark of a list that was read to its end, and of whose items everything could be read."""
        ...


class Source(Protocol):
    """A system to migrate from. Reads only.

    All methods raise ``TemporaryError`` when the service cannot answer, ``AuthenticationError`` when it refuses the
    credentials, ``ConfigError`` when base URL or project are wrong. Every call may be repeated at will.
    """

    @property
    def abilities(self) -> Abilities:
        """What this source can give; constant."""
        ...

    async def check(self) -> None:
        """Prove with one cheap call that base URL and credentials work."""
        ...

    async def project(self, project_id: str) -> Record:
        """Return the project; ``ConfigError`` names the visible ones when there is no such project."""
        ...

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        """Return the page at ``cursor`` (None: the first). A cursor stays valid in another process.

        ``earlier``: the source may leave out what has not changed since; None: everything is to be read.
        """
        ...

    def waiting_for(self) -> str:
        """Say in a few words what holds the calls up right now; empty when nothing does."""
        ...

    def traffic(self) -> Traffic:
        """Return what was asked since it was opened."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A file that arrived whole. ``size`` in bytes; ``sha256`` in hex; ``media_type`` as served, empty if unsaid;
    ``unwrapped``: it is an archive that came within another of its name, for people to know."""

    size: int
    sha256: str
    media_type: str
    unwrapped: bool = False


class Memory(Protocol):
    """What a source remembers of one slow download, such as the address of an operation, for the next process."""

    def recall(self) -> str | None:
        """Return what was kept last."""
        ...

    def keep(self, text: str | None) -> None:
        """Keep it, on disk when this returns; None forgets."""
        ...


class Notebook:
    """A ``Memory`` that ends with its process, for one download or upload. ``text``: what was kept last."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def recall(self) -> str | None:
        """Return what was kept last."""
        return self.text

    def keep(self, text: str | None) -> None:
        """Keep it in this process; None forgets."""
        self.text = text


@runtime_checkable
class Renewable(Protocol):
    """A source that makes some files on request, such as exports, which hold what no list shows. Optional."""

    def renew(self, since: str) -> None:
        """Take these files for others than before, once for each ``since``, so that they are fetched again."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A source some of whose items are there only with a right of its own; losing it must not look as if they had
    left. Optional."""

    def remember(self, original: Callable[[str], bytes | None], holds: Callable[[str], bool]) -> None:
        """Take two questions by an item's marker: its original, as it was read last, None when it never was; and
        whether QA Sphere holds it."""
        ...


class FileSource(Protocol):
    """A source that gives the bytes of attachments.

    Both methods put the whole file at ``target`` or leave nothing there, whatever happens, and may be repeated. They
    raise ``ContentTrouble`` when this file cannot be had, ``TemporaryError`` when later it may, and
    ``AuthenticationError`` when nothing can be had any more. Many calls may run at once; the source paces them.
    """

    async def fetch(self, attachment: Attachment, target: Path, *, max_bytes: int, memory: Memory) -> Content:
        """Download an attachment that the source has listed."""
        ...

    async def fetch_picture(self, address: str, target: Path, *, max_bytes: int) -> Content:
        """Download the picture at an address that stands in a text, if it lies on the source's own host."""
        ...
