"""The governor against three shapes of limits, on a simulated clock: the loop's time jumps when everybody sleeps."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from migrator.http.governor import Governor
from migrator.standin.limits import Limit, limit_of
from migrator.standin.options import RateShape


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer, or a little later, instead of waiting for it."""

    def __init__(self, lateness: float = 0.0) -> None:
        super().__init__()
        self._now = 1000.0
        self._lateness = lateness
        self._chance = random.Random(1)

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            late = self._chance.uniform(0, self._lateness)
            self._now = max(self._now, self._scheduled[0]._when + late)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def simulate(work: Coroutine[Any, Any, Any], lateness: float = 0.0) -> Any:
    loop = JumpingLoop(lateness)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


class NoBurst:
    """A bucket that holds one request: two must be a twentieth of a second apart."""

    def __init__(self) -> None:
        self._full_at = 0.0

    def allows(self, now: float) -> bool:
        if now < self._full_at - 1e-9:
            return False
        self._full_at = now + 1 / 20
        return True


async def drive(
    governor: Governor, limit: Limit, calls: int, latency: float, jitter: float = 0.0, retry_after: float | None = None
) -> tuple[int, float]:
    """Send so many calls through the governor against a limit; return refusals and seconds.

    ``jitter``: how much longer than another one a call may travel, in seconds.
    """
    chance = random.Random(1)
    loop = asyncio.get_running_loop()
    started = loop.time()
    refused = 0
    left = iter(range(calls))

    async def worker() -> None:
        nonlocal refused
        for _ in left:
            allowed = False
            while not allowed:
                async with governor.turn():
                    await asyncio.sleep(chance.uniform(0, jitter))
                    allowed = limit.allows(loop.time())
                    await asyncio.sleep(latency)
                if allowed:
                    governor.succeeded()
                else:
                    refused += 1
                    governor.throttled(retry_after)

    await asyncio.gather(*(worker() for _ in range(16)))
    return refused, loop.time() - started


@pytest.mark.parametrize("shape", ["bucket", "window", "log"])
@pytest.mark.parametrize("lateness", [0.0, 0.004])
def test_the_limit_is_used_to_95_percent_and_never_exceeded(shape: RateShape, lateness: float) -> None:
    async def work() -> tuple[int, float]:
        return await drive(Governor(rate=20, slots=16, name="QA Sphere"), limit_of(20, shape), 1000, 0.2)

    refused, seconds = simulate(work(), lateness)
    assert refused == 0
    assert 1000 / seconds >= 0.95 * 20


@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("lateness", [0.0, 0.002])
def test_a_limit_without_bursts_is_found_and_used_to_90_percent(lateness: float, retry_after: float | None) -> None:
    async def work() -> tuple[int, float]:
        governor = Governor(rate=20, slots=16, name="QA Sphere")
        return await drive(governor, NoBurst(), 4000, 0.05, jitter=0.001, retry_after=retry_after)

    refused, seconds = simulate(work(), lateness)
    assert refused <= 6
    assert 4000 / seconds >= 0.9 * 20


@pytest.mark.parametrize("shape", ["bucket", "window", "log"])
def test_a_limit_that_is_set_too_high_in_the_config_is_found(shape: RateShape) -> None:
    async def work() -> tuple[int, float]:
        governor = Governor(rate=40, slots=16, name="QA Sphere")
        return await drive(governor, limit_of(20, shape), 4000, 0.05, retry_after=1.0)

    refused, seconds = simulate(work())
    assert refused <= 40
    assert 4000 / seconds >= 0.9 * 20


def test_after_a_while_in_which_others_used_the_limit_up_the_rate_comes_back() -> None:
    async def work() -> tuple[float, float]:
        governor = Governor(rate=20, slots=4, name="QA Sphere")
        loop = asyncio.get_running_loop()
        for _ in range(12):
            governor.throttled(1.0)
            await asyncio.sleep(1.0)
        started = loop.time()
        for _ in range(2500):
            async with governor.turn():
                governor.succeeded()
        between = loop.time()
        for _ in range(100):
            async with governor.turn():
                governor.succeeded()
        return between - started, 100 / (loop.time() - between)

    seconds, rate = simulate(work())
    assert seconds < 600
    assert rate >= 19


