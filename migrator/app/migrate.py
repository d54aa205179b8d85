"""The commands that migrate: connect both sides, open the workspace, run the engine over the projects."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
from pydantic import BaseModel, SecretStr

from connectors import load_source
from connectors.qasphere import open_destination
from mappings.mapper import make_mapper
from mappings.rules import ProjectRules
from migrator.app.interrupt import interruptible
from migrator.app.logs import logging_to
from migrator.app.report import Status, status_of
from migrator.config import Config
from migrator.core.events import Listener
from migrator.core.model import User
from migrator.core.ports import Destination, Mapper, ProjectView, Source
from migrator.core.refs import marker_prefix
from migrator.engine.job import Job
from migrator.engine.migration import Migration
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace

CONTINUE = "run the same command again; it continues where it stopped"
FAILURES_SHOWN = 20
_BEAT_SECONDS = 2.0

Work = Callable[[Config, Workspace, Migration], Awaitable[None]]


async def run(config: Config, listener: Listener) -> Status:
    """Migrate every project of the config; continue what was interrupted. Returns what stands where afterwards."""
    return await _in_workspace(config, listener, "run", _run_all)


async def retry(config: Config, listener: Listener) -> Status:
    """Send failed and blocked items again, and finish what was interrupted. Extracts nothing anew."""
    return await _in_workspace(config, listener, "retry", _retry_all)


def status(config: Config, *, failures: int | None) -> Status:
    """Ask the workspace, without network and without waiting for whoever works there."""
    with open_workspace(config.workspace, write=False) as workspace:
        return status_of(workspace, failures=failures)


@asynccontextmanager
async def connected(config: Config) -> AsyncIterator[tuple[Source, Destination]]:
    """Open both sides and prove that they can be used."""
    connector = load_source(config.connector)
    async with (
        connector.open(config.source, config.http) as source,
        open_destination(config.destination, config.http) as destination,
    ):
        await source.check()
        await destination.check()
        yield source, destination


def secrets_of(settings: BaseModel) -> list[str]:
    """Return every secret in a settings model, at any depth."""
    found: list[str] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            found.append(value.get_secret_value())
        elif isinstance(value, BaseModel):
            found.extend(secrets_of(value))
    return found


async def _in_workspace(config: Config, listener: Listener, command: str, work: Work) -> Status:
    stop = Stop()
    with open_workspace(config.workspace) as workspace, logging_to(config.workspace, secrets_of(config)):
        codes = {project.source: project.destination for project in config.projects}
        workspace.bind(f"{config.connector}@{config.instance}", config.destination.base_url, codes)

        async def session() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(_beat, workspace, command)
                async with connected(config) as (source, destination):
                    await work(config, workspace, _migration(source, destination, workspace, listener, stop))
                group.cancel_scope.cancel()

        await interruptible(session, stop, listener, CONTINUE)
        return status_of(workspace, failures=FAILURES_SHOWN)


def _migration(
    source: Source, destination: Destination, workspace: Workspace, listener: Listener, stop: Stop
) -> Migration:
    return Migration(
        source, destination, workspace.archive, workspace.journal, now=time.time, listener=listener, stop=stop
    )


async def _run_all(config: Config, _workspace: Workspace, migration: Migration) -> None:
    for project in config.projects:
        if not await migration.run(_job(config, project)):
            return


async def _retry_all(config: Config, workspace: Workspace, migration: Migration) -> None:
    for project in config.projects:
        workspace.journal.release(project.source)
        if workspace.journal.unfinished_round(project.source) and not await migration.run(_job(config, project)):
            return


def _job(config: Config, project: ProjectRules) -> Job:
    def mapper(people: Sequence[User], view: ProjectView | None) -> Mapper:
        return make_mapper(config.mapping, project, people, view)

    return Job(
        source_id=project.source,
        code=project.destination,
        create=project.create,
        allow_existing=project.allow_existing,
        prefix=marker_prefix(config.connector, config.instance),
        make_mapper=mapper,
        workers=config.destination.concurrency,
        settle_seconds=config.destination.settle_seconds,
    )


async def _beat(workspace: Workspace, command: str) -> None:
    while True:
        workspace.beat(command)
        await anyio.sleep(_BEAT_SECONDS)
