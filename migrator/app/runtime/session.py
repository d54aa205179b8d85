"""One command at work: the workspace, both sides, and the engine put together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

import anyio

from connectors import load_source, source_digest
from connectors.qasphere.open import open_destination
from mappings.hooks import load_hooks
from mappings.mapper import RulesMapper
from mappings.rules import ProjectRules
from migrator.app.runtime.interrupt import interruptible, unwrapped
from migrator.app.runtime.logs import LoggingListener, logging_to
from migrator.app.runtime.metrics import MetricsFile, Sides
from migrator.app.runtime.probe_file import load_probe
from migrator.app.runtime.program import program_digest
from migrator.app.runtime.reading import ReadingForecast
from migrator.app.runtime.spool import spool_of
from migrator.app.runtime.telemetry import TelemetryListener, telemetry_of
from migrator.app.runtime.timed import TimedListener
from migrator.config import Config
from migrator.core.base import digest_of
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import Listener
from migrator.core.model import User
from migrator.core.observe import observing
from migrator.core.ports.destination import Destination
from migrator.core.ports.mapping import Mapper
from migrator.core.ports.source import Abilities, FileSource, Remembering, Renewable, Source
from migrator.core.probe import ProbeResult
from migrator.core.refs import marker_prefix
from migrator.core.views import ProjectView
from migrator.engine.context import Context
from migrator.engine.files.spool import FileRoute
from migrator.engine.job import PLAIN, Job, Terms
from migrator.engine.migration import Migration, Preparation
from migrator.engine.slice import Slice
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace

CONTINUE = "run the same command again; it continues where it stopped"
_BEAT_SECONDS = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with. ``destination`` refuses every write when the command is one that must not."""

    config: Config
    workspace: Workspace
    destination: Destination
    preparation: Preparation
    migration: Migration
    route: FileRoute
    listener: Listener
    stop: Stop
    abilities: Abilities

    def jobs(self, terms: Terms = PLAIN) -> Iterator[Job]:
        """Yield a job for each project of the config, until a stop is requested."""
        for project in self.config.projects:
            if self.stop.requested():
                return
            yield self.job(project, terms)

    def job(self, project: ProjectRules, terms: Terms = PLAIN) -> Job:
        """Return what to migrate where; ``ConfigError`` when the file with the hooks cannot be used."""
        config = self.config
        hooks = load_hooks(config.mapping.hooks) if config.mapping.hooks else None
        probed = load_probe(config.workspace)

        def mapper(people: Sequence[User], view: ProjectView | None) -> Mapper:
            seen = view and _probed(view, probed)
            return RulesMapper(config.mapping, project, people, seen, hooks, self.abilities.hosts)

        return Job(
            source_id=project.source,
            code=project.destination,
            create=project.create,
            allow_existing=project.allow_existing,
            prefix=marker_prefix(config.connector, config.instance),
            make_mapper=mapper,
            workers=config.destination.concurrency,
            settle_seconds=config.destination.settle_seconds,
            allow_gaps=config.mapping.runs.gaps == "allow",
            conflicts=config.sync.conflicts,
            terms=terms,
            # another program may read more out of the same answers
            manner=digest_of(
                [program_digest(), source_digest(config.connector), config.source.model_dump(mode="json")]
            ),
            # hooks are code that may look at anything
            program="" if hooks else program_digest(),
            ordered=self.abilities.siblings_ordered,
            collects_follow_ups=self.abilities.runs_grow,
            only=_of_config(project),
        )

    def rules(self, source: str) -> ProjectRules:
        """Return the config's entry for a source project; ``ConfigError`` when it is not there any more."""
        for project in self.config.projects:
            if project.source == source:
                return project
        raise ConfigError(
            f"the config does not name the source project {source} any more",
            next_step="put it back, or run `migrator plan` and apply that",
        )


