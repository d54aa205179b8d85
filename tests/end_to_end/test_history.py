"""Milestones, runs and results, from a source to QA Sphere's stand-in over HTTP."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.qasphere.sandbox.store_runs import Milestone, Run
from migrator.core.errors import StalePlan
from migrator.core.model import AnyEntity
from migrator.core.text import visible_text
from migrator.standin.options import Profile, StandInOptions
from tests.support.drafts import ref
from tests.support.history import START, case, folder, plain, release, result, run
from tests.support.history_rig import history_rig

profiles = pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])


def shop(*entities: AnyEntity, cases: int = 3) -> list[AnyEntity]:
    return [folder(), *(case(number) for number in range(1, cases + 1)), *entities]


def two_runs() -> list[AnyEntity]:
    return shop(
        release(1, "Spring"),
        run(5, milestone=ref("release", "12", "1")),
        result(1, 5, 1), result(2, 5, 2, "Failed"), result(3, 5, 1, "Failed"),
        run(6, closed=False, ended_at=None),
        result(4, 6, 3, "Blocked"), result(5, 6, 2, None, steps=()),
    )  # fmt: skip


@profiles
async def test_releases_runs_and_results_arrive_and_a_second_run_writes_nothing(
    profile: Profile, tmp_path: Path
) -> None:
    async with history_rig(tmp_path, two_runs(), options=StandInOptions(profile=profile)) as rig:
        status = await rig.run()
        assert status.failures == []
        assert status.balanced, status.imbalance
        assert status.items["milestone"] == {"migrated": 1}
        assert status.items["run"] == {"migrated": 2}
        assert status.items["result"] == {"migrated": 4, "folded": 1}
        assert [milestone.title for milestone in rig.shop.milestones.values()] == ["Spring"]
        assert rig.shown() == {
            ("Smoke · Spring · 2024-03-06 · #5", "Case 1"): ["passed", "failed"],
            ("Smoke · Spring · 2024-03-06 · #5", "Case 2"): ["failed"],
            ("Smoke · 2024-03-07 · #6", "Case 3"): ["blocked"],
            ("Smoke · 2024-03-07 · #6", "Case 2"): [],
        }
        runs = rig.runs()
        assert runs[ref("run", "12", "5").marker].closed_at
        assert not runs[ref("run", "12", "6").marker].closed_at
        assert set(rig.results().values()) == {1}
        before = rig.calls("POST")
        again = await rig.run()
        assert rig.calls("POST") == before
        assert again.balanced, again.imbalance
        assert again.items["run"] == {"unchanged": 2}
        assert again.items["result"] == {"unchanged": 4, "folded": 1}
        assert not rig.stand_in.store.remote_comments


async def test_requests_stay_within_two_per_run_and_one_per_five_hundred_results(tmp_path: Path) -> None:
    entities = shop(cases=10)
    for number in range(1, 21):
        entities += [run(number), *(result(place, number, 1 + place % 10) for place in range(60))]
    entities += [run(50), *(result(place, 50, 1 + place % 10) for place in range(1100))]
    async with history_rig(tmp_path, entities) as rig:
        status = await rig.run()
        assert status.items["result"] == {"migrated": 2300}
        assert status.balanced
        assert rig.results().total() == 2300
        history = rig.calls("/run") + rig.calls("/milestone") + rig.calls("/status")
        assert history <= 21 * 3 + 2 + 8, rig.stand_in.log.counts
        assert rig.calls("POST", "/result") <= 20 + 3 + 1


async def test_results_of_one_test_stand_oldest_first(tmp_path: Path) -> None:
    late, early = START + timedelta(hours=2), START + timedelta(hours=1)
    entities = shop(
        run(5),
        result(1, 5, 1, "Passed", executed_at=late), result(2, 5, 1, "Failed", executed_at=early),
    )  # fmt: skip
    async with history_rig(tmp_path, entities) as rig:
        await rig.run()
        assert list(rig.shown().values()) == [["failed", "passed"]]


async def test_comments_say_what_the_source_knew(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(run(5), result(1, 5, 1, "Passed", facts={"host": "lab-1"}))) as rig:
        await rig.run()
        (row,) = rig.runs()[ref("run", "12", "5").marker].cases.values()
        words = visible_text(row.results[0].comment)
        assert "Original status: Passed" in words
        assert "Host: lab-1" in words
        assert "Actual: Opened 1" in words


async def test_the_forecast_counts_batches_of_large_comments(tmp_path: Path) -> None:
    """4 MiB of comments fill a request long before 500 results do; umlauts take two bytes each."""
    long = [result(place, 5, 1 + place % 3, comment=plain("ü" * (20_000 + 700 * place))) for place in range(70)]
    short = [result(place, 6, 1 + place % 3) for place in range(70)]
    async with history_rig(tmp_path, shop(run(5), *long, run(6), *short)) as rig:
        plan, _ = await rig.plan()
        status = await rig.run()
        assert status.items["result"] == {"migrated": 140}
        assert rig.calls("POST", "/result") == plan.cost.endpoints["POST results"] == 1 + 2 + 1


async def test_the_forecast_is_what_it_takes(tmp_path: Path) -> None:
    entities = [*two_runs(), run(7), *(result(place, 7, 1 + place % 3) for place in range(600))]
    async with history_rig(tmp_path, entities) as rig:
        plan, _ = await rig.plan()
        assert plan.items["result"] == {"pending": 604, "folded": 1}
        assert plan.actions["run"] == {"create": 3}
        endpoints = plan.cost.endpoints
        await rig.run()
        assert rig.calls("POST", "/milestone") == endpoints["POST milestone"]
        assert rig.calls("POST", "/{project}/run") - rig.calls("POST", "/run/") == endpoints["POST run"]
        assert rig.calls("POST", "/result/batch") == endpoints["POST results"]
        assert rig.calls("POST", "/close") == endpoints["POST close run"]
        assert rig.calls("GET", "/run/{run}/tcase/") == endpoints["GET case of a run"]


async def test_a_plan_is_stale_when_a_name_that_it_makes_exists(tmp_path: Path) -> None:
    async with history_rig(tmp_path, two_runs()) as rig:
        everything, rig.source.entities = rig.source.entities, rig.source.entities[:4]
        await rig.run()
        rig.source.entities = everything
        await rig.plan()
        await rig.refuse_if_stale()
        rig.shop.runs[70] = Run(70, "Smoke · 2024-03-07 · #6", "static", [])
        rig.shop.milestones[71] = Milestone(71, "Spring")
        with pytest.raises(StalePlan, match="nothing was written") as caught:
            await rig.refuse_if_stale()
        assert caught.value.cause == "milestone Spring exists by now; run Smoke · 2024-03-07 · #6 exists by now"


async def test_what_is_too_long_for_a_comment_or_a_run_is_a_file_that_is_linked(tmp_path: Path) -> None:
    long = run(5, description=plain("words of a run " * 100))
    entities = shop(long, result(1, 5, 1, comment=plain("words of a result " * 8000)))
    async with history_rig(tmp_path, entities) as rig:
        status = await rig.run()
        assert status.failures == []
        assert status.balanced, status.imbalance
        assert status.items["file"] == {"migrated": 2}
        made = rig.runs()[ref("run", "12", "5").marker]
        (row,) = made.cases.values()
        texts = {made.description: "words of a run", row.results[0].comment: "words of a result"}
        stored = rig.stand_in.store.files
        for text, words in texts.items():
            (ident,) = [ident for ident in stored if ident in text]
            assert words in visible_text(text)
            assert "qmig:" not in text
            assert stored[ident].size > len(words) * 50
        assert len(made.description) <= 512
        posts = rig.calls("POST")
        assert (await rig.run()).balanced
        assert rig.calls("POST") == posts
