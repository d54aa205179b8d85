"""Says while the source is read for the first time how long that will take, and at its end what it took beside it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from migrator.core.events import Event, Listener, PhaseEnded, PhaseStarted, Progressed, Said
from migrator.report.news import WORTH_SAYING
from migrator.report.rate import duration
from state.timings import READING

_SHORT = 1.0
"""Seconds after which the pace of a stream says something."""


@dataclass
class _Stream:
    """A stream on its way. Times in seconds.

    Args:
        began: when its first page was there, ``at_first`` items.
        forecast: from there to the end, 0 before it was said.
    """

    began: float
    at_first: int
    last: float
    forecast: float = 0.0

    def seconds_in_all(self, done: int, total: int, now: float) -> float:
        """Return how long it takes in all at the pace so far; 0 while that is not known."""
        if done <= self.at_first or now - self.began < _SHORT:
            return 0.0
        return (total - self.at_first) * (now - self.began) / (done - self.at_first)


@dataclass
class _Reading:
    began: float
    streams: dict[str, _Stream] = field(default_factory=dict)


class ReadingForecast:
    """Passes every event on to ``listener``. What a list holds is known from its first page on, how fast it comes from
    the second; a source that does not say how much there is gets no forecast."""

    def __init__(self, listener: Listener, clock: Callable[[], float] = time.monotonic) -> None:
        self._listener = listener
        self._clock = clock
        self._readings: dict[str, _Reading] = {}

    def __call__(self, event: Event) -> None:
        """Take an event."""
        self._listener(event)
        if isinstance(event, PhaseStarted) and event.phase == READING:
            self._readings[event.project] = _Reading(self._clock())
        elif isinstance(event, PhaseEnded) and event.phase == READING:
            self._ended(event.project)
        elif isinstance(event, Progressed) and event.phase.startswith(f"{READING} "):
            self._progressed(event)

    def _progressed(self, event: Progressed) -> None:
        reading, now = self._readings.get(event.project), self._clock()
        if reading is None:
            return
        name = event.phase.removeprefix(f"{READING} ")
        stream = reading.streams.setdefault(name, _Stream(now, event.done, now))
        stream.last = now
        if stream.forecast or event.total is None:
            return
        seconds = stream.seconds_in_all(event.done, event.total, now)
        if seconds < WORTH_SAYING:
            return
        stream.forecast = seconds
        left = duration(seconds - (now - stream.began))
        words = f"{event.done:,} of {event.total:,} {name.replace('_', ' ')} read, about {left} to go"
        self._listener(Said(f"project {event.project}: {words}"))

    def _ended(self, project: str) -> None:
        reading = self._readings.pop(project, None)
        told = [(name, stream) for name, stream in reading.streams.items() if stream.forecast] if reading else []
        if not reading or not told:
            return
        parts = (
            f"{name.replace('_', ' ')} {duration(stream.last - stream.began)} (forecast: {duration(stream.forecast)})"
            for name, stream in told
        )
        took = duration(self._clock() - reading.began)
        self._listener(Said(f"project {project}: reading the source took {took}; {', '.join(parts)}"))
