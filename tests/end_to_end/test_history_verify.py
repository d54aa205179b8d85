"""Verify says what is missing, doubled, changed or edited among milestones, runs and results."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.sandbox.store_runs import Result, Run
from migrator.core.model import AnyEntity
from migrator.standin.options import StandInOptions
from tests.support.history import case, folder, release, result, run
from tests.support.history_rig import HistoryRig, history_rig


def shop() -> list[AnyEntity]:
    return [
        folder(), case(1), case(2), release(1),
        run(5), result(1, 5, 1), result(2, 5, 1, "Failed", duration_ms=5), result(3, 5, 2),
    ]  # fmt: skip


def chain(project: Project) -> list[Result]:
    (found,) = [row.results for row in project.runs[1].cases.values() if len(row.results) == 2]
    return found


def _drop(project: Project) -> None:
    chain(project).pop(0)


def _double(project: Project) -> None:
    chain(project).insert(0, chain(project)[0])


def _swap(project: Project) -> None:
    chain(project).reverse()


def _reword(project: Project) -> None:
    chain(project)[0].comment = chain(project)[0].comment.replace("Opened", "Closed")


def _retime(project: Project) -> None:
    chain(project)[1].time_taken = 6


def _by_hand(project: Project) -> None:
    chain(project).append(Result(900, "skipped", "<p>by hand</p>", None, [], 1))


def _foreign(project: Project) -> None:
    marker = "qacomplete@acme:result:12/5/77"
    chain(project).insert(0, Result(901, "skipped", f"<p>Source: {marker}</p>", None, [], 1))


def _lose_run(project: Project) -> None:
    del project.runs[1]


def _reopen(project: Project) -> None:
    project.runs[1].closed_at = None


def _rename(project: Project) -> None:
    project.runs[1].title = project.milestones[1].title = "Other"


def _drop_case(project: Project) -> None:
    del project.runs[1].cases[next(reversed(project.runs[1].cases))]


async def verified(rig: HistoryRig, depth: str) -> list[tuple[str, str, str]]:
    _, found = await rig.verify(depth)  # type: ignore[arg-type]
    return sorted((finding.what, finding.kind, finding.field.split(" case ")[0]) for finding in found)


@pytest.mark.parametrize("depth", ["counts", "sample", "all"])
async def test_what_was_left_alone_is_found_as_it_was(depth: str, tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        await rig.run()
        checked, found = await rig.verify(depth)  # type: ignore[arg-type]
        assert found == []
        assert (checked["milestone"], checked["run"]) == (1, 1)
        assert checked["result"] == {"counts": 3, "sample": 2, "all": 3}[depth]


@pytest.mark.parametrize(
    ("spoil", "depth", "expected"),
    [
        (_drop, "all", [("missing", "result", "")]),
        (_double, "all", [("different", "run", "order of results of"), ("doubled", "result", "marker")]),
        (_swap, "counts", [("different", "run", "order of results of")]),
        (_reword, "all", [("different", "result", "comment")]),
        (_retime, "all", [("different", "result", "time_taken")]),
        (_by_hand, "counts", [("edited", "run", "results of")]),
        (_foreign, "all", [("extra", "result", "marker")]),
        (_lose_run, "counts", [("missing", "run", "")]),
        (_reopen, "counts", [("different", "run", "closed")]),
        (_rename, "counts", [("edited", "milestone", "title"), ("edited", "run", "title")]),
        (_drop_case, "counts", [("different", "run", "cases")]),
    ],
)
async def test_every_kind_of_damage_is_named(
    spoil: Callable[[Project], None], depth: str, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        await rig.run()
        spoil(rig.shop)
        assert await verified(rig, depth) == expected


async def test_a_second_run_with_our_marker_is_doubled(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        await rig.run()
        rig.shop.runs[2] = Run(2, "Copy", "static", [], description=rig.shop.runs[1].description)
        assert await verified(rig, "counts") == [("doubled", "run", "marker")]


async def test_runs_and_cases_are_asked_for_side_by_side(tmp_path: Path) -> None:
    runs = [run(number) for number in range(5, 11)]
    results = [result(number, number, 1 + number % 2) for number in range(5, 11)]
    entities: list[AnyEntity] = [folder(), case(1), case(2), release(1), *runs, *results]
    async with history_rig(tmp_path, entities, options=StandInOptions(latency=0.02)) as rig:
        await rig.run()
        for depth in ("counts", "all"):
            rig.stand_in.log.peak = 0
            assert await verified(rig, depth) == []
            assert rig.stand_in.log.peak >= 4


async def test_verify_costs_a_request_for_each_run_and_for_each_case_that_is_read(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        await rig.run()
        before = rig.calls("/tcase/", "/run/")
        await rig.verify()
        assert rig.calls("/tcase/", "/run/") == before
        await rig.verify("all")
        assert rig.calls("/tcase/", "/run/") == before + 2
