"""Which side takes longer, by limits and by what was measured."""

from migrator.core.ports.source import FileLimit
from migrator.engine.plan.forecast import Work, forecast

POLLS = FileLimit(requests={"ask": 1, "fetch": 2}, files_per_second=1.0, words="1 question a second")


def test_polls_for_files_outlast_requests_to_qa_sphere() -> None:
    found = forecast(Work(671, {("case", "create"): 600}, 900), 20, POLLS, {}, "workiva")
    assert (found.destination_seconds, found.source_seconds, found.seconds) == (33.5, 900, 900)
    assert found.bottleneck == "workiva, 1 question a second"
    assert found.requests == {"ask": 900, "fetch": 1800}


def test_without_files_the_source_does_not_count() -> None:
    found = forecast(Work(200, {("case", "create"): 180}, 0), 20, POLLS, {"files": 0.1}, "workiva")
    assert (found.seconds, found.source_seconds, found.requests) == (10, 0, {})
    assert found.bottleneck == "QA Sphere, 20 requests a second"


def test_what_was_measured_counts_where_it_is_slower() -> None:
    work = Work(200, {("case", "create"): 100, ("result", "create"): 1000, ("case", "update"): 5}, 30)
    slow = forecast(work, 20, FileLimit(requests={"fetch": 1}), {"load": 5.0, "load results": 100.0}, "qacomplete")
    assert (slow.destination_seconds, slow.bottleneck) == (30, "QA Sphere, at the pace that was measured before")
    fast = forecast(work, 20, None, {"load": 500.0}, "qacomplete")
    assert (fast.destination_seconds, fast.bottleneck) == (10, "QA Sphere, 20 requests a second")
    files = forecast(work, 20, FileLimit(requests={"fetch": 1}), {"files": 0.5}, "qacomplete")
    assert (files.source_seconds, files.seconds) == (60, 60)
    assert files.bottleneck == "qacomplete, at the pace of files that was measured before"
