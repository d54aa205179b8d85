"""Running a command that takes its time: with the config, and with progress."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import anyio

from migrator.cli.config_file import config_of
from migrator.cli.guard import guarded
from migrator.cli.output.progress import progress_listener
from migrator.config import Config
from migrator.core.events import Listener

T = TypeVar("T")


def working(
    config_path: Path,
    work: Callable[[Config, Listener], Awaitable[T]],
    *,
    as_json: bool,
    projects: Sequence[str] | None = None,
) -> T:
    """Run a command that takes its time, with progress, and return its answer. ``projects``: None for all."""

    def whole() -> T:
        config = config_of(config_path).limited_to(projects or ())
        with progress_listener() as listener:
            return anyio.run(work, config, listener)

    return guarded(whole, as_json=as_json)
