"""Milestones, runs, results and closes on their way to a QA Sphere that loses answers: each is there once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.core.drafts import ResultDraft
from migrator.core.events import ItemFailed
from migrator.core.refs import marker_line, with_source_id
from migrator.core.views import MilestoneView
from state.workspace import Workspace, open_workspace
from tests.support.drafts import ref
from tests.support.history import release, result, run
from tests.support.memory_history import FakeHistory, MemoryRig, Outcome

TITLE = "Smoke · 2024-03-06 · #5"
STATUSES = {"Passed": "passed", "Failed": "failed", "Not Run": "open"}
RESULTS = (run(5), result(1, 5, 1), result(2, 5, 2), result(3, 5, 3))
CASES = ("c1", "c2", "c3")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path) as opened:
        yield opened


def rig_of(workspace: Workspace, fake: FakeHistory, **rules: Any) -> MemoryRig:
    return MemoryRig(workspace, fake, status=STATUSES, **rules)


def ours(numbers: str = "5") -> str:
    return marker_line(ref("run", "12", numbers).marker)


# --- milestones -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["lost", "never"])
async def test_a_milestone_whose_answer_was_lost_is_there_once(workspace: Workspace, outcome: Outcome) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    fake.outcomes["Release 3"] = [outcome]
    assert (await rig.bring(release(3)))["release 3"] == "migrated"
    assert [view.title for view in fake.of_milestones] == ["Release 3"]
    assert len(fake.sent) == (1 if outcome == "lost" else 2)


@pytest.mark.parametrize("outcome", ["lost", "never"])
async def test_one_that_was_archived_meanwhile_is_not_the_lost_one(workspace: Workspace, outcome: Outcome) -> None:
    """It keeps its title, so the new one has the source's id behind it, and is looked for by both."""
    rig = rig_of(workspace, fake := FakeHistory())
    await rig.plan(release(3))
    fake.of_milestones.append(MilestoneView(id=50, title="Release 3", archived=True))
    fake.outcomes["Release 3 [#3]"] = [outcome]
    await rig.load()
    assert rig.fates()["release 3"] == "migrated"
    live = [view for view in fake.of_milestones if not view.archived]
    assert [view.title for view in live] == ["Release 3 [#3]"]
    marker = ref("release", "12", "3").marker
    assert rig.store.ledger.entries([marker])[marker].id == str(live[0].id)
    assert len(fake.sent) == (1 if outcome == "lost" else 2)


# --- runs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize("outcome", ["lost", "never"])
async def test_a_run_whose_answer_was_lost_is_there_once(workspace: Workspace, outcome: Outcome, shows: bool) -> None:
    rig = rig_of(workspace, fake := FakeHistory(shows_descriptions=shows))
    fake.put_run(3, "Of a colleague", marker_line("x@y:run:1"), CASES)
    fake.outcomes[TITLE] = [outcome]
    fates = await rig.bring(*RESULTS)
    assert [view.title for view in fake.of_runs.values()] == ["Of a colleague", TITLE]
    assert set(fates.values()) == {"migrated"}
    assert fake.sent.count(TITLE) == (1 if outcome == "lost" else 2)


async def test_a_lost_run_under_its_second_title_is_found_by_that(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory(shows_descriptions=False))
    await rig.plan(*RESULTS)
    fake.put_run(3, TITLE, "", ["c1"])  # of other cases: somebody else's
    other = with_source_id(TITLE, RESULTS[0].ref.marker, 255)
    fake.outcomes[other] = ["lost"]
    await rig.load()
    assert [view.title for view in fake.of_runs.values()] == [TITLE, other]
    assert fake.sent.count(other) == 1
    assert "run_renamed" in rig.notes()


@pytest.mark.parametrize(
    ("cases", "status", "adopted"), [(CASES, "", True), (CASES[:2], "", False), (CASES, "failed", False)]
)
async def test_where_no_description_shows_an_untouched_run_of_our_cases_is_ours(
    workspace: Workspace, cases: tuple[str, ...], status: str, adopted: bool
) -> None:
    rig = rig_of(workspace, fake := FakeHistory(shows_descriptions=False))
    await rig.plan(*RESULTS)
    fake.put_run(3, TITLE, "", cases)
    if status:
        fake.put_result(3, "c1", status, "<p>of a colleague</p>")
    await rig.load()
    assert rig.fates()["run 5"] == ("adopted" if adopted else "migrated")
    assert len(fake.of_runs) == (1 if adopted else 2)


