"""``sync --every``: round after round, without overlap, until a signal; slower while a service is in trouble."""

import random
import re
import time
from collections.abc import Awaitable, Callable
from functools import partial

from migrator.app.runtime.interrupt import interruptible, unwrapped
from migrator.app.sync.unattended import SyncOutcome, announce_next, unattended_sync
from migrator.config import Config
from migrator.core.errors import TemporaryError, WorkspaceLocked
from migrator.core.events import Listener, Said
from migrator.engine.stop import Stop

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_INTERVAL = re.compile(r"(\d+(?:\.\d+)?)([smh])")
_JITTER = 0.1
_LONGEST_BACK_OFF = 3600.0
_AGAIN = "start it again; it goes on where it stopped"


def seconds_of(interval: str) -> float:
    """Return the seconds of e.g. ``15m``; ``ValueError`` when it is no such interval."""
    match = _INTERVAL.fullmatch(interval.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if seconds <= 0:
        raise ValueError(f"{interval!r} is no interval; write it like 90s, 15m or 2h")
    return seconds


def pause(every: float, elapsed: float, failures: int, chance: float) -> float:
    """Return how long to wait for the next round, in seconds.

    Args:
        every: seconds from the beginning of a round to that of the next.
        elapsed: how long the last one took.
        failures: how many in a row ended in temporary trouble; each doubles the pause, up to an hour or ``every``.
        chance: 0 to 1, so that many of these do not all begin at once.
    """
    wished = every if not failures else min(every * 2.0**failures, max(_LONGEST_BACK_OFF, every))
    wished *= 1 - _JITTER + 2 * _JITTER * chance
    # after trouble the service gets the whole pause
    return wished if failures else max(0.0, wished - elapsed)


async def sync_every(
    config: Config, listener: Listener, *, every: float, full: bool, strict: bool, show: Callable[[SyncOutcome], None]
) -> None:
    """Do rounds until a signal, which ends as ``Interrupted``. ``full``: each reads everything. ``show`` gets each one.

    Raises what no later round can do better, such as refused credentials.
    """
    stop = Stop()
    one = partial(unattended_sync, config, listener, full=full, strict=strict, stop=stop)

    async def rounds() -> None:
        failures = 0
        while not stop.requested():
            started = time.monotonic()
            in_trouble = await _round(one, listener, show=show, stop=stop)
            failures = failures + 1 if in_trouble else 0
            seconds = pause(every, time.monotonic() - started, failures, random.random())  # noqa: S311 - no secret
            if not stop.requested():
                announce_next(config, time.time() + seconds)
                await stop.sleep(seconds)

    with unwrapped():
        await interruptible(rounds, stop, listener, _AGAIN)


async def _round(
    one: Callable[[], Awaitable[SyncOutcome]], listener: Listener, *, show: Callable[[SyncOutcome], None], stop: Stop
) -> bool:
    """Do one round; return whether it ended in temporary trouble."""
    try:
        ended = await one()
    except WorkspaceLocked as error:
        listener(Said(f"{error}; this round is left out"))
        return False
    if stop.requested():
        return False
    if ended.error is not None and not isinstance(ended.error, TemporaryError):
        raise ended.error
    show(ended)
    return ended.error is not None
