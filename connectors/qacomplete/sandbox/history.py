"""A few hand-written runs with everything in them that makes history hard to move (§9.6)."""

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.runs import RunItem, StepOutcome, TestRun

RUN_STATUSES = ("Awaiting Run", "In Progress", "Passed", "Failed", "Paused", "Blocked", "Incomplete")
GONE = 9_999
"""The id of a test that was run once and is not there any more."""


def add_history(data: SeedData) -> None:
    """Add them to the first project, whose first five tests were run.

    Releases, configurations and test sets of ``add_sample`` are named, whether they are there or not.
    """
    project = data.projects[0].id
    tests = [(test.id, test.title) for test in data.tests_of(project)[:5]]
    data.runs += [_smoke(project, tests), _open(project, tests), *_singles(project, tests), _odd(project, tests)]
    data.runs += [
        TestRun(960 + number, project, 701, "Smoke", status, f"2023-05-{number + 1:02}T08:00:00.0000000",
                items=[RunItem(96_000 + number, *tests[0], 1, status="Awaiting Run", run_time="00:00:00")])
        for number, status in enumerate(RUN_STATUSES)
    ]  # fmt: skip


def _smoke(project: int, tests: list[tuple[int, str]]) -> TestRun:
    """Closed: every status, one test twice, one test gone, one status that somebody made up."""
    first, second, third, fourth, fifth = tests
    return TestRun(
        901, project, 701, "Smoke", "Failed", "2023-03-06T08:00:00.0000000", "2023-03-06T17:30:00.0000000",
        release_id=302, release_name="Acme: Spring &amp; summer/Sprint 1", config_id=401, config_name="Firefox on Windows",
        items=[
            RunItem(90_101, *first, 1, date="2023-03-06T08:05:00.0000000", tester_id=2, tester_name="Vik, Jon ", outcomes=[
                StepOutcome(1, 1, step="Open the shop", expected_result="It opens", actual_result="It opened in 2 s", step_id=10_010),
                StepOutcome(2, 2, step="<p>Order as a guest</p>", expected_result="<p>Every field accepts <b>valid</b> input</p>", step_id=10_011)]),
            RunItem(90_102, *second, 2, status="Failed", run_time="27:03:03", date="2023-03-06T09:10:00.0000000", tester_id=3, outcomes=[
                StepOutcome(4, 2, "Failed", "Look at the sum", "4.20 €", "<p>4.19 €, see defect <b>601</b></p>", step_id=0),
                StepOutcome(3, 1, step="Add tea", expected_result="One line", actual_result="One line")]),
            RunItem(90_103, *first, 3, status="Blocked", run_time=None, tester_id=2, outcomes=[
                StepOutcome(5, 1, "Blocked", "Open the shop", "It opens", "Network is down")]),
            RunItem(90_104, *third, 4, status="Skipped", run_time="00:00:00"),
            RunItem(90_105, GONE, "A test that is gone", 5, date="2023-03-06T10:00:00.0000000", outcomes=[
                StepOutcome(6, 1, step="Pay by fax", expected_result="Paid", actual_result="Paid", step_id=77_777)]),
            RunItem(90_106, None, "A test without a number", 6, status="Failed"),
            RunItem(90_107, *fourth, 7, status="Passed with remarks", date="2030-01-01T00:00:00.0000000", version=7),
            RunItem(90_108, *fifth, 8, status="Awaiting Run", run_time="00:00:00", date="2019-01-01T00:00:00.0000000"),
        ],
    )  # fmt: skip


def _open(project: int, tests: list[tuple[int, str]]) -> TestRun:
    """Open: begun, not ended, in the night in which the clocks go back."""
    return TestRun(
        902, project, 701, "Smoke", "In Progress", "2023-11-05T01:30:00.0000000", release_id=303, release_name="Acme: Build 7",
        items=[RunItem(90_201, *tests[0], 1, date="2023-11-05T01:45:00.0000000"),
               RunItem(90_202, *tests[1], 2, status="Awaiting Run", run_time="00:00:00")],
    )  # fmt: skip


def _singles(project: int, tests: list[tuple[int, str]]) -> list[TestRun]:
    """Runs of one test each: two of a month, one of another, one of a release that is gone."""
    days = (("2023-03-07", 301), ("2023-03-21", 301), ("2023-04-02", 301), ("2023-04-03", 888))
    return [
        TestRun(
            910 + number, project, 0, None, "Passed", f"{day}T10:00:00.0000000", f"{day}T10:20:00.0000000", release_id=release,
            items=[RunItem(91_000 + number, *tests[number % 2], 1, run_time="00:12:00", tester_id=2, outcomes=[
                StepOutcome(9_100 + number, 1, step="Open", expected_result="Opens", actual_result=f"fine on {day}")])],
        )
        for number, (day, release) in enumerate(days)
    ]  # fmt: skip


def _odd(project: int, tests: list[tuple[int, str]]) -> TestRun:
    """By machine, from data rows, with counters that do not add up (§9.6)."""
    return TestRun(
        920, project, 702, "Sixty places", "Passed", "2023-06-01T22:00:00.0000000", "2023-06-02T03:00:00.0000000",
        execution_type="Auto", config_id=777, config_name="Deleted machine", runner_name=None, extra={"nbr_passed": 1},
        items=[RunItem(92_000, *tests[2], 1, token=1, file_log=r"\\build\logs\1.txt", host="lab-07", outcomes=[
                   StepOutcome(9_200, 1, step="Sign in as «user»", actual_result="row 1"), StepOutcome(9_201, 1, step="Sign in as «user»", actual_result="row 2")]),
               RunItem(92_001, *tests[3], 2, status="Failed", outcomes=[StepOutcome(9_202, 1, "Failed", "Open", "Opens", "crash")])],
    )  # fmt: skip
