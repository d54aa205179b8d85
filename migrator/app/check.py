"""``check``: is everything in place before a migration? Reads only; each line says what to do."""

import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from connectors import load_source
from connectors.qasphere import open_destination
from mappings.rules import ProjectRules
from migrator.app.interrupt import unwrapped
from migrator.config import Config
from migrator.core.errors import AuthenticationError, ConfigError, MigratorError, TemporaryError
from migrator.core.ports import DestinationReader, ProjectView, Source
from migrator.core.refs import marker_prefix

State = Literal["ok", "warning", "problem"]
_LEAST_FREE = 2 * 1024**3
_NETWORK = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"))
_GIB = 1024**3


class Line(BaseModel):
    """One thing that was looked at. ``next_step``: what to do about it, when it is not ok."""

    subject: str
    state: State
    text: str
    next_step: str = ""


class Preflight(BaseModel):
    """Everything that was looked at. ``exit_code``: 0 without problems, else that of the worst one."""

    lines: list[Line] = []
    exit_code: int = 0

    def add(self, subject: str, state: State, text: str, next_step: str = "") -> None:
        """Add a line."""
        self.lines.append(Line(subject=subject, state=state, text=text, next_step=next_step))
        if state == "problem":
            self.exit_code = self.exit_code or ConfigError.exit_code

    def failed(self, subject: str, error: MigratorError) -> None:
        """Add the line for an error; wrong credentials decide the exit code, then trouble that may pass."""
        self.add(subject, "problem", str(error), error.next_step)
        if isinstance(error, AuthenticationError) or (
            isinstance(error, TemporaryError) and self.exit_code != AuthenticationError.exit_code
        ):
            self.exit_code = error.exit_code


async def check(config: Config) -> Preflight:
    """Look at the workspace, at both services, and at every project of the config."""
    found = Preflight()
    _check_workspace(config, found)
    await _tried(found, "source", lambda: _check_source(config, found))
    await _tried(found, "destination", lambda: _check_destination(config, found))
    return found


async def _tried(found: Preflight, subject: str, look: Callable[[], Awaitable[None]]) -> None:
    """Turn what goes wrong into a line, so that the other checks still come."""
    try:
        with unwrapped():
            await look()
    except MigratorError as error:
        found.failed(subject, error)


# --- workspace --------------------------------------------------------------------------------------------------------


