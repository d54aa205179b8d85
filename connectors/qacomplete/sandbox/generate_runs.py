"""Test runs for load tests: any number of any length, the same for the same seed, items made anew on each read."""

import random
from datetime import datetime, timedelta
from functools import partial

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.items import TestSet
from connectors.qacomplete.sandbox.runs import RunItem, StepOutcome, TestRun

_FIRST_RUN = 60_001
_FIRST_ITEM = 5_000_000
_STATUSES = ("Passed", "Passed", "Passed", "Failed", "Blocked", "Skipped", "Awaiting Run")
_RUN_STATUSES = ("Passed", "Failed", "In Progress", "Incomplete", "Awaiting Run", "Paused", "Blocked")
_WORDS = ("as expected", "the sum is wrong", "<b>slow</b>, but right", "Zeitüberschreitung", "see the picture")
_BEGIN = datetime(2015, 1, 5, 9)  # noqa: DTZ001 - the server's dates carry no zone


def generate_runs(data: SeedData, runs: int, items: int, *, steps: int = 3, seed: int = 1) -> None:
    """Add so many runs, each of so many items with so many step results, to the first project.

    They use its tests, in turn, and its releases, configurations and test sets if it has some; without a set it gets
    one. Of runs of one item every second is of a single test.
    """
    project = data.projects[0].id
    tests = [(test.id, test.title) for test in data.tests_of(project)]
    if not tests:
        raise ValueError("there are no tests to run")
    if not any(held.project_id == project for held in data.test_sets):
        data.test_sets.append(TestSet(1, project, "Set 0"))
    for number in range(runs):
        chance = random.Random(seed * 1_000_003 + number)  # noqa: S311 - test data
        run = _run(data, project, number, chance, single=items == 1 and number % 2 == 1)
        run.count = items
        first = _FIRST_ITEM + number * items
        run.make_items = partial(_items, first, run.started or "", tests, number * items, steps, seed)
        data.runs.append(run)


def _run(data: SeedData, project: int, number: int, chance: random.Random, *, single: bool) -> TestRun:
    started = _BEGIN + timedelta(hours=number)
    status = chance.choice(_RUN_STATUSES)
    ended = status in ("Passed", "Failed", "Blocked", "Incomplete")
    run = TestRun(
        _FIRST_RUN + number,
        project,
        set_id=0 if single else 1,
        set_name=None if single else f"Set {number % 40}",
        status=status,
        started=_text(started),
        finished=_text(started + timedelta(days=1)) if ended else None,
    )
    sets = [held for held in data.test_sets if held.project_id == project and held.id > 1]
    if sets and not single:
        run.set_id, run.set_name = (chosen := chance.choice(sets)).id, chosen.title
    if data.releases:
        run.release_id, run.release_name = (release := chance.choice(data.releases)).id, f"Shop: {release.title}"
    if data.configurations and chance.random() < 0.5:
        run.config_id, run.config_name = (used := chance.choice(data.configurations)).id, used.title
    return run


def _items(
    first: int, started: str, tests: list[tuple[int, str]], turn: int, steps: int, seed: int, start: int, end: int
) -> list[RunItem]:
    return [_item(first + n, started, *tests[(turn + n) % len(tests)], n, steps, seed) for n in range(start, end)]


def _item(ident: int, started: str, test: int, name: str, number: int, steps: int, seed: int) -> RunItem:
    chance = random.Random(ident * 31 + seed)  # noqa: S311 - test data
    status = chance.choice(_STATUSES)
    date = (
        None if status == "Awaiting Run" else _text(datetime.fromisoformat(started) + timedelta(minutes=number % 600))
    )
    return RunItem(
        ident,
        test,
        name,
        number + 1,
        status=status,
        run_time=f"00:{chance.randint(0, 59):02}:{chance.randint(1, 59):02}" if date else "00:00:00",
        version=chance.randint(1, 9),
        tester_id=chance.randint(1, 2),
        date=date,
        outcomes=[
            StepOutcome(
                ident * 10 + place,
                place + 1,
                status=status if status != "Skipped" else "Awaiting Run",
                step=f"Step {place + 1} of {name}",
                expected_result=f"<p>It works, part {place + 1}</p>",
                actual_result=chance.choice(_WORDS) if date else None,
                step_id=ident + place,
            )
            for place in range(steps)
        ],
    )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.0000000")
