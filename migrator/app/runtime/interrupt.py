"""Ctrl-C, SIGTERM and a terminal that is closed: the first drains, the second ends at once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TypeVar

import anyio

from migrator.core.errors import Interrupted, MigratorError
from migrator.core.events import Listener, Said
from migrator.engine.stop import Stop

DRAIN_SECONDS = 5.0
EXIT_INTERRUPTED = 130
# the second one ends the program, so that no more than that need be kept
_MOST_WAITING = 16

T = TypeVar("T")


async def interruptible(work: Callable[[], Awaitable[T]], stop: Stop, listener: Listener, next_step: str) -> T:
    """Do the work; on a signal start nothing new and give writes in flight ``DRAIN_SECONDS``.

    Raises ``Interrupted`` when a signal ended the work. What was in flight after that is looked up at the next start.
    """
    result: list[T] = []
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, group.cancel_scope, stop, listener)
        result.append(await work())
        group.cancel_scope.cancel()
    if stop.requested() or not result:
        raise Interrupted("stopped; everything that was answered is recorded", next_step=next_step)
    return result[0]


@contextmanager
def unwrapped() -> Iterator[None]:
    """Raise one of our errors by itself, not inside the groups that task groups make of it."""
    try:
        yield
    except BaseExceptionGroup as group:
        ours = _ours(group)
        if ours is None:
            raise
        raise ours from None


def _ours(raised: BaseException) -> MigratorError | None:
    if isinstance(raised, BaseExceptionGroup):
        return next((found for inner in raised.exceptions if (found := _ours(inner))), None)
    return raised if isinstance(raised, MigratorError) else None


async def _watch(scope: anyio.CancelScope, stop: Stop, listener: Listener) -> None:
    with signals_received(*_signals()) as signals:
        async for _ in signals:
            if stop.requested():
                os._exit(EXIT_INTERRUPTED)
            stop.request()
            with suppress(OSError):  # the terminal may be gone
                listener(Said("stopping: no new writes; a second signal ends at once"))
            scope.deadline = anyio.current_time() + DRAIN_SECONDS


def _signals() -> tuple[signal.Signals, ...]:
    """Return the signals that end the work; a program that was started with ``nohup`` outlives its terminal. Windows
    knows no SIGHUP, and has SIGBREAK for Ctrl-Break and a window that is closed."""
    others = [signal.Signals[name] for name in ("SIGHUP", "SIGBREAK") if name in signal.Signals.__members__]
    return (signal.SIGINT, signal.SIGTERM, *(one for one in others if signal.getsignal(one) is not signal.SIG_IGN))


@contextmanager
def signals_received(*numbers: signal.Signals) -> Iterator[AsyncIterator[int]]:
    """Yield what gives the signals as they come, also on Windows, where event loops take none."""
    with ExitStack() as stack:
        try:
            received: AsyncIterator[int] = stack.enter_context(anyio.open_signal_receiver(*numbers))
        except NotImplementedError:
            received = stack.enter_context(_by_handlers(*numbers))
        yield received


@contextmanager
def _by_handlers(*numbers: signal.Signals) -> Iterator[AsyncIterator[int]]:
    loop = asyncio.get_running_loop()
    send, receive = anyio.create_memory_object_stream[int](_MOST_WAITING)

    def take(number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(send.send_nowait, number)

    before = {number: signal.signal(number, take) for number in numbers}
    try:
        yield receive
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        send.close()
        receive.close()
