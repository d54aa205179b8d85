"""The clock of tests that wait: it leaves out idle time, and nothing else."""

import time

import anyio
import pytest
from aiohttp import ClientSession, ClientTimeout

from connectors.qasphere import sandbox as qasphere
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve

pytestmark = pytest.mark.quick_clock


async def test_a_minute_of_waiting_keeps_its_order_and_its_length() -> None:
    order: list[int] = []

    async def wait(seconds: int) -> None:
        await anyio.sleep(seconds)
        order.append(seconds)

    began, began_for_others = anyio.current_time(), time.monotonic()
    async with anyio.create_task_group() as group:
        for seconds in (60, 1, 30):
            group.start_soon(wait, seconds)
    passed = anyio.current_time() - began
    assert order == [1, 30, 60]
    assert passed >= 60
    assert time.monotonic() - began_for_others < passed


@pytest.mark.parametrize(("latency", "ends"), [(1.0, "answer"), (5.0, "time-out")])
async def test_whether_an_answer_is_in_time_stays_as_it_is(latency: float, ends: str) -> None:
    stand_in = qasphere.build(StandInOptions(latency=latency))
    async with serve(stand_in.app) as url, ClientSession(timeout=ClientTimeout(total=3)) as session:
        for _ in range(5):
            try:
                async with session.get(f"{url}/api/public/v0/project") as answer:
                    await answer.read()
                ended = "answer"
            except TimeoutError:
                ended = "time-out"
            assert ended == ends