async def in_workspace(
    config: Config,
    listener: Listener,
    command: str,
    work: Callable[[Session], Awaitable[T]],
    *,
    read_only: bool = False,
    asks_source: bool = True,
    renews: bool = False,
    stop: Stop | None = None,
) -> T:
    """Lock the workspace, open both sides, do the work under its signals, and return what it returns.

    Args:
        config: of the migration.
        listener: is told what happens.
        command: its name, for log and timings.
        work: what is done with both sides open.
        read_only: every write to QA Sphere is refused before it leaves.
        asks_source: False when the source need not be reachable.
        renews: files that the source makes on request are taken anew.
        stop: the caller takes the signals and asks to stop through it.
    """

    async def connected_work(workspace: Workspace, listener: Listener, stop: Stop) -> T:
        if renews:
            workspace.renew_exports()
        async with connected(config, read_only=read_only, asks_source=asks_source) as (source, destination):
            if isinstance(source, Renewable):
                source.renew(workspace.exports_renewed())
            if isinstance(source, Remembering):
                store = workspace.store
                source.remember(store.archive.original, lambda marker: bool(store.ledger.entries([marker])))
            return await work(_session(config, workspace, source, destination, listener, stop))

    return await locked(config, listener, command, connected_work, stop=stop)


async def locked(
    config: Config,
    listener: Listener,
    command: str,
    work: Callable[[Workspace, Listener, Stop], Awaitable[T]],
    *,
    stop: Stop | None = None,
) -> T:
    """Lock the workspace, do the work under its signals, and return what it returns. Connects to nobody.

    ``stop``: the caller takes the signals and asks to stop through it.
    """
    own_stop = stop or Stop()
    with open_workspace(config.workspace) as workspace, logging_to(config.workspace, command):
        codes = {project.source: project.destination for project in config.projects}
        workspace.bind(f"{config.connector}@{config.instance}", config.destination.base_url, codes)

        telemetry = telemetry_of(command, listener)
        sides = Sides(f"{config.connector}@{config.instance}", config.destination.base_url)
        metrics = MetricsFile(workspace, command, sides, telemetry.measured)
        told = TelemetryListener(telemetry, LoggingListener(listener))
        timed = TimedListener(workspace.timings, command, ReadingForecast(told), workspace.totals.waited)

        async def watched() -> T:
            async with anyio.create_task_group() as group:
                group.start_soon(_beat, workspace, command)
                group.start_soon(metrics.keep_up)
                result = await work(workspace, timed, own_stop)
                group.cancel_scope.cancel()
            timed.close()
            return result

        counted = metrics.around(lambda: not own_stop.requested())
        with telemetry.around(), observing(telemetry.attempted), counted, unwrapped():
            return await (watched() if stop else interruptible(watched, own_stop, listener, CONTINUE))


def refuse_while_loading(config: Config, workspace: Workspace, words: str, *, cause: str, next_step: str) -> None:
    """Raise ``ConfigError`` when the load of a project was interrupted. ``words``: what follows from that."""
    for project in config.projects:
        current = workspace.store.rounds.unfinished(project.source)
        if current and current.phase == "load":
            raise ConfigError(
                f"project {project.source} is not finished{words}",
                code=ErrorCode.NOT_FINISHED,
                cause=cause,
                next_step=next_step,
            )


@asynccontextmanager
async def connected(
    config: Config, *, read_only: bool = False, asks_source: bool = True
) -> AsyncIterator[tuple[Source, Destination]]:
    """Open both sides and prove that they can be used."""
    connector = load_source(config.connector)
    async with (
        connector.open(config.source, config.http) as source,
        open_destination(config.destination, config.http, read_only=read_only) as destination,
    ):
        if asks_source:
            await source.check()
        await destination.check()
        yield source, destination


def _session(
    config: Config, workspace: Workspace, source: Source, destination: Destination, listener: Listener, stop: Stop
) -> Session:
    def context_of(job: Job) -> Context[Destination]:
        return Context(workspace.store, destination, job, listener, stop)

    preparation = Preparation(source, context_of)
    files = cast(FileSource, source) if source.abilities.files else None
    route = FileRoute(files, spool_of(config), source.abilities.fetches_at_once, source.waiting_for)
    migration = Migration(preparation, context_of, route)
    return Session(config, workspace, destination, preparation, migration, route, listener, stop, source.abilities)


def _of_config(project: ProjectRules) -> Slice:
    only = project.only
    return Slice(only.ids, "", only.tags, only.owners, only.changed_since)


def _probed(view: ProjectView, probed: ProbeResult | None) -> ProjectView:
    """Return the project with what a probe of this QA Sphere has seen of its texts."""
    if probed is None:
        return view
    return view.model_copy(update={"keeps_images": probed.keeps_images, "keeps_tables": probed.keeps_tables})


async def _beat(workspace: Workspace, command: str) -> None:
    while True:
        workspace.beat(command)
        await anyio.sleep(_BEAT_SECONDS)
