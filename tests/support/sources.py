"""Every source connector with its stand-in, for the contract that all of them keep. A new source adds one entry."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from connectors.qacomplete import sandbox as qacomplete
from connectors.workiva import sandbox as workiva
from migrator.core.errors import TemporaryError
from migrator.core.ports.source import Earlier, Record, Source, SourcePage
from migrator.core.refs import Ref
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support import workiva as workiva_support
from tests.support.services import open_qacomplete

_MOST_PAGES = 200
_MOST_TRIES = 4
_MORE_THAN_A_PAGE = 26


@dataclass(frozen=True)
class SourceFactory:
    """How to run one source against its stand-in.

    ``build``: the stand-in's application and its log, with at least so many items of what is read item by item (they
    make a bad day long); ``path``: what its base URL ends in. ``open`` takes a base URL,
    ``timeout`` in seconds, and settings of the config's ``source`` block. ``wrong``: settings with a wrong secret;
    ``secrets``: what no error may show. ``project``: one with every kind of item and more than
    one page of cases; ``seen``: one as the source shows them, which is the same where these do not go together;
    ``visible``: texts that an error about an unknown project shows. ``ref_kinds``: the kind in the ref by the kind of
    the entity, several with ``|`` between them. ``dated``: its items have dates. ``in_project``: every ref begins with
    the project's id.
    """

    name: str
    build: Callable[[StandInOptions, int], tuple[web.Application, RequestLog]]
    path: str
    open: Callable[..., AbstractAsyncContextManager[Source]]
    wrong: Mapping[str, str]
    secrets: tuple[str, ...]
    project: str
    seen: str
    visible: tuple[str, ...]
    ref_kinds: Mapping[str, str]
    dated: bool = True
    in_project: bool = True

    def is_of(self, kind: str, ref: Ref) -> bool:
        """Whether a ref is one of an entity of this kind."""
        return ref.kind in self.ref_kinds[kind].split("|")


@dataclass(frozen=True)
class Running:
    """A stand-in that is being served."""

    factory: SourceFactory
    base_url: str
    log: RequestLog

    def open(self, base_url: str | None = None, **settings: object) -> AbstractAsyncContextManager[Source]:
        """Open a new source as the application does, at the stand-in or at another base URL."""
        return self.factory.open(base_url or self.base_url, timeout=0.5, **settings)


@asynccontextmanager
async def running(
    factory: SourceFactory, options: StandInOptions | None = None, *, rows: int = _MORE_THAN_A_PAGE
) -> AsyncIterator[Running]:
    """Serve a factory's stand-in while the block runs."""
    app, log = factory.build(options or StandInOptions(), rows)
    async with serve(app) as url:
        yield Running(factory, url + factory.path, log)


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


def _qacomplete(options: StandInOptions, rows: int) -> tuple[web.Application, RequestLog]:
    data = qacomplete.demo_data()
    first = data.projects[0].id
    # more than one page of everything
    data.users += [qacomplete.User(100 + n, "Tester", f"No {n}", f"tester{n}@acme.example") for n in range(40)]
    data.folders += [qacomplete.Folder(500 + n, first, f"Sprint {n}", 101) for n in range(40)]
    qacomplete.add_sample(data)
    qacomplete.add_items(data, rows)
    if rows >= _MORE_THAN_A_PAGE:
        qacomplete.add_history(data)
        qacomplete.add_files(data)
    qacomplete.generate_runs(data, rows, 2)
    stand_in = qacomplete.build(options, data)
    return stand_in.app, stand_in.log


def _workiva(options: StandInOptions, rows: int) -> tuple[web.Application, RequestLog]:
    data = workiva.generate(1, phases=1, matrices=1, samples=rows, attachments=rows // 2)
    if rows >= _MORE_THAN_A_PAGE:
        data.forms = workiva.demo_data().forms + data.forms
        data.forms[0].attachments.clear()  # those of forms cannot be had
    switches = workiva.switches_of(options.profile)
    switches.page_size = 2  # more than one page of everything
    switches.polls_per_second = None
    stand_in = workiva.build(options, data, switches)
    return stand_in.app, stand_in.log


SOURCES = [
    SourceFactory(
        name="qacomplete",
        build=_qacomplete,
        path=qacomplete.BASE_PATH,
        # the address of an item would name the port that a stand-in happened to get
        open=partial(
            open_qacomplete,
            page_size=25,
            concurrency=16,
            item_url="https://q.example/{project}/{id}",
            requirement_url="https://q.example/{project}/r/{id}",
        ),
        wrong={"password": "not-the-password"},
        secrets=(qacomplete.PASSWORD, "not-the-password"),
        project="12",
        seen="12",
        visible=("12 (Web shop)", "13 (Mobile app)", "14 (Till software (retired))"),
        ref_kinds={
            "project": "project",
            "user": "user",
            "folder": "folder",
            "case": "test",
            "milestone": "release",
            "configuration": "configuration",
            "requirement": "requirement",
            "defect": "defect",
            "test_set": "test_set",
            "comment": "note",
            "link": "link",
            "run": "run",
            "result": "result",
            "attachment": "file",
        },
    ),
    SourceFactory(
        name="workiva",
        build=_workiva,
        path="",
        open=partial(workiva_support.open_source, concurrency=2, item_url="https://w.example/{form}{path}"),
        wrong={"client_secret": "not-the-secret"},
        secrets=(workiva.CLIENT_SECRET, "not-the-secret"),
        project="*",
        seen=workiva.ident("FIN-07"),
        visible=("(FIN-07 Manual journal entries)", "(IT-03 User access review)"),
        ref_kinds={
            "project": "workspace",
            "folder": "form|phase|matrix",
            "case": "overview|sample",
            "run": "run",
            "result": "result",
            "attachment": "attachment",
        },
        dated=False,
        in_project=False,
    ),
]
"""Every source there is; ``tests/contract`` runs over all of them."""
