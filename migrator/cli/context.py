"""Running one command: its config, its errors, its exit code."""

import os
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import anyio
import typer

from migrator.app.reports.documents import Status
from migrator.cli.output import print_error, print_json, print_status
from migrator.cli.progress import progress_listener
from migrator.config import Config, load_config
from migrator.core.errors import Interrupted, MigratorError
from migrator.core.events import Listener

EXIT_ITEMS_FAILED = 3

T = TypeVar("T")


def guarded(work: Callable[[], T], *, as_json: bool) -> T:
    """Do the work; turn any error into a message and an exit code, never into a traceback."""
    try:
        return work()
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:  # where nothing has to be drained
        raise typer.Exit(Interrupted.exit_code) from None
    except Exception as raised:  # noqa: BLE001 - the last line of defence between a defect and a traceback
        error = _leaf(raised)
        _fail(error if isinstance(error, MigratorError) else _unexpected(error, raised), as_json=as_json)


def working(config_path: Path, work: Callable[[Config, Listener], Awaitable[T]], *, as_json: bool) -> T:
    """Run a command that takes its time, with progress, and return its answer."""

    def whole() -> T:
        config = load_config(config_path)
        with progress_listener() as listener:
            return anyio.run(work, config, listener)

    return guarded(whole, as_json=as_json)


def migrate(config_path: Path, work: Callable[[Config, Listener], Awaitable[Status]], *, as_json: bool) -> None:
    """Run a migrating command with progress, print its status, and exit with its code."""
    finish(working(config_path, work, as_json=as_json), as_json=as_json)


def finish(status: Status, *, as_json: bool) -> None:
    """Print the status and exit: 0, or 3 when something failed, is blocked or unknown."""
    if as_json:
        print_json(status.model_dump())
    else:
        print_status(status, failures_hint="`migrator status --failed` lists them all")
    if status.has_failures:
        raise typer.Exit(EXIT_ITEMS_FAILED)


def _fail(error: MigratorError, *, as_json: bool) -> NoReturn:
    print_error(error, as_json=as_json)
    raise typer.Exit(error.exit_code)


def _leaf(raised: BaseException) -> BaseException:
    """Return the error that a person should read: ours before anything else."""
    if not isinstance(raised, BaseExceptionGroup):
        return raised
    leaves = [_leaf(inner) for inner in raised.exceptions]
    ours = [leaf for leaf in leaves if isinstance(leaf, MigratorError)]
    return (ours or leaves)[0]


def _unexpected(leaf: BaseException, raised: BaseException) -> MigratorError:
    if os.environ.get("MIGRATOR_DEBUG"):
        traceback.print_exception(raised)
    return MigratorError(
        f"unexpected {type(leaf).__name__}",
        cause=str(leaf)[:500],
        next_step="report it with the traceback, from migrator.log in the workspace or with MIGRATOR_DEBUG=1;"
        " the workspace stays valid",
    )
