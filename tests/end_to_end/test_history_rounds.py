"""What later rounds make of a history: follow-up runs, editions, adoption."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from migrator.core.model import AnyEntity
from migrator.engine.job import ConflictPolicy
from migrator.standin.options import StandInOptions
from tests.support.drafts import ref
from tests.support.history import (
    START,
    configuration,
    defect,
    plain,
    release,
    result,
    run,
    shop,
    single_runs,
)
from tests.support.history_rig import HistoryRig, history_rig


def titles(rig: HistoryRig) -> list[str]:
    return [run.title for run in rig.shop.runs.values()]


async def test_an_open_run_is_filled_and_closed_later_and_a_new_test_makes_a_follow_up(tmp_path: Path) -> None:
    opened = run(5, closed=False)
    async with history_rig(tmp_path, shop(opened, result(1, 5, 1), result(2, 5, 2, None, steps=()))) as rig:
        await rig.run()
        rig.source.entities = shop(opened, result(1, 5, 1), result(2, 5, 2, "Failed"))
        status = await rig.run()
        assert status.failures == []
        assert rig.shown() == {
            ("Smoke · 2024-03-06 · #5", "Case 1"): ["passed"],
            ("Smoke · 2024-03-06 · #5", "Case 2"): ["failed"],
        }
        rig.source.entities = shop(run(5), result(1, 5, 1), result(2, 5, 2, "Failed"), result(3, 5, 3, "Blocked"))
        status = await rig.run()
        assert status.failures == []
        assert status.items["run"] == {"updated": 1, "migrated": 1}
        assert titles(rig)[1].startswith("Smoke · 2024-03-06 · #5 · follow-up ")
        assert all(made.closed_at for made in rig.shop.runs.values())
        assert set(rig.results().values()) == {1}
        assert status.balanced, status.imbalance
        posts = rig.calls("POST")
        assert (await rig.run()).items["run"] == {"unchanged": 2}
        assert rig.calls("POST") == posts


async def test_a_result_edited_at_the_source_is_a_new_result_behind_the_old_one(tmp_path: Path) -> None:
    opened = run(5, closed=False)
    async with history_rig(tmp_path, shop(opened, result(1, 5, 1))) as rig:
        await rig.run()
        for status_then in ("Failed", "Passed", "Failed"):  # there and back again
            rig.source.entities = shop(opened, result(1, 5, 1, status_then))
            status = await rig.run()
            assert status.failures == []
            assert status.balanced, status.imbalance
            again = await rig.run()
            assert again.items["result"]["unchanged"] >= 1
        assert list(rig.shown().values()) == [["passed", "failed", "passed", "failed"]]
        origin = ref("result", "12", "5", "1").marker
        assert [marker for marker in rig.results() if marker != origin and marker.startswith(f"{origin}@")]
        assert set(rig.results().values()) == {1}


async def test_an_edit_of_a_closed_run_goes_to_a_follow_up_each_time(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(run(5), result(1, 5, 1), result(2, 5, 2))) as rig:
        await rig.run()
        for number, status_then in enumerate(("Failed", "Blocked", "Failed"), start=1):
            rig.source.entities = shop(run(5), result(1, 5, 1, status_then), result(2, 5, 2))
            status = await rig.run()
            assert status.failures == []
            assert [note["code"] for note in status.notes if note["kind"] == "result"] == ["changed_at_source"]
            assert status.balanced, status.imbalance
            assert len(rig.shop.runs) == 1 + number
            assert all(made.closed_at for made in rig.shop.runs.values())
            posts = rig.calls("POST")
            for _ in range(2):  # what was sent stays, and so does what is said of it
                again = await rig.run()
                assert again.balanced
                assert [note["code"] for note in again.notes if note["kind"] == "result"] == ["changed_at_source"]
            assert rig.calls("POST") == posts
        assert list(rig.shown().values()) == [["passed"], ["passed"], ["failed"], ["blocked"], ["failed"]]
        assert set(rig.results().values()) == {1}


async def test_a_result_that_reads_as_before_is_not_sent_again(tmp_path: Path) -> None:
    entities = [
        result(1, 5, 1, address="https://acme.example/v1/1", executed_at=START + timedelta(days=5, minutes=9)),
        result(2, 5, 2),
    ]
    for closed in (True, False):
        async with history_rig(tmp_path / str(closed), shop(run(5, closed=closed), *entities)) as rig:
            await rig.run()
            posts = rig.calls("POST")
            harmless: list[dict[str, object]] = [
                {"position": 7},
                {"position": 8, "address": "https://acme.example/2026-01-01/1"},
                {"title": "Case 1, as the matrix is called by now"},
                {"extra": {"siblings": 12}, "position": 9},
                # the test was run once more elsewhere, and the source dates this result by that
                {"executed_at": run(5).ended_at, "other_date": run(9).ended_at},
            ]
            for change in harmless:
                rig.source.entities = shop(
                    run(5, closed=closed), *(found.model_copy(update=change) for found in entities)
                )
                status = await rig.run()
                assert status.items["result"] == {"unchanged": 2}
                assert status.balanced, status.imbalance
            assert rig.calls("POST") == posts


async def test_a_configuration_that_is_renamed_sends_no_result_again_but_a_remark_of_that_name_does(
    tmp_path: Path,
) -> None:
    of_run = run(5, closed=False, configuration=ref("configuration", "12", "3"))
    facts = {"configuration_name": "Firefox", "folder_name": "Old"}
    ours, said = result(1, 5, 1, facts=facts), result(2, 5, 2, remarks={"Configuration": "mine"})
    async with history_rig(tmp_path, shop(of_run, configuration(3, "Firefox"), ours, said)) as rig:
        await rig.run()
        renamed = ours.model_copy(update={"facts": {"configuration_name": "Firefox 2", "folder_name": "New"}})
        edited = said.model_copy(update={"remarks": {"Configuration": "new"}})
        rig.source.entities = shop(of_run, configuration(3, "Firefox 2"), renamed, edited)
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert sorted(map(len, rig.shown().values())) == [1, 2]


async def test_what_a_result_says_of_its_defect_and_its_run_is_no_edit_of_it(tmp_path: Path) -> None:
    single = run(5, single=True, attributes={"release_name": "Spring"})
    defects = (ref("defect", "12", "7"),)
    ours, other = (result(n, 5, n, defects=defects, facts={"folder_name": "Old"}) for n in (1, 2))
    async with history_rig(tmp_path, shop(single, defect(7, "It crashes"), ours, other)) as rig:
        await rig.run()
        moved = {"attributes": {"release_name": "Easter"}, "ended_at": START + timedelta(days=5, hours=2)}
        renamed = defect(7, "It crashed").model_copy(update={"state": "Fixed"})
        touched = [found.model_copy(update={"facts": {"folder_name": "New"}}) for found in (ours, other)]
        touched[1] = touched[1].model_copy(update={"defects": (*defects, ref("defect", "12", "8"))})
        rig.source.entities = shop(single.model_copy(update=moved), renamed, *touched)
        status = await rig.run()
        assert status.balanced, status.imbalance
        # the defect that somebody added is an edit
        assert sorted(map(len, rig.shown().values())) == [1, 1, 1]


async def test_other_rules_send_no_result_again(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(run(5, closed=False), result(1, 5, 1))) as rig:
        await rig.run()
        rig.mapping = {"status": {"Passed": "skipped"}}
        status = await rig.run()
        assert status.items["result"] == {"unchanged": 1}
        assert rig.results().total() == 1


def lively() -> list[AnyEntity]:
    return shop(
        release(1, "Spring"),
        run(4, milestone=ref("release", "12", "1"), closed=False),
        result(1, 4, 1), result(2, 4, 1, "Failed"), result(3, 4, 2, None, steps=(), comment=plain("half way")),
        *single_runs(),
    )  # fmt: skip


@pytest.mark.parametrize("profile", ["strict", "odd"])
async def test_a_new_workspace_finds_everything_and_writes_nothing(profile: Any, tmp_path: Path) -> None:
    async with history_rig(tmp_path, lively(), options=StandInOptions(profile=profile)) as rig:
        await rig.run()
        rig.source.entities = [*lively(), result(9, 4, 3)]
        await rig.run()  # with a follow-up run
        before, posts = rig.results(), rig.calls("POST")
        rig.workspace = "other"
        status = await rig.run()
        assert status.failures == []
        assert rig.calls("POST") == posts
        assert rig.results() == before
        assert status.items["milestone"] == {"adopted": 1}
        assert status.items["run"] == {"adopted": 5, "folded": 4}
        assert status.items["result"] == {"adopted": 9}
        assert status.balanced, status.imbalance
        # and goes on from there
        rig.source.entities = [*rig.source.entities, result(10, 4, 2, "Failed")]
        status = await rig.run()
        assert rig.results() == before + type(before)([ref("result", "12", "4", "10").marker])
        assert status.balanced


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("profile", ["strict", "odd"])
async def test_a_new_workspace_knows_the_last_edition_of_a_result(profile: Any, closed: bool, tmp_path: Path) -> None:
    async with history_rig(tmp_path, [], options=StandInOptions(profile=profile)) as rig:
        for status_then in ("Passed", "Failed", "Blocked", "Failed"):
            rig.source.entities = shop(run(5, closed=closed), result(1, 5, 1, status_then), result(2, 5, 2))
            await rig.run()
        posts = rig.calls("POST")
        rig.workspace = "other"
        status = await rig.run()
        assert status.failures == []
        assert status.balanced, status.imbalance
        assert status.items["result"]["adopted"] == 2
        assert rig.calls("POST") == posts
        assert (await rig.verify("all"))[1] == []
        rig.source.entities = shop(run(5, closed=closed), result(1, 5, 1), result(2, 5, 2))
        assert (await rig.run()).balanced
        assert [chain for (_, case), chain in rig.shown().items() if case == "Case 1"][-1][-1] == "passed"


@pytest.mark.parametrize(("policy", "fate", "results"), [("report", "conflict", 1), ("source", "unchanged", 2)])
async def test_a_result_that_somebody_spoilt_in_an_open_run_is_a_conflict_in_a_new_workspace(
    policy: ConflictPolicy, fate: str, results: int, tmp_path: Path
) -> None:
    async with history_rig(tmp_path, shop(run(5, closed=False), result(1, 5, 1))) as rig:
        await rig.run()
        (row,) = next(iter(rig.shop.runs.values())).cases.values()
        row.results[0].comment = row.results[0].comment.replace("Opened", "Closed")
        rig.workspace, rig.conflicts = "other", policy
        status = await rig.run()
        assert status.items["result"][fate] == 1
        assert rig.results().total() == results
        assert (await rig.run()).items["result"][fate] == 1
        assert rig.results().total() == results


@pytest.mark.parametrize(
    ("policy", "workspace"), [("report", "older"), ("report", "new"), ("source", "older"), ("destination", "older")]
)
async def test_an_edit_in_a_closed_run_arrives_once_from_a_workspace_that_does_not_know_the_last(
    policy: ConflictPolicy, workspace: str, tmp_path: Path
) -> None:
    def edited(words: str) -> list[AnyEntity]:
        return shop(run(5), result(1, 5, 1).model_copy(update={"comment": plain(words)}), result(2, 5, 2))

    async with history_rig(tmp_path, edited("as it was")) as rig:
        await rig.run()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        rig.source.entities = edited("edited")
        await rig.run()
        assert rig.results().total() == 3
        rig.workspace, rig.conflicts = workspace, policy
        rig.source.entities = edited("edited again")
        rounds = [await rig.run(), await rig.run()]
        for status in rounds:
            assert (status.failures, status.imbalance) == ([], {})
        assert rig.results().total() == (3 if policy == "destination" else 4)
        assert set(rig.results().values()) == {1}
        assert (await rig.verify("all"))[1] == []
        codes = {note["code"] for note in rounds[0].notes if note["kind"] == "result"}
        assert ("conflict_kept" if policy == "destination" else "changed_at_source") in codes
        # the next edit is an ordinary one
        rig.source.entities = edited("edited a third time")
        await rig.run()
        assert rig.results().total() == (4 if policy == "destination" else 5)
        assert (await rig.verify("all"))[1] == []


async def test_a_run_that_was_deleted_in_qa_sphere_is_not_made_again(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(run(5), result(1, 5, 1), run(6), result(1, 6, 1))) as rig:
        await rig.run()
        del rig.shop.runs[1]
        status = await rig.run()
        assert status.items["run"] == {"gone": 1, "unchanged": 1}
        assert len(rig.shop.runs) == 1
        assert status.balanced, status.imbalance
