"""Hooks in a whole migration: found beside the config, in the books, and refused before anything is read."""

from collections import Counter
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from tests.support.history import result, run, shop
from tests.support.history_rig import history_rig
from tests.support.rig import rig

HOOKS = """
def case(case, draft):
    if case.ref.ids[-1].endswith("3"):
        return "odd one out"
    if case.ref.ids[-1].endswith("4"):
        raise KeyError("team")
    return draft.model_copy(update={"tags": (*draft.tags, "hooked")})
"""


async def test_hooks_change_leave_out_and_fail_by_name(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    async with rig(tmp_path, generate(10)) as running:
        running.settings["mapping"] = {"hooks": "hooks.py"}
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        assert ended.items["case"] == {"migrated": 8, "excluded": 1, "failed": 1}
        assert {"hooked" in case.tags for case in running.shop.cases} == {True}
        (failure,) = ended.failures
        assert failure["cause"] == "the hook case (hooks.py, line 6): KeyError: 'team'"
        assert (await running.run()).items["case"] == {"unchanged": 8, "excluded": 1, "failed": 1}


async def test_hooks_that_cannot_be_used_are_named_before_the_source_is_read(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text("def case(:", encoding="utf-8")
    async with rig(tmp_path, generate(2)) as running:
        running.settings["mapping"] = {"hooks": "hooks.py"}
        ended = await running.migrate("plan")
        assert ended.code == 2
        assert "hooks.py, line 1" in ended.err
        assert not [call for call in running.source.log.counts if "tests" in call]


FOLDER_HOOKS = """
def folder(folder, draft):
    if folder.ref.ids[-1] == "101":
        return "moved to another tool"
    if folder.ref.ids[-1] == "102":
        raise ValueError("who owns this?")
    return draft.model_copy(update={"path": (*draft.path[:-1], draft.path[-1].upper())})
"""


async def test_folder_hooks_leave_the_books_in_balance(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(FOLDER_HOOKS, encoding="utf-8")
    async with rig(tmp_path, generate(30, folders=4)) as running:
        running.settings["mapping"] = {"hooks": "hooks.py"}
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        places = Counter(test.folder_id for test in running.source.data.tests)
        assert ended.items["folder"] == {"migrated": 2, "excluded": 1, "failed": 1}
        assert ended.items["case"] == {
            "migrated": places[100] + places[103],
            "excluded": places[101],
            "failed": places[102],
        }
        assert all(folder.title.isupper() for folder in running.shop.folders.values())
        writes = running.writes()
        assert (await running.run()).balanced
        assert running.writes() == writes


HISTORY_HOOKS = """
def run(run, draft):
    if run.ref.ids[-1] == "6":
        return "a trial"
    if run.ref.ids[-1] == "7":
        raise KeyError("team")
    return draft.model_copy(update={"title": "Old: " + draft.title})


def result(result, draft):
    if result.ref.ids[-1] == "2":
        return "nobody believes it"
    if result.ref.ids[-1] == "3":
        raise KeyError("lab")
    return draft.model_copy(update={"status": "skipped"})
"""


async def test_hooks_for_runs_and_results_leave_the_books_in_balance(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HISTORY_HOOKS, encoding="utf-8")
    entities = shop(
        run(5), *(result(number, 5, number) for number in (1, 2, 3)),
        run(6), result(4, 6, 1),
        run(7), result(5, 7, 1),
    )  # fmt: skip
    async with history_rig(tmp_path, entities, hooks=tmp_path / "hooks.py") as rig:
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert status.items["run"] == {"migrated": 1, "excluded": 1, "failed": 1}
        assert status.items["result"] == {"migrated": 1, "excluded": 2, "failed": 1, "blocked": 1}
        causes = sorted(failure["cause"] for failure in status.failures)
        assert "the hook result (hooks.py, line 14): KeyError: 'lab'" in causes
        assert "the hook run (hooks.py, line 6): KeyError: 'team'" in causes
        (made,) = rig.runs().values()
        assert made.title.startswith("Old: ")
        assert rig.shown()[made.title, "Case 1"] == ["skipped"]
        before = rig.calls("POST")
        again = await rig.run()
        assert again.balanced, again.imbalance
        assert again.items["run"] == {"unchanged": 1, "excluded": 1, "failed": 1}
        assert rig.calls("POST") == before


async def test_a_hook_may_leave_out_a_group_of_single_runs(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text('def run(run, draft):\n    return "too old"\n', encoding="utf-8")
    entities = shop(*(run(number, single=True) for number in (5, 6)), result(1, 5, 1), result(2, 6, 2))
    async with history_rig(tmp_path, entities, hooks=tmp_path / "hooks.py") as rig:
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert set(status.items["run"]) == {"excluded"}
        assert status.items["result"] == {"excluded": 2}
        assert rig.runs() == {}
