"""A source under test: how it is run, and reading all of it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from migrator.core.errors import TemporaryError
from migrator.core.ports.source import Earlier, Record, Source, SourcePage
from migrator.core.refs import Ref
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve

_MOST_PAGES = 200
_MOST_TRIES = 4
MORE_THAN_A_PAGE = 26


@dataclass(frozen=True)
class Place:
    """Where something to read is. ``log``: of the requests to it, None where nothing is asked over HTTP."""

    address: str
    log: RequestLog | None = None


Start = Callable[[StandInOptions, int], AbstractAsyncContextManager[Place]]


@dataclass(frozen=True)
class SourceFactory:
    """How to run one source.

    Args:
        name: As the config's ``source.connector`` has it.
        start: Serves a stand-in, or writes what is to be read, while the block runs, with at least so many items of
            what is read item by item (they make a bad day long).
        open: Takes such an address, ``timeout`` in seconds, and settings of the config's ``source`` block.
        project: One with every kind of item and more than one page of cases.
        seen: One as the source shows them, which is the same where these do not go together.
        visible: Texts that an error about an unknown project shows.
        ref_kinds: The kind in the ref by the kind of the entity, several with ``|`` between them.
        over_http: It asks a stand-in over HTTP: faults, profiles, clocks and dead ports are to be borne.
        wrong: Settings with a wrong secret; None when there is none.
        secrets: What no error may show.
        where: The setting that says where the source is.
        inspectable: It can be looked over by ``check`` and ``init``.
        dated: Its items have dates.
        in_project: Every ref begins with the project's id.
        paged: It gives what it holds in more than one page.
        step_results: It knows how each step of a test went.
    """

    name: str
    start: Start
    open: Callable[..., AbstractAsyncContextManager[Source]]
    project: str
    seen: str
    visible: tuple[str, ...]
    ref_kinds: Mapping[str, str]
    over_http: bool = True
    wrong: Mapping[str, str] | None = None
    secrets: tuple[str, ...] = ()
    where: str = "source.base_url"
    inspectable: bool = True
    dated: bool = True
    in_project: bool = True
    paged: bool = True
    step_results: bool = True

    def is_of(self, kind: str, ref: Ref) -> bool:
        """Whether a ref is one of an entity of this kind."""
        return ref.kind in self.ref_kinds[kind].split("|")


@dataclass(frozen=True)
class Running:
    """A source that can be opened."""

    factory: SourceFactory
    place: Place

    @property
    def log(self) -> RequestLog:
        """The log of the stand-in."""
        assert self.place.log is not None, "nothing is asked over HTTP"
        return self.place.log

    def open(self, address: str | None = None, **settings: object) -> AbstractAsyncContextManager[Source]:
        """Open a new source as the application does, at this place or at another one."""
        return self.factory.open(address or self.place.address, timeout=0.5, **settings)


@asynccontextmanager
async def running(
    factory: SourceFactory, options: StandInOptions | None = None, *, rows: int = MORE_THAN_A_PAGE
) -> AsyncIterator[Running]:
    """Have a factory's place while the block runs."""
    async with factory.start(options or StandInOptions(), rows) as place:
        yield Running(factory, place)


def served(build: Callable[[StandInOptions, int], tuple[web.Application, RequestLog]], path: str = "") -> Start:
    """Return what serves a stand-in. ``path``: what its base URL ends in."""

    @asynccontextmanager
    async def start(options: StandInOptions, rows: int) -> AsyncIterator[Place]:
        app, log = build(options, rows)
        async with serve(app) as url:
            yield Place(url + path, log)

    return start


async def pages_of(
    source: Source, stream: str, project: str, earlier: Earlier | None = None
) -> list[tuple[str | None, SourcePage]]:
    """Read a stream to its end; every page with the cursor that led to it. A cursor that comes back is an error."""
    cursor: str | None = None
    pages: list[tuple[str | None, SourcePage]] = []
    while len(pages) < _MOST_PAGES:
        page = await _page(source, stream, project, cursor, earlier)
        pages.append((cursor, page))
        cursor = page.next_cursor
        if cursor is None:
            return pages
        assert cursor not in [before for before, _ in pages], f"{stream} goes round in circles at {cursor}"
    raise AssertionError(f"{stream} has no end")


async def _page(source: Source, stream: str, project: str, cursor: str | None, earlier: Earlier | None) -> SourcePage:
    """Read a page, again when the service cannot answer: the command may be given again, too."""
    for _ in range(_MOST_TRIES - 1):
        try:
            return await source.page(stream, project, cursor, earlier)
        except TemporaryError:
            continue
    return await source.page(stream, project, cursor, earlier)


async def all_records(source: Source, project: str) -> list[Record]:
    """Read the project and all its streams."""
    records = [await source.project(project)]
    for stream in source.abilities.streams:
        for _, page in await pages_of(source, stream, project):
            records += page.records
    return records


def by_marker(records: list[Record]) -> dict[str, Record]:
    """Return the records by marker; two with one marker are an error."""
    found = {record.entity.ref.marker: record for record in records}
    assert len(found) == len(records)
    return found