def _check_workspace(config: Config, found: Preflight) -> None:
    folder = next(path for path in (config.workspace, *config.workspace.parents) if path.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        found.add("workspace", "problem", f"{folder} cannot be written", "change `workspace` in the config")
        return
    free = shutil.disk_usage(folder).free
    words = f"{config.workspace}, {free / _GIB:.1f} GiB free"
    if free < _LEAST_FREE:
        found.add("workspace", "warning", words, "free some space: it holds everything that is extracted")
    else:
        found.add("workspace", "ok", words)
    kind = _file_system(folder)
    if kind in _NETWORK:
        found.add(
            "workspace", "warning", f"it lies on a network file system ({kind})",
            "use a local disk: neither locks nor the database are safe there",
        )  # fmt: skip


def _file_system(folder: Path) -> str:
    """Return the type of the file system, by the longest mount point above; empty where that cannot be told."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    resolved = folder.resolve()
    found = [
        (len(parts[1]), parts[2])
        for parts in (line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines())
        if len(parts) > 2 and resolved.is_relative_to(parts[1])
    ]
    return max(found, default=(0, ""))[1]


# --- source -----------------------------------------------------------------------------------------------------------


async def _check_source(config: Config, found: Preflight) -> None:
    async with load_source(config.connector).open(config.source, config.http) as source:
        await source.check()
        found.add("source", "ok", f"{config.connector} answers, and takes the credentials")
        for project in config.projects:
            subject = f"source project {project.source}"
            await _tried(found, subject, lambda s=subject, p=project: _source_project(source, p, found, s))  # type: ignore[misc]


async def _source_project(source: Source, project: ProjectRules, found: Preflight, subject: str) -> None:
    entity = (await source.project(project.source)).entity
    counts = [
        f"{page.total} {stream}"
        for stream in source.abilities.streams
        if (page := await source.page(stream, project.source, None)).total is not None
    ]
    found.add(subject, "ok", f"“{entity.title}”: {', '.join(counts) or 'the service counts nothing'}")


# --- destination ------------------------------------------------------------------------------------------------------


async def _check_destination(config: Config, found: Preflight) -> None:
    async with open_destination(config.destination, config.http, read_only=True) as destination:
        await destination.check()
        found.add("destination", "ok", "QA Sphere answers, and takes the API key")
        for project in config.projects:
            subject = f"destination project {project.destination}"
            await _tried(found, subject, lambda s=subject, p=project: _target(destination, config, p, found, s))  # type: ignore[misc]


async def _target(
    destination: DestinationReader, config: Config, project: ProjectRules, found: Preflight, subject: str
) -> None:
    view = await destination.project(project.destination)
    if view is None and not project.create:
        found.add(subject, "problem", "it does not exist", "create it in QA Sphere, or set `create: true`")
        return
    if view and view.archived:
        found.add(subject, "problem", "it is archived and refuses every write", "take it out of the archive")
        return
    await _contents(destination, config, project, view, found, subject)
    target = view or await destination.project_to_be(project.destination)
    for line in _fields(config, project, target, subject):
        found.add(line.subject, line.state, line.text, line.next_step)


async def _contents(
    destination: DestinationReader,
    config: Config,
    project: ProjectRules,
    view: ProjectView | None,
    found: Preflight,
    subject: str,
) -> None:
    if view is None:
        found.add(subject, "ok", "it will be created")
        return
    page = await destination.cases(project.destination, None, whole=False)
    prefix = marker_prefix(config.connector, config.instance)
    ours = any(marker.startswith(prefix) for case in page.cases for marker in case.markers)
    if page.total and not ours and not project.allow_existing:
        found.add(
            subject, "warning", f"it holds {page.total} cases; the first {len(page.cases)} are not ours",
            "choose another code, or set `allow_existing: true`; what is loaded cannot be taken out again",
        )  # fmt: skip
    else:
        found.add(subject, "ok", f"it exists and holds {page.total} cases")


def _fields(config: Config, project: ProjectRules, view: ProjectView, subject: str) -> Iterator[Line]:
    name = config.destination.marker_field
    if not view.fields_known:
        yield Line(
            subject=subject, state="warning", text="no project of QA Sphere could be asked for custom fields",
            next_step=f"make sure there is a custom text field `{name}`, enabled for all projects",
        )  # fmt: skip
        return
    if view.has_marker_field:
        yield Line(subject=subject, state="ok", text=f"cases can carry their origin in the custom field `{name}`")
    else:
        yield Line(
            subject=subject, state="warning", text=f"there is no enabled custom text field `{name}`",
            next_step=f"an admin can make it in QA Sphere: Settings → Custom fields → text, system name `{name}`,"
            " enabled for this project; without it lost answers take longer to look up",
        )  # fmt: skip
    filled = {target.casefold() for target in config.mapping.custom_fields.values()}
    for field in view.custom_fields:
        if field.required and not field.has_default and field.system_name.casefold() not in filled:
            yield Line(
                subject=subject, state="problem", text=f"the custom field `{field.system_name}` is required",
                next_step="give it a default value in QA Sphere, or name its source in mapping.custom_fields",
            )  # fmt: skip
    known = {field.system_name for field in view.custom_fields} | {"tag", "text", "drop"}
    for source_field, target in config.mapping.custom_fields.items():
        if target not in known:
            yield Line(
                subject=subject, state="warning", text=f"mapping.custom_fields sends “{source_field}” to `{target}`,"
                f" which project {project.destination} does not have",
                next_step="make it in QA Sphere, or correct the rule; until then the values stand in the precondition",
            )  # fmt: skip
