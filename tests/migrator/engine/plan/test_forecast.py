"""Which side takes longer, by limits and by what was measured."""

from collections.abc import Mapping

from migrator.core.model import ItemKind
from migrator.core.ports.source import FileLimit
from migrator.core.ports.traffic import Traffic
from migrator.core.records import Verb
from migrator.engine.plan.cost import (
    CREATE_CASE,
    CREATE_FOLDERS,
    CREATE_RUN,
    GET_FOLDERS,
    GET_RUNS,
    alone,
    cost_of_renewals,
    pause_of_card,
)
from migrator.engine.plan.forecast import Known, Work, forecast

Planned = Mapping[tuple[ItemKind, Verb], int]
POLLS = FileLimit(requests={"ask": 1, "fetch": 2}, files_per_second=1.0, words="1 question a second")
FETCH = FileLimit(requests={"fetch": 1})


def test_polls_for_files_outlast_requests_to_qa_sphere() -> None:
    found = forecast(Work(671, {("case", "create"): 600}, 900), Known(20, "workiva", limit=POLLS))
    assert (found.destination_seconds, found.source_seconds, found.seconds) == (33.6, 900, 900)
    assert found.bottleneck == "workiva, 1 question a second"
    assert found.requests == {"ask": 900, "fetch": 1800}


def test_without_files_the_source_does_not_count() -> None:
    found = forecast(Work(200, {("case", "create"): 180}, 0), Known(20, "workiva", limit=POLLS, paces={"files": 0.1}))
    assert (found.seconds, found.source_seconds, found.requests) == (10, 0, {})
    assert found.bottleneck == "QA Sphere, 20 requests a second"


def test_what_was_measured_counts_for_qa_sphere_where_it_is_slower() -> None:
    work = Work(200, {("case", "create"): 100, ("result", "create"): 1000, ("case", "update"): 5}, 30)
    slow = forecast(work, Known(20, "qacomplete", limit=FETCH, paces={"load": 5.0, "load results": 100.0}))
    assert (slow.destination_seconds, slow.bottleneck) == (20, "QA Sphere, at the pace that was measured before")
    fast = forecast(work, Known(20, "qacomplete", paces={"load": 500.0}))
    assert (fast.destination_seconds, fast.bottleneck) == (10, "QA Sphere, 20 requests a second")


def test_what_was_measured_of_files_counts_whichever_way() -> None:
    work = Work(200, {("case", "create"): 100}, 30)
    slower = forecast(work, Known(20, "qacomplete", limit=FETCH, paces={"files": 0.5}))
    assert (slower.source_seconds, slower.seconds) == (60, 60)
    assert slower.bottleneck == "qacomplete, at the pace of files that was measured before"
    quicker = forecast(work, Known(20, "workiva", limit=POLLS, paces={"files": 10.0}, requests_per_file=2.5))
    assert (quicker.source_seconds, quicker.seconds) == (3, 10)
    assert quicker.requests == {"ask": 30, "fetch": 45}


def test_what_was_measured_says_what_held_it_up() -> None:
    work = Work(200, {("case", "create"): 100}, 30)
    held_up = {"load": "answers of QA Sphere", "files": "answers of QAComplete"}
    found = forecast(work, Known(20, "qacomplete", limit=FETCH, paces={"load": 2.0}, held_up=held_up))
    assert found.bottleneck == "QA Sphere, at the pace that was measured before (answers of QA Sphere)"
    found = forecast(work, Known(20, "qacomplete", limit=FETCH, paces={"files": 0.1}, held_up=held_up))
    assert found.bottleneck == "qacomplete, at the pace of files that was measured before (answers of QAComplete)"


def test_a_source_that_answers_slowly_takes_long_for_files_though_it_names_no_limit() -> None:
    known = Known(20, "qacomplete", source=Traffic(requests=300, seconds=1.2, at_once=4), limit=FETCH)
    found = forecast(Work(200, {("case", "create"): 180}, 100), known)
    assert (found.source_seconds, found.seconds) == (30, 30)
    assert found.bottleneck == "qacomplete, 1.2 s for an answer, 4 at a time"
    assert forecast(Work(200, {("case", "create"): 180}, 101), known).source_seconds == 31.2


def test_requests_that_wait_for_the_one_before_cost_an_answer_each() -> None:
    known = Known(20, "qacomplete", destination=Traffic(requests=9, seconds=0.5, at_once=16))
    found = forecast(Work(220, {("case", "create"): 200}, 0, alone=20), known)
    assert (found.destination_seconds, found.bottleneck) == (20, "QA Sphere, 20 requests a second")
    slow = known.destination.model_copy(update={"seconds": 1.6})
    found = forecast(Work(220, {("case", "create"): 200}, 0, alone=20), Known(20, "qacomplete", destination=slow))
    assert (found.seconds, found.bottleneck) == (32 + 20, "QA Sphere, 1.6 s for an answer, 16 at a time")


def test_a_card_is_renewed_for_as_long_as_the_load_lasts() -> None:
    cases: Planned = {("case", "create"): 200}
    updates: Planned = {("case", "update"): 200}
    assert cost_of_renewals(cases, 29, 90).total() == 0
    assert cost_of_renewals(cases, 301, 90) == {CREATE_FOLDERS: 10, GET_FOLDERS: 10}
    # each waits for the answers to the one before
    assert cost_of_renewals(cases, 301, 90, turn=10)[CREATE_FOLDERS] == 6
    assert cost_of_renewals(updates, 301, 90).total() == 0


def test_files_go_beside_what_is_many_not_beside_what_comes_first() -> None:
    known = Known(20, "qacomplete", source=Traffic(seconds=1.0, at_once=4), limit=FETCH)
    found = forecast(Work(220, {("case", "create"): 200}, 80, alone=20), known)
    assert (found.destination_seconds, found.source_seconds, found.seconds) == (11, 20, 21)


def test_a_small_load_takes_as_long_as_its_pause_and_what_waits_for_the_one_before() -> None:
    planned: Planned = {("case", "create"): 3, ("run", "create"): 1}
    waiting = alone({CREATE_CASE: 3, CREATE_RUN: 1, GET_RUNS: 2}, planned)
    assert waiting == 2 + 2  # reading, and the last of either kind
    pause = pause_of_card(planned, 90, 0.25)
    assert (pause, pause_of_card(planned, 90, 2), pause_of_card({("case", "update"): 3}, 90, 2)) == (1, 8, 0)
    known = Known(20, "qacomplete", destination=Traffic(requests=9, seconds=0.3, at_once=16))
    assert forecast(Work(6, planned, 0, alone=waiting, pause=pause), known).seconds == 2.3
