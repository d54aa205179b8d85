"""Results that were deleted at the source stay in QA Sphere, and are named in a line per run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migrator.core.errors import CeilingReached
from migrator.core.model import AnyEntity
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Earlier, Record, SourcePage
from migrator.engine.job import DeletionRules
from state.questions.notes import NotedItem
from tests.support.history import ListSource, case, folder, result, run
from tests.support.history_rig import HistoryRig, history_rig

REPORT = DeletionRules(tag=False, most=50, share=0.2)
LONG_AGO = datetime.now(UTC).replace(day=1) - timedelta(days=40)


def shop(*entities: AnyEntity) -> list[AnyEntity]:
    return [folder(), *(case(number) for number in range(1, 5)), *entities]


def left(rig: HistoryRig) -> list[NotedItem]:
    with rig.open() as workspace:
        return list(workspace.notes.with_codes([NoteCode.RESULTS_DELETED_AT_SOURCE]))


def named(rig: HistoryRig) -> list[tuple[str, str]]:
    return [(found.message, found.original) for found in left(rig)]


async def after(rig: HistoryRig, *entities: AnyEntity) -> list[tuple[str, str]]:
    """Do a round of a sync with these entities; it writes nothing."""
    rig.deletions = REPORT
    rig.source.entities = shop(*entities)
    posts = rig.calls("POST")
    status = await rig.run()
    assert status.balanced, status.imbalance
    assert rig.calls("POST") == posts
    return named(rig)


class Partial(ListSource):
    """``moves``: a stream whose list moves while it is read. ``unread``: a run whose results cannot all be read."""

    def __init__(self, source: ListSource, *, moves: str = "", unread: int = 0) -> None:
        super().__init__(source.entities)
        self._moves = moves
        self._unread = unread

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        page = await super().page(stream, project_id, cursor)
        if stream == "results" and self._unread:
            missing = result(99, self._unread, None)
            note = Note(code=NoteCode.ITEMS_INCOMPLETE, marker=missing.ref.marker, field="items", message="no")
            record = Record(missing, b"{}", (note,))
            page = SourcePage((*page.records, record), page.next_cursor, None)
        return SourcePage(page.records, page.next_cursor, page.total, moved=stream == self._moves)


async def test_a_line_for_each_run_with_the_count_and_the_first_names(tmp_path: Path) -> None:
    five = [result(number, 5, number) for number in range(1, 5)]
    six = [result(number, 6, number) for number in range(1, 3)]
    async with history_rig(tmp_path, shop(run(5), run(6), *five, *six)) as rig:
        await rig.run()
        assert await after(rig, run(5), run(6), *five, *six) == []
        expected = [
            ("4 of its results are not at the source any more; they stay in QA Sphere",
             "Case 1; Case 2; Case 3; and 1 more"),
            ("1 of its results is not at the source any more; it stays in QA Sphere", "Case 1"),
        ]  # fmt: skip
        for _ in range(2):
            assert await after(rig, run(5), run(6), six[1]) == expected
        found = left(rig)
        assert [(item.kind, item.field) for item in found] == [("run", "results")] * 2
        assert found[0].marker.endswith("run:12/5")
        # what comes back is not missed any more, also by a command that does not look for what has left
        assert await after(rig, run(5), run(6), *five, six[1]) == expected[1:]
        rig.deletions = None
        rig.source.entities = shop(run(5), run(6), *five, *six)
        await rig.run()
        assert named(rig) == []


async def test_results_of_a_run_that_has_left_are_covered_by_its_line(tmp_path: Path) -> None:
    five = [result(number, 5, number) for number in range(1, 4)]
    async with history_rig(tmp_path, shop(run(5), run(6), *five, result(1, 6, 1))) as rig:
        await rig.run()
        assert len(await after(rig, run(5), run(6), *five[1:], result(1, 6, 1))) == 1
        assert await after(rig, run(6), result(1, 6, 1)) == []
        with rig.open() as workspace:
            gone = list(workspace.notes.with_codes([NoteCode.DELETED_AT_SOURCE]))
        assert [item.marker.rpartition("/")[2] for item in gone] == ["5"]


async def test_runs_of_single_tests_that_have_left_are_named_at_their_group(tmp_path: Path) -> None:
    singles = [run(number, single=True, started_at=LONG_AGO, ended_at=LONG_AGO) for number in (5, 6)]
    results = [result(1, 5, 1), result(1, 6, 2)]
    async with history_rig(tmp_path, shop(*singles, *results)) as rig:
        await rig.run()
        one = [("1 of its results is not at the source any more; it stays in QA Sphere", "Case 1")]
        assert await after(rig, singles[1], results[1]) == one
        assert left(rig)[0].title == f"Single tests · {LONG_AGO:%Y-%m}"
        # and when the whole group has left, which nothing at the source stands for any more
        rig.mapping = {"runs": {"max_missing_share": 1}}
        two = [("2 of its results are not at the source any more; they stay in QA Sphere", "Case 1; Case 2")]
        for _ in range(2):
            assert await after(rig) == two


async def test_groups_that_have_left_are_told_once_each_whatever_the_order_of_their_runs(tmp_path: Path) -> None:
    ends = [LONG_AGO - timedelta(days=40 * (number % 2)) for number in range(4)]
    singles = [run(5 + number, single=True, started_at=end, ended_at=end) for number, end in enumerate(ends)]
    async with history_rig(
        tmp_path, shop(*singles, *(result(1, 5 + number, 1 + number) for number in range(4)))
    ) as rig:
        await rig.run()
        rig.mapping = {"runs": {"max_missing_share": 1}}
        assert sorted(names for _, names in await after(rig)) == ["Case 1; Case 3", "Case 2; Case 4"]


async def test_nothing_is_concluded_from_lists_that_were_not_read_whole(tmp_path: Path) -> None:
    entities = shop(run(5), run(6), result(1, 5, 1), result(2, 5, 2), result(1, 6, 1), result(2, 6, 2))
    async with history_rig(tmp_path, entities) as rig:
        await rig.run()
        rig.deletions = REPORT
        rig.source.entities = shop(run(5), run(6), result(1, 5, 1), result(1, 6, 1))
        whole = rig.source
        rig.source = Partial(whole, moves="results")
        await rig.run()
        assert named(rig) == []
        # one run that cannot be read says nothing about the others
        rig.source = Partial(whole, unread=5)
        await rig.run()
        assert [item.marker.rpartition("/")[2] for item in left(rig)] == ["6"]
        # a run that a list did not show, because it moved, has not left with its results
        rig.source = Partial(ListSource(shop(run(6), result(1, 6, 1))), moves="runs")
        await rig.run()
        assert [item.marker.rpartition("/")[2] for item in left(rig)] == ["6"]


async def test_what_was_never_sent_is_not_missed_nor_what_was_deleted_on_both_sides(tmp_path: Path) -> None:
    entities = shop(run(5), run(6), result(1, 5, 1), result(2, 5, None), result(1, 6, 1), result(2, 6, 2))
    async with history_rig(tmp_path, entities) as rig:
        await rig.run()
        del rig.shop.runs[next(number for number, made in rig.shop.runs.items() if made.title.endswith("#6"))]
        rig.deletions = REPORT
        assert await after(rig, run(5), run(6), result(1, 5, 1), result(1, 6, 1)) == []


async def test_results_never_count_towards_the_ceiling_but_their_runs_still_do(tmp_path: Path) -> None:
    runs = [run(number) for number in range(5, 13)]
    results = [result(number, made, number) for made in range(5, 13) for number in range(1, 5)]
    async with history_rig(tmp_path, shop(*runs, *results)) as rig:
        await rig.run()
        kept = [one for one in results if one.position == 1]
        assert len(await after(rig, *runs, *kept)) == len(runs)
        # that results of a run were missed before does not hide that the run leaves now
        rig.source.entities = shop()
        with pytest.raises(CeilingReached, match="8 of"):
            await rig.run()
