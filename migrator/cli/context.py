"""Running a command that takes its time: with the config, and with progress."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar

import anyio

from migrator.cli.config_file import config_of
from migrator.cli.guard import guarded
from migrator.cli.output.progress import progress_listener
from migrator.cli.output.terminal import Manner
from migrator.config import Config
from migrator.core.events import Listener

T = TypeVar("T")


def _page(config: Config, listener: Listener) -> AbstractContextManager[Listener]:
    """Return what keeps the page to watch up to date, if one is wanted."""
    if not Manner.is_live:
        return nullcontext(listener)
    from migrator.app.runtime.live import watched  # noqa: PLC0415 - templates are for those who want the page

    return watched(config.workspace / "reports", Manner.command, listener)


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
        with progress_listener() as listener, _page(config, listener) as listening:
            return anyio.run(work, config, listening)

    return guarded(whole, as_json=as_json)
