"""Steps of a unit's plan: which cases its runs are to hold, what waits for its month, what becomes of runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mappings.history import RulesHistoryMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import RunDraft
from migrator.core.model import TestRun
from migrator.core.notes import NoteCode
from migrator.core.ports.mapping import HistoryWorld, RunUnit
from migrator.core.records import Holding, LedgerEntry, RunItem, Stamp
from migrator.core.views import RunView
from migrator.engine.plan.history.parts import CaseState
from migrator.engine.plan.history.run_items import gap_words, source_runs, without_run
from migrator.engine.plan.history.runs import waits_for_its_month
from migrator.engine.plan.history.units import Work, part_in_ledger
from tests.support.history import run

ITEMS = [
    RunItem("r1", "a", "c2", 1),
    RunItem("r2", "b", "c1", 0),
    RunItem("r3", "b", "c2", 2),
    RunItem("r4", "b", "", 3),
]


def work(*runs: TestRun, out: frozenset[str] = frozenset(), kept: str = "r1 r2 r3") -> Work:
    found = runs or (run(5), run(6))
    items = [item for item in ITEMS if item.marker in kept.split()]
    return Work(
        RunUnit("u", found), dict(zip("ab", found, strict=False)), ITEMS, items, {"c1": CaseState()}, out, (), None
    )


def test_a_run_holds_the_cases_of_its_results_as_the_source_lists_them() -> None:
    assert work().wanted("all") == ["c1", "c2"]
    assert work(out=frozenset({"c1"})).wanted("all") == ["c2"]
    # a case whose result stays behind would look as if it had not been run
    assert work(kept="r2").wanted("last") == ["c1"]
    assert work(kept="r2").wanted("all") == ["c1", "c2"]
    assert work(kept="").wanted("all") == []
    assert work().size == 2 + 4


def test_only_some_results_of_a_unit_leave_the_runs_that_they_are_of() -> None:
    rest = work().only({"r1"})
    assert (list(rest.runs), [item.marker for item in rest.items], rest.kept) == (["a"], ["r1"], [ITEMS[0]])
    assert work().only(()).size == 0
    assert work(kept="r2").only({"r1", "r2"}).kept == [ITEMS[1]]


def test_a_group_waits_until_its_month_is_over() -> None:
    now = datetime.now(UTC)
    this, last = run(5, ended_at=now), run(5, ended_at=now.replace(day=1) - timedelta(days=1))
    assert waits_for_its_month(RunUnit("group", (this,)), "months")
    assert not waits_for_its_month(RunUnit("group", (last,)), "months")
    assert not waits_for_its_month(RunUnit("group", (this,)), "final")
    assert not waits_for_its_month(RunUnit("group", (run(5, ended_at=None),)), "months")
    assert not waits_for_its_month(RunUnit(this.ref.marker, (this,)), "months")  # no group
    assert waits_for_its_month(RunUnit("group", (run(5, ended_at=now + timedelta(days=400)),)), "months")


@pytest.mark.parametrize("adopted", [True, False])
def test_a_run_of_the_ledger_is_there_closed_or_gone(adopted: bool) -> None:
    draft = RunDraft(marker="m", title="Smoke", milestone="", description="", cases=("c1",))
    holding = Holding(LedgerEntry("m", "run", "3", None, "", Stamp("e", "r")), draft, None)
    view = RunView(id=3, title="Smoke, renamed", closed=False, description=None, milestone_id=None)
    part = part_in_ledger(holding, view, {"m"} if adopted else ())
    assert (part.fate, part.takes_more, part.shown) == ("adopted" if adopted else "unchanged", True, "Smoke, renamed")
    assert part.stamp == Stamp("e", "r")
    assert not part_in_ledger(holding, view.model_copy(update={"closed": True}), ()).takes_more
    gone = part_in_ledger(holding, None, {"m"})
    assert (gone.fate, gone.takes_more, gone.cases) == ("gone", False, frozenset({"c1"}))


def test_a_unit_that_becomes_no_run_says_why() -> None:
    def told(found: Work, keeps: str = "all") -> set[tuple[str, str]]:
        rules = MappingRules.model_validate({"history": keeps})
        place = ProjectRules(source="12", destination="SHOP")
        items = without_run(found, RulesHistoryMapper(rules, place, Writers(), HistoryWorld()))
        for item in items:
            # what is only in the archive says all that is known of it
            assert [note.code for note in item.notes] == [NoteCode.RUN_LEFT_OUT] * (item.fate == "archived")
        return {(item.fate, item.reason) for item in items}

    assert told(work().only(())) == set()
    assert told(replace(work(), items=[], kept=[])) == {("archived", "it holds no test")}
    assert told(work()) == {("archived", "none of its tests is migrated")}
    assert told(work(kept=""), "last") == {("excluded", "its tests were run again later (mapping.history: last)")}
    assert told(replace(work(), gaps=["c1: failed"])) == {("blocked", gap_words(["c1: failed"]))}
    assert gap_words(list("abcde")).endswith("a; b; c; and 2 more")
    assert [item.marker for item in source_runs(work(), "folded", "")] == ["a", "b"]
