"""What rules and later rounds make of a history: groups, placeholders, follow-up runs, editions, adoption."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached, ConfigError
from migrator.core.model import AnyEntity
from migrator.core.text import visible_text
from migrator.standin.options import StandInOptions
from tests.support.drafts import ref
from tests.support.history import START, case, configuration, defect, folder, plain, release, result, run
from tests.support.history_rig import HistoryRig, history_rig

GROUP = "qacomplete@acme:single_runs:12/none/2024-03"


def shop(*entities: AnyEntity, cases: int = 3) -> list[AnyEntity]:
    return [folder(), *(case(number) for number in range(1, cases + 1)), *entities]


def titles(rig: HistoryRig) -> list[str]:
    return [run.title for run in rig.shop.runs.values()]


# --- rules ------------------------------------------------------------------------------------------------------------


def single_runs() -> list[AnyEntity]:
    return [
        run(5, single=True), result(1, 5, 1, "Failed"), run(6, single=True), result(1, 6, 1),
        run(7, single=True), result(1, 7, 2), run(40, single=True), result(1, 40, 2),
        run(8, single=True, closed=False), result(1, 8, 3),
    ]  # fmt: skip


async def test_runs_of_a_single_test_become_one_run_a_month(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(*single_runs())) as rig:
        status = await rig.run()
        assert status.items["run"] == {"folded": 4, "migrated": 3}
        assert rig.shown() == {
            ("Single tests · 2024-03", "Case 1"): ["failed", "passed"],
            ("Single tests · 2024-03", "Case 2"): ["passed"],
            ("Single tests · 2024-04", "Case 2"): ["passed"],
            ("Smoke · 2024-03-09 · #8", "Case 3"): ["passed"],
        }
        assert status.balanced, status.imbalance
        # a run that was migrated alone while it was open stays alone; one that ended later follows up
        rig.source.entities = shop(
            *single_runs()[:8], run(8, single=True), result(1, 8, 3), run(9, single=True), result(1, 9, 1, "Blocked")
        )
        again = await rig.run()
        assert again.failures == []
        assert again.balanced, again.imbalance
        assert len(titles(rig)) == 4
        assert titles(rig)[3].startswith("Single tests · 2024-03 · follow-up ")
        assert set(rig.results().values()) == {1}
        assert all(made.closed_at for made in rig.shop.runs.values())
        posts = rig.calls("POST")
        assert (await rig.run()).balanced
        assert rig.calls("POST") == posts


async def test_results_of_a_test_that_is_gone_stand_at_a_placeholder(tmp_path: Path) -> None:
    history: list[AnyEntity] = [
        run(5),
        result(1, 5, 1),
        result(2, 5, 99, "Failed", title="Old test"),
        result(3, 5, None),
    ]
    async with history_rig(tmp_path, shop(*history)) as rig:
        status = await rig.run()
        assert status.items["case"] == {"migrated": 4}
        assert status.items["result"] == {"migrated": 2, "archived": 1}
        assert rig.shown()["Smoke · 2024-03-06 · #5", "Old test"] == ["failed"]
        (old,) = [case for case in rig.shop.cases if case.title == "Old test"]
        assert rig.shop.folders[old.folder_id].title == "Archived tests"
        assert "not the test any more" in visible_text(old.precondition)
        assert status.balanced, status.imbalance
        again = await rig.run()
        assert again.balanced, again.imbalance
        assert again.items["result"] == {"unchanged": 2, "archived": 1}
        assert len(rig.shop.cases) == 4


async def test_a_list_of_tests_that_is_empty_once_makes_no_placeholders(tmp_path: Path) -> None:
    results = [result(number, 5, number) for number in range(1, 21)]
    hidden: list[AnyEntity] = [folder(), run(5, closed=False), *results]
    shown: list[AnyEntity] = [folder(), *(case(number) for number in range(1, 21)), run(5, closed=False), *results]
    async with history_rig(tmp_path, hidden) as rig:
        for kept in ("placeholder", "archive"):
            rig.mapping = {"runs": {"missing": kept}}
            with pytest.raises(CeilingReached) as told:
                await rig.run()
            assert told.value.code is ErrorCode.TESTS_MISSING
            assert "20 of 20 tests" in str(told.value)
        assert rig.calls("POST") == 0
        rig.source.entities = shown
        status = await rig.run()
        assert status.items["case"] == {"migrated": 20}
        assert status.balanced, status.imbalance


@pytest.mark.parametrize("hidden", ["folder", "case", "milestone", "configuration", "run", "result"])
async def test_a_list_that_an_item_names_and_that_is_empty_once_stops_every_round(hidden: str, tmp_path: Path) -> None:
    where = {"milestone": ref("release", "12", "1"), "configuration": ref("configuration", "12", "3")}
    shown: list[AnyEntity] = [folder(), release(1), configuration(3, "Firefox"), case(1), run(5, **where)]
    shown.append(result(1, 5, 1))
    rest = [found for found in shown if found.kind != hidden]
    async with history_rig(tmp_path, rest) as rig:
        for round_ in ("first", "later"):
            rig.source.entities, calls = rest, rig.calls("POST")
            for _ in range(2):  # the question is asked until it is answered
                with pytest.raises(CeilingReached) as told:
                    await rig.run()
                assert told.value.code is ErrorCode.LIST_EMPTY, round_
            assert rig.calls("POST") == calls
            rig.source.entities = shown
            assert (await rig.run()).balanced
        assert [made.title for made in rig.shop.folders.values() if made.title == "Folder 7"]


async def test_a_list_that_is_empty_for_good_is_asked_about_once(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(configuration(3, "Firefox"))) as rig:
        await rig.run()
        rig.source.entities = shop()
        with pytest.raises(CeilingReached, match="list of configurations"):
            await rig.run()
        rig.mapping = {"runs": {"max_missing_share": 1}}
        assert (await rig.run()).balanced
        rig.mapping = {}
        assert (await rig.run()).balanced


async def test_a_placeholder_is_the_case_of_its_test_when_that_appears(tmp_path: Path) -> None:
    results = [result(number, 5, number) for number in range(1, 8)]
    async with history_rig(tmp_path, [folder(), run(5, closed=False), *results]) as rig:
        rig.mapping = {"runs": {"max_missing_share": 1}}
        status = await rig.run()
        assert status.items["case"] == {"migrated": 7}
        rig.source.entities = [folder(), *(case(number) for number in range(1, 8)), run(5, closed=False), *results]
        status = await rig.run()
        assert status.items["case"] == {"updated": 7}
        assert len(rig.shop.cases) == 7
        assert not any("not the test any more" in case.precondition for case in rig.shop.cases)
        assert set(rig.results().values()) == {1}


async def test_a_folder_that_the_config_misspells_is_an_error_of_the_plan(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        rig.project = {"include": ["Folder 7"], "exclude": ["Foldr 7"]}
        with pytest.raises(ConfigError, match="Folder 7") as told:
            await rig.plan()
        assert told.value.code is ErrorCode.FOLDER_RULE_UNMATCHED
        assert rig.calls("POST") == 0


async def test_or_they_stay_in_the_archive_with_a_note(tmp_path: Path) -> None:
    history: list[AnyEntity] = [run(5), result(1, 5, 1), result(2, 5, 99, "Failed")]
    async with history_rig(tmp_path, shop(*history), runs={"missing": "archive"}) as rig:
        status = await rig.run()
        assert status.items["result"] == {"migrated": 1, "archived": 1}
        assert [note["code"] for note in status.notes if note["kind"] == "result"] == ["case_missing"]
        assert len(rig.shop.cases) == 3


async def test_only_the_last_result_of_each_test(tmp_path: Path) -> None:
    history: list[AnyEntity] = [
        run(5), result(1, 5, 1, "Failed"), result(2, 5, 2, "Failed"),
        run(6), result(1, 6, 1), result(2, 6, 1, "Blocked"), run(7), result(1, 7, 1, None, steps=()),
    ]  # fmt: skip
    async with history_rig(tmp_path, shop(*history), history="last") as rig:
        status = await rig.run()
        assert status.items["result"] == {"migrated": 2, "excluded": 3}
        assert status.items["run"] == {"migrated": 2, "excluded": 1}
        assert rig.shown() == {
            ("Smoke · 2024-03-06 · #5", "Case 2"): ["failed"],
            ("Smoke · 2024-03-07 · #6", "Case 1"): ["blocked"],
        }
        assert status.balanced, status.imbalance


async def test_drafts_stay_out_of_runs(tmp_path: Path) -> None:
    entities: list[AnyEntity] = [folder(), case(1), case(2, active=False), run(5), result(1, 5, 1), result(2, 5, 2)]
    async with history_rig(tmp_path, entities, inactive="draft") as rig:
        status = await rig.run()
        assert status.failures == []
        assert status.items["result"] == {"migrated": 1, "excluded": 1}
        assert rig.shown() == {("Smoke · 2024-03-06 · #5", "Case 1"): ["passed"]}


async def test_no_history_at_all(tmp_path: Path) -> None:
    history: list[AnyEntity] = [release(1), run(5), result(1, 5, 1)]
    async with history_rig(tmp_path, shop(*history), history="none") as rig:
        status = await rig.run()
        assert [status.items[kind] for kind in ("milestone", "run", "result")] == [{"excluded": 1}] * 3
        assert rig.calls("/run") + rig.calls("/milestone") == 0
        assert status.balanced


async def test_every_item_has_a_fate_whatever_is_odd_about_it(tmp_path: Path) -> None:
    history: list[AnyEntity] = [run(5), run(6), result(1, 6, None), result(1, 77, 1), run(8), result(1, 8, 2, "Odd")]
    async with history_rig(tmp_path, shop(*history)) as rig:
        status = await rig.run()
        assert status.items["run"] == {"archived": 2, "migrated": 1}
        assert status.items["result"] == {"archived": 2, "migrated": 1}
        assert status.balanced, status.imbalance
        assert [note["code"] for note in status.notes if note["code"] == "status_unmapped"] == ["status_unmapped"]


async def test_a_run_with_more_cases_than_one_takes_is_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.engine.plan.history.parts.new_parts.__kwdefaults__", {"known": (), "limit": 2})
    history: list[AnyEntity] = [run(5), *(result(number, 5, number) for number in range(1, 6))]
    async with history_rig(tmp_path, shop(*history, cases=5)) as rig:
        status = await rig.run()
        name = "Smoke · 2024-03-06 · #5"
        assert titles(rig) == [name, f"{name} · part 2", f"{name} · part 3"]
        assert status.items["run"] == {"migrated": 3}
        assert rig.results().total() == 5
        assert status.balanced
        posts = rig.calls("POST")
        await rig.run()
        assert rig.calls("POST") == posts


# --- later rounds -----------------------------------------------------------------------------------------------------


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
            assert (await rig.run()).balanced
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


async def test_a_result_that_somebody_spoilt_is_a_conflict_in_a_new_workspace(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(run(5), result(1, 5, 1))) as rig:
        await rig.run()
        (row,) = next(iter(rig.shop.runs.values())).cases.values()
        row.results[0].comment = row.results[0].comment.replace("Opened", "Closed")
        rig.workspace = "other"
        status = await rig.run()
        assert status.items["result"] == {"conflict": 1}
        assert rig.results().total() == 1
        assert (await rig.run()).items["result"] == {"conflict": 1}


async def test_a_run_that_was_deleted_in_qa_sphere_is_not_made_again(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(run(5), result(1, 5, 1), run(6), result(1, 6, 1))) as rig:
        await rig.run()
        del rig.shop.runs[1]
        status = await rig.run()
        assert status.items["run"] == {"gone": 1, "unchanged": 1}
        assert len(rig.shop.runs) == 1
        assert status.balanced, status.imbalance
