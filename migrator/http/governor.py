"""One governor per account: even pacing, a pause for everybody after a 429, and a bounded number of calls at a time.

Calls leave at equal distances. That holds the rate against a token bucket, a fixed window and a sliding log alike;
bursts would pass the first and fail the last. A small margin covers the difference between the moment a call leaves
here and the moment the server counts it.

What a 429 teaches stays known for a while: a single one, after many calls that went well, takes a little off the rate;
one that follows soon after another takes a twentieth, until a limit is found that the config did not name. The longer
none comes, the faster the rate grows again.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from migrator.core.ports.traffic import Traffic
from migrator.http.tempo import Tempo

MARGIN = 0.02
_FLOOR = 1 / 8
_SINGLE, _REPEATED = 0.98, 0.95
_CALM_SECONDS = 1.5
# how much of the full rate comes back with one answer; twice as much after each of so many answers
_REGAIN = 2e-6
_REGAIN_DOUBLES = 200
_LONGEST_PAUSE = 60.0
_LONGEST_NAMED_PAUSE = 300.0
_SHARED_PAUSE = 0.5
# a call that woke late may be followed a little sooner; half of what the margin leaves free in any second
_CATCH_UP = MARGIN / 2
# but no closer than this part of the distance, once the server has shown that it may count single calls
_CLOSEST = 1 - MARGIN * 3 / 4
_CLOCK_STEP = 1e-6


@dataclass
class GovernorStats:
    """What happened so far; waits in seconds, added up over all callers. ``held``: until the answers were there."""

    sent: int = 0
    throttled: int = 0
    paced: float = 0.0
    paused: float = 0.0
    queued: float = 0.0
    held: float = 0.0


class Governor:
    """Shared by all calls of one account.

    Args:
        rate: calls a second, None for no pacing.
        slots: calls at a time.
    """

    def __init__(self, *, rate: float | None, slots: int, name: str) -> None:
        self._documented = rate
        self._rate = rate * (1 - MARGIN) if rate else None
        self._full_rate = self._rate
        self._slots = anyio.CapacityLimiter(slots)
        self._name = name
        self._next_at = 0.0
        self._paused_until = 0.0
        self._pauses_in_a_row = 0
        self._answers_since = 0  # since the last 429
        self._closest = 0.0
        self._tempo = Tempo()
        self.stats = GovernorStats()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a free slot, the end of a pause and the next departure; hold the slot while the block runs."""
        asked = anyio.current_time()
        async with self._slots:
            self.stats.queued += anyio.current_time() - asked
            await self._depart()
            self.stats.sent += 1
            left = anyio.current_time()
            self._tempo.departed(left, self._gap)
            try:
                yield
            finally:
                now = anyio.current_time()
                self.stats.held += now - left
                self._tempo.ended(now, now - left)

    async def _depart(self) -> None:
        while True:
            now = anyio.current_time()
            if now < self._paused_until - _CLOCK_STEP:
                self.stats.paused += self._paused_until - now
                await anyio.sleep(self._paused_until - now)
            elif self._rate is None or now >= self._next_at - _CLOCK_STEP:
                gap = self._gap
                self._next_at = max(max(self._next_at, now - _CATCH_UP) + gap, now + gap * self._closest)
                return
            else:
                await self._wait_for_departure(now)

    async def _wait_for_departure(self, now: float) -> None:
        self.stats.paced += self._next_at - now
        await anyio.sleep(self._next_at - now)

    def throttled(self, retry_after: float | None) -> None:
        """Take note of a 429: everybody pauses, and goes on more slowly. ``retry_after`` in seconds, if given."""
        now = anyio.current_time()
        self.stats.throttled += 1
        if now < self._paused_until - _SHARED_PAUSE:
            return  # calls that were under way together are one event
        self._pauses_in_a_row += 1
        own = min(_LONGEST_PAUSE, 2.0 ** min(self._pauses_in_a_row - 1, 10)) * random.uniform(0.75, 1.0)  # noqa: S311 - jitter
        pause = own if retry_after is None else min(retry_after, _LONGEST_NAMED_PAUSE)
        self._paused_until = max(self._paused_until, now + pause)
        if self._rate and self._full_rate:
            is_single = self._answers_since > self._rate * _CALM_SECONDS or self.stats.throttled == 1
            self._rate = max(self._rate * (_SINGLE if is_single else _REPEATED), self._full_rate * _FLOOR)
        self._answers_since = 0
        self._closest = _CLOSEST

    def succeeded(self) -> None:
        """Take note of an answer: the rate comes back, at first by very little."""
        self._pauses_in_a_row = 0
        self._answers_since += 1
        if self._rate and self._full_rate and self._rate < self._full_rate:
            regain = _REGAIN * 2 ** (self._answers_since // _REGAIN_DOUBLES)
            self._rate = min(self._full_rate, self._rate + self._full_rate * regain)

    @property
    def documented_rate(self) -> float | None:
        """Calls a second that the service allows; None without a limit."""
        return self._documented

    def traffic(self) -> Traffic:
        """Return what was sent so far, and how quickly it was answered."""
        sent = self.stats.sent
        return Traffic(requests=sent, seconds=self.stats.held / max(1, sent), at_once=int(self._slots.total_tokens))

    def waiting_for(self) -> str:
        """Say what holds calls up right now; empty when nothing does."""
        now = anyio.current_time()
        if now < self._paused_until:
            return f"{self._name} wants a pause of {self._paused_until - now:.1f} s"
        if not self._tempo.is_asked(now, self._gap):
            return ""
        if self._tempo.is_at_limit(now, self._gap):
            return f"{self._name} allows {self._documented:g}/s"
        return f"answers of {self._name}"

    @property
    def _gap(self) -> float:
        return 1 / self._rate if self._rate else 0.0
