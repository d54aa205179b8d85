"""Telling whoever counts what each attempt at a request came to; nobody need listen.

The listener belongs to the context of the command that set it, as its tasks do: two commands in one process do not
count each other's requests.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

NO_ANSWER = "none"


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt at a request.

    Args:
        service: as people say it.
        status: that of HTTP in digits, or ``NO_ANSWER``.
        path: without the query of a whole address, which may sign it, but not searched for secrets.
        began_at: in seconds since the epoch.
        seconds: from leaving to the end of the answer.
        sent, received: bytes of bodies.
    """

    service: str
    method: str
    path: str
    status: str
    began_at: float
    seconds: float
    sent: int
    received: int


Observer = Callable[[Attempted], None]

_observers: ContextVar[tuple[Observer, ...]] = ContextVar("observers", default=())


@contextmanager
def observing(*observers: Observer) -> Iterator[None]:
    """Tell ``observers`` of every attempt while the block runs, in it and in the tasks that it starts."""
    before = _observers.set((*_observers.get(), *observers))
    try:
        yield
    finally:
        _observers.reset(before)


def attempted(attempt: Attempted) -> None:
    """Tell of an attempt."""
    for observer in _observers.get():
        observer(attempt)
