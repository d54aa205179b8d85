"""Runs and results, read from the stand-in in all profiles."""

from typing import get_args

import orjson
import pytest

from connectors.qacomplete.sandbox import build
from connectors.qacomplete.sandbox.history import GONE, RUN_STATUSES
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, records_of
from tests.support.qacomplete_runs import history, results_of, runs_of


@pytest.mark.parametrize("profile", get_args(Profile))
async def test_the_history_is_read_whole_in_every_profile(profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), history())
    async with serve(stand_in.app) as url, open_source(url) as source:
        runs, results = await runs_of(source), await results_of(source)
        notes = [note for record in await records_of(source, "results") for note in record.notes]
    held = [(run, item) for run in stand_in.data.runs for item in run.items]
    assert set(runs) == {str(run.id) for run in stand_in.data.runs}
    assert {(key, result.run.ids[1]) for key, result in results.items()} == {(str(i.id), str(r.id)) for r, i in held}
    assert {key: len(result.steps) for key, result in results.items()} == {str(i.id): len(i.outcomes) for _, i in held}
    assert notes == []


async def test_what_is_read_of_a_run() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        runs = await runs_of(source)
    smoke = runs["901"]
    assert (smoke.title, smoke.set_title, smoke.single, smoke.closed) == ("Smoke", "Smoke", False, True)
    assert smoke.milestone is not None
    assert (smoke.milestone.kind, smoke.milestone.ids) == ("release", ("12", "302"))
    assert smoke.configuration is not None
    assert (smoke.configuration.kind, smoke.configuration.ids) == ("configuration", ("12", "401"))
    assert smoke.attributes["configuration_name"] == "Firefox on Windows"
    assert smoke.started_at is not None
    assert smoke.started_at.isoformat() == "2023-03-06T08:00:00-07:00"
    assert smoke.author is not None
    assert smoke.author.name == "Ada Berg"
    # the first of the two hours with this name
    begun = runs["902"]
    assert begun.started_at is not None
    assert (begun.started_at.isoformat(), begun.ended_at, begun.closed) == ("2023-11-05T01:30:00-06:00", None, False)
    assert [(runs[str(910 + n)].single, runs[str(910 + n)].set_title) for n in range(2)] == [
        (True, "Order as a guest"),
        (True, "Order as a known customer"),
    ]
    closed = {run.state for key, run in runs.items() if run.closed and int(key) >= 960}
    assert closed == {"Passed", "Failed"}
    assert {run.state for key, run in runs.items() if int(key) >= 960} == set(RUN_STATUSES)


async def test_which_statuses_close_a_run_is_a_setting() -> None:
    async with (
        serve(build(data=history()).app) as url,
        open_source(url, final_statuses=["Passed", " failed", "INCOMPLETE"]) as source,
    ):
        closed = {run.state for run in (await runs_of(source)).values() if run.closed}
    assert closed == {"Passed", "Failed", "Incomplete"}


async def test_what_is_read_of_results() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        found = await results_of(source)
    first, second, again = found["90101"], found["90102"], found["90103"]
    assert (first.title, first.status, first.position, first.duration_ms) == ("Order as a guest", "Passed", 0, 90_000)
    assert first.case is not None
    assert first.case == again.case
    assert (first.case.kind, first.case.ids) == ("test", ("12", "1001"))
    assert first.tester is not None
    assert (first.tester.name, first.tester.ref and first.tester.ref.ids) == ("Jon Vik", ("12", "2"))
    assert first.executed_at is not None
    assert first.executed_at.isoformat() == "2023-03-06T08:05:00-07:00"
    # in order of `seq`, hours beyond 24, HTML kept
    assert second.duration_ms == 97_383_000
    assert [step.status for step in second.steps] == ["Passed", "Failed"]
    assert second.steps[1].actual is not None
    assert second.steps[1].actual.value == "<p>4.19 €, see defect <b>601</b></p>"
    assert second.steps[1].expected is not None
    assert second.steps[1].action is not None
    assert (again.position, again.status, again.duration_ms) == (2, "Blocked", None)
    gone, unknown = found["90105"], found["90106"]
    assert gone.case is not None
    assert gone.case.ids[1] == str(GONE)
    assert (unknown.case, unknown.title) == (None, "A test without a number")


async def test_dates_that_belong_to_another_run_are_not_taken() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        found = await results_of(source)
    remarked, waiting = found["90107"], found["90108"]
    assert remarked.executed_at is not None
    # the run's end instead of a day years later
    assert remarked.executed_at.isoformat() == "2023-03-06T17:30:00-07:00"
    assert remarked.other_date is not None
    assert remarked.other_date.year == 2030
    assert (remarked.status, remarked.case_version) == ("Passed with remarks", "7")
    assert (waiting.status, waiting.executed_at, waiting.tester, waiting.duration_ms) == (
        "Awaiting Run",
        None,
        None,
        None,
    )
    # nobody else is named: who ran it all
    assert found["90104"].tester is not None
    assert found["90104"].tester.name == "Ada Berg"


async def test_what_only_this_vendor_knows_are_facts() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        found = await results_of(source)
    assert found["92000"].facts == {
        "automated": "yes",
        "configuration_name": "Deleted machine",
        "iteration": "1",
        "test_host": "lab-07",
    }
    assert found["92000"].remarks == {"file_log": r"\\build\logs\1.txt"}
    assert [step.actual and step.actual.value for step in found["92000"].steps] == ["row 1", "row 2"]


async def test_the_vendors_json_stands_beside_runs_and_results() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        [run, *_] = [orjson.loads(record.raw) for record in await records_of(source, "runs")]
        [result, *_] = [orjson.loads(record.raw) for record in await records_of(source, "results")]
    assert (run["id"], run["nbr_tests"], run["nbr_blocked"]) == (901, 8, 1)
    assert (result["id"], len(result["test_run_results"])) == (90_101, 2)