async def test_a_run_that_says_it_is_another_ones_keeps_its_title(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    await rig.plan(*RESULTS)
    fake.put_run(3, TITLE, marker_line("x@y:run:1"), CASES)
    await rig.load()
    assert rig.fates()["run 5"] == "migrated"
    assert len(fake.of_runs) == 2


async def test_ours_of_other_cases_is_not_made_twice(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    await rig.plan(*RESULTS)
    fake.put_run(3, TITLE, ours(), CASES[:2])
    await rig.load()
    assert rig.fates()["run 5"] == "blocked"
    assert len(fake.of_runs) == 1
    assert "results" not in fake.sent


def _first_result(workspace: Workspace) -> ResultDraft:
    planned = workspace.store.history.operation(ref("result", "12", "5", "1").marker, "create")
    assert planned is not None
    assert isinstance(planned.draft, ResultDraft)
    return planned.draft


@pytest.mark.parametrize(("said", "fate"), [("", "adopted"), ("<p>of an earlier day</p>", "conflict")])
async def test_ours_of_the_same_cases_is_adopted_with_what_another_workspace_has_sent(
    workspace: Workspace, said: str, fate: str
) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    await rig.plan(*RESULTS)
    fake.put_run(3, TITLE, ours(), CASES)
    draft = _first_result(workspace)
    fake.put_result(3, "c1", draft.status, said + draft.comment)
    await rig.load()
    assert (rig.fates()["run 5"], rig.fates()["result 5/1"]) == ("adopted", fate)
    assert [len(stored) for stored in fake.stored.values()] == [1, 1, 1]


@pytest.mark.parametrize("gaps", ["allow", "block"])
async def test_a_run_without_one_of_its_cases_waits_or_says_so(workspace: Workspace, gaps: str) -> None:
    rig = rig_of(workspace, fake := FakeHistory(), runs={"gaps": gaps})
    await rig.plan(*RESULTS)
    workspace.db.execute("DELETE FROM ledger WHERE id = 'c2'")
    await rig.load()
    assert rig.fates()["run 5"] == ("migrated" if gaps == "allow" else "blocked")
    assert list(fake.members.values()) == ([("c1", "c3")] if gaps == "allow" else [])
    assert ("run_gap" in rig.notes()) == (gaps == "allow")
    assert rig.fates()["result 5/2"] == "blocked"


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["lost", "never", "half"])
async def test_each_result_of_a_batch_is_there_once(workspace: Workspace, outcome: Outcome) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    fake.outcomes["results"] = ["stored", outcome]
    fates = await rig.bring(*RESULTS)
    assert set(fates.values()) == {"migrated"}
    assert [len(stored) for stored in fake.stored.values()] == [1, 1, 1]


async def test_a_lost_result_that_nobody_can_read_stays_in_doubt(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory(gives_results=False))
    fake.outcomes["results"] = ["stored", "lost"]
    fates = await rig.bring(*RESULTS)
    assert (fates["result 5/1"], fates["result 5/2"], fates["result 5/3"]) == ("migrated", "unknown", "unknown")
    assert fake.sent.count("results") == 2
    assert [len(stored) for stored in fake.stored.values()] == [1, 1, 1]
    assert {event.state for event in rig.events if isinstance(event, ItemFailed)} == {"unknown", "blocked"}
    assert not any(view.closed for view in fake.of_runs.values())


async def test_no_count_tells_of_a_result_that_leaves_its_case_open(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    await rig.plan(run(5), result(1, 5, 1, "Not Run"), result(2, 5, 2))
    fake.put_run(3, TITLE, ours(), CASES[:2])
    fake.put_result(3, "c1", "open", _first_result(workspace).comment)
    await rig.load()
    assert rig.fates()["result 5/1"] == "adopted"
    assert len(fake.stored[3, "c1"]) == 1


async def test_a_run_that_holds_what_was_sent_is_not_read_again(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    open_run = run(5, closed=False)
    await rig.bring(open_run, result(1, 5, 1), result(2, 5, 2), result(3, 5, 3))
    fake.read.clear()
    await rig.bring(open_run, result(1, 5, 1), result(2, 5, 2), result(3, 5, 3), result(4, 5, 1, "Failed"))
    assert set(fake.read) == {"c1"}  # equal counts say nothing of a case that had a result
    assert [view.status for view in fake.stored[10, "c1"]] == ["passed", "failed"]


async def test_behind_a_refused_result_the_next_of_its_test_waits(workspace: Workspace) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    fake.outcomes["results"] = ["stored", "refused", "refused", "refused"]
    fates = await rig.bring(run(5), result(1, 5, 1), result(2, 5, 2), result(3, 5, 2), result(4, 5, 3))
    assert fates == {
        "run 5": "blocked", "result 5/1": "migrated", "result 5/2": "failed", "result 5/3": "blocked",
        "result 5/4": "migrated",
    }  # fmt: skip


# --- closes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["stored", "refused"])
async def test_a_run_is_closed_behind_its_results(workspace: Workspace, outcome: Outcome) -> None:
    rig = rig_of(workspace, fake := FakeHistory())
    fake.outcomes["close"] = [outcome]
    fates = await rig.bring(*RESULTS)
    assert fake.sent[-1] == "close"
    assert [view.closed for view in fake.of_runs.values()] == [outcome == "stored"]
    assert fates["run 5"] == ("migrated" if outcome == "stored" else "failed")
    assert fates["result 5/1"] == "migrated"
