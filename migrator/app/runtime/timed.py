"""Keeps how long a command works at each phase and what it waits for, from the events that it tells anyway."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from migrator.core.events import NEEDS, Event, Listener, PhaseEnded, PhaseStarted, Progressed
from state.timings import Timing, Timings

_FLUSH_SECONDS = 5.0
_SECONDS_LEFT = re.compile(r" of [\d.]+ s\b")


@dataclass
class _Span:
    started_at: float
    last: float
    flushed: float = 0.0
    done: int = 0
    waits: dict[str, float] = field(default_factory=dict)


def without_seconds(waiting_for: str) -> str:
    """Return what is waited for without how long that takes, so that the same counts as the same."""
    return _SECONDS_LEFT.sub("", waiting_for)


def _nowhere(_reason: str, _seconds: float) -> None:
    """Keep nothing."""


class TimedListener:
    """Passes every event on to ``listener``, and what was waited for to ``waited``, but not for another phase. What a
    killed process had done is known up to some seconds before."""

    def __init__(
        self, timings: Timings, command: str, listener: Listener, waited: Callable[[str, float], None] = _nowhere
    ) -> None:
        self._waited = waited
        self._timings = timings
        self._command = command
        self._listener = listener
        self._session = time.time()
        self._spans: dict[tuple[str, str], _Span] = {}
        self._begun: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, PhaseStarted | Progressed | PhaseEnded):
            self._take(event)
        self._listener(event)

    def close(self) -> None:
        """Keep what is not kept yet."""
        for key, span in self._spans.items():
            self._flush(key, span)

    def _take(self, event: PhaseStarted | Progressed | PhaseEnded) -> None:
        now, key = time.time(), (event.project, event.phase)
        span = self._spans.setdefault(key, _Span(now, now))
        if isinstance(event, PhaseStarted):
            self._begun[event.project] = now
        if span.last < self._begun.get(event.project, 0.0) < now or isinstance(event, PhaseStarted):
            # it comes again, after something else: what lies between is not its time
            span.started_at += now - span.last
            span.last = now
        if isinstance(event, Progressed) and event.waiting_for:
            reason = without_seconds(event.waiting_for)
            span.waits[reason] = span.waits.get(reason, 0.0) + now - span.last
            if reason != NEEDS:
                self._waited(reason, now - span.last)
        span.last = now
        if not isinstance(event, PhaseStarted):
            span.done = event.done
        if isinstance(event, PhaseEnded) or now - span.flushed >= _FLUSH_SECONDS:
            span.flushed = now
            self._flush(key, span)

    def _flush(self, key: tuple[str, str], span: _Span) -> None:
        project, phase = key
        waits = {reason: round(seconds, 3) for reason, seconds in span.waits.items()}
        self._timings.put(
            Timing(self._session, self._command, project, phase, span.started_at, span.last, span.done, waits)
        )
