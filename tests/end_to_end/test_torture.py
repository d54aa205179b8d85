"""The short version of the kill and fault runs; ``make torture`` runs them in full."""

from pathlib import Path

import pytest

from migrator.engine.load.journaled_write import POINTS
from tests.torture.faults import fault_run
from tests.torture.history import disturb_history, history, kill_history, lose_answers
from tests.torture.kills import kill_run


@pytest.mark.torture
@pytest.mark.parametrize("marker_field", [True, False])
async def test_kills_anywhere_neither_lose_nor_double(tmp_path: Path, marker_field: bool) -> None:
    report = await kill_run(tmp_path, cases=200, random_kills=2, seed=3, marker_field=marker_field, updates=80)
    assert report.last_code == 0, report.last_out
    assert (report.lost, report.doubled, report.wrong) == ([], [], []), report.lines()
    for verb in ("create", "update"):
        assert {point for of, point in report.kills if of == verb} >= set(POINTS), report.lines()


@pytest.mark.torture
@pytest.mark.quick_clock
@pytest.mark.parametrize("seed", [1, 2])
async def test_faults_on_a_fifth_of_all_calls_neither_lose_nor_double(tmp_path: Path, seed: int) -> None:
    report = await fault_run(tmp_path, cases=80, seed=seed, in_process=True)
    assert report.code == 0, report.detail
    assert (report.lost, report.doubled, report.wrong) == ([], [], 0), report.line()
    assert report.balanced


@pytest.mark.torture
async def test_kills_while_runs_and_results_are_loaded_neither_lose_double_nor_reorder(tmp_path: Path) -> None:
    points = ("milestone.sent", "run.sent", "run.answered", "result.after_intent", "result.sent", "result.answered")
    report = await kill_history(tmp_path, history(8, 24, 20), points=(*points, "close.sent"), random_kills=0)
    assert report.code == 0, report.detail
    assert report.wrong == [], report.lines()
    assert set(report.kills) >= set(points), report.lines()


@pytest.mark.torture
@pytest.mark.quick_clock
async def test_faults_while_runs_and_results_are_loaded_neither_lose_double_nor_reorder(tmp_path: Path) -> None:
    report = await disturb_history(tmp_path, history(6, 8, 20), seed=2, in_process=True)
    assert report.code == 0, report.detail
    assert report.wrong == [], report.lines()


@pytest.mark.torture
@pytest.mark.quick_clock
async def test_lost_answers_without_results_to_read_are_named_and_never_sent_twice(tmp_path: Path) -> None:
    report = await lose_answers(tmp_path, history(6, 24, 12), seed=1, in_process=True)
    assert report.code == 3, report.detail
    assert report.wrong == [], report.lines()
    assert report.unknown > 0
