"""Runs and results in later rounds of a sync, and the last one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from migrator.core.model import AnyEntity, TestRun
from tests.support.history import case, folder, result, run
from tests.support.history_rig import HistoryRig, history_rig

NOW = datetime.now(UTC)
LAST_MONTH = NOW.replace(day=1) - timedelta(days=2)


def shop(*entities: AnyEntity, cases: int = 3) -> list[AnyEntity]:
    return [folder(), *(case(number) for number in range(1, cases + 1)), *entities]


def single(number: int, ended: datetime) -> TestRun:
    return run(number, single=True, started_at=ended, ended_at=ended)


def group(ended: datetime) -> str:
    return f"Single tests · {ended:%Y-%m}"


def results_of(rig: HistoryRig, title: str) -> list[str]:
    return sorted(name for (of, name) in rig.shown() if of == title)


async def test_runs_of_single_tests_wait_until_their_month_is_over(tmp_path: Path) -> None:
    entities = shop(single(5, LAST_MONTH), result(1, 5, 1), single(6, NOW), result(1, 6, 2))
    async with history_rig(tmp_path, entities) as rig:
        rig.filing = "months"
        status = await rig.run()
        assert [made.title for made in rig.shop.runs.values()] == [group(LAST_MONTH)]
        assert status.items["run"] == {"archived": 1, "folded": 1, "migrated": 1}
        assert status.items["result"] == {"archived": 1, "migrated": 1}
        assert status.balanced, status.imbalance
        # more of them come, round after round, and none makes a run
        rig.source.entities = [*entities, single(7, NOW), result(1, 7, 3)]
        posts = rig.calls("POST")
        status = await rig.run()
        assert rig.calls("POST") == posts
        assert status.items["result"] == {"archived": 2, "unchanged": 1}
        rig.filing = "final"
        status = await rig.run()
        assert results_of(rig, group(NOW)) == ["Case 2", "Case 3"]
        assert len(rig.shop.runs) == 2
        assert (status.failures, status.balanced) == ([], True)
        posts = rig.calls("POST")
        assert (await rig.run()).balanced
        assert rig.calls("POST") == posts


async def test_what_was_filed_in_the_middle_of_a_month_stays_and_gets_one_follow_up(tmp_path: Path) -> None:
    entities = shop(single(5, NOW), result(1, 5, 1))
    async with history_rig(tmp_path, entities) as rig:
        await rig.run()
        assert len(rig.shop.runs) == 1
        rig.filing = "months"
        rig.source.entities = [*entities, single(6, NOW), result(1, 6, 1), single(7, NOW), result(1, 7, 2)]
        posts = rig.calls("POST")
        for _ in range(2):
            status = await rig.run()
            assert (status.failures, status.balanced) == ([], True), status.imbalance
            assert status.items["run"] == {"archived": 2, "folded": 1, "unchanged": 1}
        assert rig.calls("POST") == posts
        rig.filing = "final"
        status = await rig.run()
        assert (status.failures, status.balanced) == ([], True), status.imbalance
        assert len(rig.shop.runs) == 2
        assert set(rig.results().values()) == {1}
        assert len(rig.results()) == 3


async def test_the_last_round_closes_what_is_open_and_later_results_follow_up(tmp_path: Path) -> None:
    opened = run(5, closed=False)
    async with history_rig(tmp_path, shop(opened, result(1, 5, 1), result(2, 5, 2, None, steps=()))) as rig:
        rig.filing = "months"
        await rig.run()
        assert not any(made.closed_at for made in rig.shop.runs.values())
        rig.source.entities = shop(opened, result(1, 5, 1), result(2, 5, 2, "Failed"))
        rig.filing = "final"
        status = await rig.run()
        assert (status.failures, status.balanced) == ([], True)
        (made,) = rig.shop.runs.values()
        assert made.closed_at
        assert rig.shown() == {(made.title, "Case 1"): ["passed"], (made.title, "Case 2"): ["failed"]}
        rig.source.entities = shop(opened, result(1, 5, 1), result(2, 5, 2, "Failed"), result(3, 5, 3))
        status = await rig.run()
        assert (status.failures, status.balanced) == ([], True)
        assert len(rig.shop.runs) == 2
        assert set(rig.results().values()) == {1}
