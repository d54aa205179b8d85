"""Errors of a command: a message and an exit code, never a traceback."""

import os
import traceback
from collections.abc import Callable
from typing import NoReturn, TypeVar

import typer

from connectors import SOURCES
from migrator.cli.output.common import print_error
from migrator.cli.output.terminal import say, talk
from migrator.core.errors import Interrupted, MigratorError
from migrator.core.plugins import raised_in
from migrator.core.redact import hidden

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
        for line in hidden("".join(traceback.format_exception(raised))).splitlines():
            say(talk, line)
    if plugin := raised_in(SOURCES, leaf):
        return plugin.unusable(f"unexpected {type(leaf).__name__}: {hidden(str(leaf))}"[:500])
    return MigratorError(
        f"unexpected {type(leaf).__name__}",
        cause=hidden(str(leaf))[:500],
        next_step="report it with the traceback, from migrator.log in the workspace or with MIGRATOR_DEBUG=1;"
        " the workspace stays valid",
    )