def test_a_429_pauses_everybody_and_the_rate_recovers() -> None:
    async def work() -> tuple[float, float, int]:
        governor = Governor(rate=20, slots=4, name="QA Sphere")
        loop = asyncio.get_running_loop()
        governor.throttled(3.0)
        before = loop.time()
        async with governor.turn():
            paused = loop.time() - before
        for _ in range(300):
            governor.succeeded()
        started = loop.time()
        for _ in range(100):
            async with governor.turn():
                pass
        return paused, 100 / (loop.time() - started), governor.stats.throttled

    paused, rate, throttled = simulate(work())
    assert paused == pytest.approx(3.0)
    assert rate >= 19
    assert throttled == 1


async def said_while(governor: Governor, callers: int, latency: float, *, rounds: int = 8) -> Counter[str]:
    """Let so many callers ask one after the other, and return how often the governor said what it waits for."""
    said: Counter[str] = Counter()

    async def caller() -> None:
        for _ in range(rounds):
            async with governor.turn():
                await asyncio.sleep(latency)

    tasks = [asyncio.create_task(caller()) for _ in range(callers)]
    await asyncio.sleep(2 * latency + 1)
    while not all(task.done() for task in tasks):
        said[governor.waiting_for()] += 1
        await asyncio.sleep(0.13)
    return said


@pytest.mark.parametrize(
    ("rate", "slots", "callers", "latency", "words"),
    [
        (20, 16, 16, 0.3, "QA Sphere allows 20/s"),
        (20, 16, 16, 0.01, "QA Sphere allows 20/s"),
        (1, 4, 1, 0.3, "QA Sphere allows 1/s"),
        (20, 16, 16, 3.0, "answers of QA Sphere"),
        (20, 16, 4, 0.5, "answers of QA Sphere"),
        (20, 4, 30, 0.4, "answers of QA Sphere"),
        (5, 4, 1, 2.5, "answers of QA Sphere"),
        (None, 4, 1, 0.3, "answers of QA Sphere"),
    ],
)
def test_it_says_whether_the_limit_or_the_answers_hold_calls_up(
    rate: float | None, slots: int, callers: int, latency: float, words: str
) -> None:
    said = simulate(said_while(Governor(rate=rate, slots=slots, name="QA Sphere"), callers, latency), 0.002)
    assert said.most_common(1)[0][0] == words
    assert said[words] >= 0.9 * said.total()


def test_it_says_nothing_when_nobody_asks_and_names_a_pause() -> None:
    async def work() -> list[str]:
        governor = Governor(rate=20, slots=1, name="QA Sphere")
        said = [governor.waiting_for()]
        async with governor.turn():
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.5)
        said.append(governor.waiting_for())
        governor.throttled(5.0)
        said.append(governor.waiting_for())
        return said

    before, after, paused = simulate(work())
    assert before == after == ""
    assert "wants a pause of 5.0 s" in paused


def test_slots_bound_what_is_under_way_and_a_cancelled_wait_leaks_none() -> None:
    async def work() -> tuple[int, bool]:
        governor = Governor(rate=None, slots=2, name="QAComplete")
        running = peak = 0

        async def one() -> None:
            nonlocal running, peak
            async with governor.turn():
                running += 1
                peak = max(peak, running)
                try:
                    await asyncio.sleep(1)
                finally:
                    running -= 1

        tasks = [asyncio.create_task(one()) for _ in range(6)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(asyncio.gather(one(), one()), 5)
        await asyncio.sleep(1)
        return peak, governor.waiting_for() == ""

    peak, free = simulate(work())
    assert peak == 2
    assert free
