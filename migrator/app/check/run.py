"""``check``: is everything in place before a migration? Reads only; each line says what to do."""

import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from pydantic import BaseModel, SecretStr

from connectors import load_source, unusable_sources
from connectors.qasphere.destination import QASphereDestination
from connectors.qasphere.open import open_api, role_of
from mappings.rules import ProjectRules
from migrator.app.check.destination import probe_line, project_lines, status_line
from migrator.app.check.workspace import spool_line, workspace_lines
from migrator.app.runtime.interrupt import interruptible, unwrapped
from migrator.app.runtime.probe_file import load_probe
from migrator.config import Config, Exposed
from migrator.core.errors import AuthenticationError, ConfigError, MigratorError, TemporaryError
from migrator.core.events import ignore, ignored
from migrator.core.ports.inspectable import Clocked, Inspectable, Line, State
from migrator.core.ports.source import Source
from migrator.engine.stop import Stop
from migrator.http.settings import proxy_text
from migrator.report.news import counted_streams

_CLOCKS_AGREE = 10.0
_CLOCKS_DIFFER = 60.0


class Preflight(BaseModel):
    """Everything that was examined. ``exit_code``: 0 without problems, else that of the worst one."""

    lines: list[Line] = []
    exit_code: int = 0

    def add(self, subject: str, state: State, text: str, next_step: str = "") -> None:
        """Add a line."""
        self.take(Line(subject=subject, state=state, text=text, next_step=next_step))

    def take(self, line: Line) -> None:
        """Add a line that somebody else has written."""
        self.lines.append(line)
        if line.state == "problem":
            self.exit_code = self.exit_code or ConfigError.exit_code
            if line.is_permission:
                self.exit_code = AuthenticationError.exit_code

    def failed(self, subject: str, error: MigratorError) -> None:
        """Add the line for an error; wrong credentials decide the exit code, then trouble that may pass."""
        self.add(subject, "problem", str(error), error.next_step)
        if isinstance(error, AuthenticationError) or (
            isinstance(error, TemporaryError) and self.exit_code != AuthenticationError.exit_code
        ):
            self.exit_code = error.exit_code


async def check(
    config: Config, open_to_others: Sequence[Exposed] = (), tell: Callable[[str], None] = ignored
) -> Preflight:
    """Look at the workspace, at both services, and at every project of the config; a signal ends it as ``Interrupted``.

    ``open_to_others``: files that other accounts can do too much with. ``tell`` takes what is looked at next.
    """
    with unwrapped():
        return await interruptible(partial(_check, config, open_to_others, tell), Stop(), ignore, "migrator check")


async def _check(config: Config, open_to_others: Sequence[Exposed], tell: Callable[[str], None]) -> Preflight:
    found = Preflight()
    for one in open_to_others:
        step = f"run `chmod go-rwx {shlex.quote(str(one.file))}`"
        found.add("rights", "warning", f"{one.file} {one.words}", step)
    for line in workspace_lines(config.workspace):
        found.take(line)
    for name, error in unusable_sources().items():
        if name != config.connector:
            found.add(f"connector {name}", "warning", str(error), error.next_step)
    await _tried(found, "proxy", lambda: _check_proxies(config, found))
    await _tried(found, "probe", lambda: _check_probe(config, found))
    tell(f"asking {config.connector} about projects and rights")
    await _tried(found, "source", lambda: _check_source(config, found))
    tell("asking QA Sphere about projects, custom fields and statuses")
    await _tried(found, "destination", lambda: _check_destination(config, found))
    return found


async def _tried(found: Preflight, subject: str, ask: Callable[[], Awaitable[None]]) -> None:
    """Turn what goes wrong into a line, so that the other checks still come."""
    try:
        with unwrapped():
            await ask()
    except MigratorError as error:
        found.failed(subject, error)


def _clock(side: object, found: Preflight, subject: str) -> None:
    """Compare the clocks: dates in texts, tokens and certificates rest on them."""
    skew = side.clock_skew() if isinstance(side, Clocked) else None
    if skew is None:
        return
    if abs(skew) <= _CLOCKS_AGREE:
        found.add(subject, "ok", f"its clock and this machine's agree to within {_CLOCKS_AGREE:g} s")
        return
    words = f"its clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
    state: State = "warning" if abs(skew) > _CLOCKS_DIFFER else "ok"
    found.add(subject, state, words, "set this machine's clock, by NTP best" if state == "warning" else "")


async def _check_proxies(config: Config, found: Preflight) -> None:
    """Name the proxies: those of the environment stand in no config."""
    addresses = {"source": getattr(config.source, "base_url", ""), "destination": config.destination.base_url}
    for side, address in addresses.items():
        if text := proxy_text(address, config.http):
            found.add(f"{side} proxy", "ok", text)


async def _check_probe(config: Config, found: Preflight) -> None:
    if (probed := load_probe(config.workspace)) is not None:
        found.take(probe_line(probed, config.destination.base_url))


# --- source -----------------------------------------------------------------------------------------------------------


def _has_secrets(settings: BaseModel) -> bool:
    return any(isinstance(value, SecretStr) for _, value in settings)


async def _check_source(config: Config, found: Preflight) -> None:
    async with load_source(config.connector).open(config.source, config.http) as source:
        await source.check()
        answers = "answers, and takes the credentials" if _has_secrets(config.source) else "can be read"
        found.add("source", "ok", f"{config.connector} {answers}")
        _clock(source, found, "source clock")
        if source.abilities.files:
            found.take(spool_line(config.workspace))
        there: list[str] = []
        for project in config.projects:
            subject = f"source project {project.source}"
            await _tried(found, subject, lambda s=subject, p=project: _source_project(source, p, found, s, there))  # type: ignore[misc]
        if isinstance(source, Inspectable):
            inspected = source  # for the closure, in which the type would be lost
            await _tried(found, "source", lambda: _taken(inspected, there, found))


async def _source_project(
    source: Source, project: ProjectRules, found: Preflight, subject: str, there: list[str]
) -> None:
    entity = (await source.project(project.source)).entity
    there.append(project.source)
    counted = await _counts(source, project.source)
    told = counted_streams(counted) or ("nothing" if counted else "the service counts nothing")
    found.add(subject, "ok", f"“{entity.title}”: {told}")


async def _counts(source: Source, project: str) -> Mapping[str, int]:
    if isinstance(source, Inspectable):
        return await source.counts(project)
    pages = {stream: await source.page(stream, project, None) for stream in source.abilities.streams}
    return {stream: page.total for stream, page in pages.items() if page.total is not None}


async def _taken(source: Inspectable, projects: list[str], found: Preflight) -> None:
    async for line in source.preflight(projects):
        found.take(line)


# --- destination ------------------------------------------------------------------------------------------------------


async def _check_destination(config: Config, found: Preflight) -> None:
    async with open_api(config.destination, config.http, read_only=True) as api:
        destination = QASphereDestination(api, config.destination.marker_field)
        await destination.check()
        found.add("destination", "ok", "QA Sphere answers, and takes the API key")
        _clock(destination, found, "destination clock")

        async def statuses() -> None:
            active = [status.id for status in await api.settings.list_statuses() if status.is_active]
            found.take(status_line(config.mapping, active))

        role = await role_of(api)

        async def target(project: ProjectRules) -> None:
            async for line in project_lines(destination, config, project, role):
                found.take(line)

        await _tried(found, "destination statuses", statuses)
        for project in config.projects:
            await _tried(found, f"destination project {project.destination}", lambda p=project: target(p))  # type: ignore[misc]
