"""What rules make of a history: groups, placeholders, what stays out."""

from pathlib import Path

import pytest

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached, ConfigError
from migrator.core.model import AnyEntity, Person
from migrator.core.text import visible_text
from tests.support.drafts import ref
from tests.support.history import case, configuration, folder, release, result, run, shop, single_runs
from tests.support.history_rig import HistoryRig, history_rig


def titles(rig: HistoryRig) -> list[str]:
    return [run.title for run in rig.shop.runs.values()]


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


def _moves(rig: HistoryRig) -> list[str]:
    """Where cases should stand, by their notes."""
    with rig.open() as workspace:
        rows = workspace.db.execute(
            "SELECT original FROM note WHERE code = 'changed_at_source' AND field = 'folder' AND message LIKE '%“%”'"
        )
        return [original for (original,) in rows]


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
        for workspace in ("workspace", "workspace", "second", "second"):
            rig.workspace = workspace
            assert (await rig.run()).balanced
            # QA Sphere cannot move a case: what can be said is said, wherever somebody looks
            assert set(_moves(rig)) == {"Folder 7"}
            assert len(_moves(rig)) == 7
            assert (await rig.verify())[1] == []


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
        with rig.open() as workspace:
            ((known, why),) = workspace.db.execute("SELECT original, message FROM note WHERE code = 'case_missing'")
        assert "Original status: Failed" in known
        assert "99" in why
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


async def test_a_run_that_rules_would_describe_otherwise_is_told_and_left(tmp_path: Path) -> None:
    made = run(5, owner=Person(name="Ada Berg"))
    async with history_rig(tmp_path, shop(made, result(1, 5, 1), run(6), result(2, 6, 1))) as rig:
        await rig.run()
        for people, expected in (("none", {"stands": 1}), ("none", {"stands": 1}), ("name", {})):
            rig.mapping = {"people": people}
            posts = rig.calls("POST")
            plan, _ = await rig.plan()
            assert plan.actions.get("run", {}) == expected
            said = [note["count"] for note in plan.notes if note["code"] == "stands_as_sent"]
            assert said == ([1] if expected else [])
            assert (await rig.run()).balanced
            assert rig.calls("POST") == posts
