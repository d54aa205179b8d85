"""Lists that show only a part of what items name, politely, while nobody knows what they held before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.model import AnyEntity
from migrator.core.ports.source import Earlier, ListSize, SourcePage
from tests.support.drafts import ref
from tests.support.history import ListSource, case, configuration, folder, result, run, shop
from tests.support.history_rig import history_rig


class Counted(ListSource):
    """Tells how much its lists hold, as sources do."""

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        page = await super().page(stream, project_id, cursor, earlier)
        return replace(page, sizes=(ListSize(stream, "", len(page.records)),))


def runs(first: int, last: int, configured: str) -> list[AnyEntity]:
    numbers = range(first, last + 1)
    made = [run(number, configuration=ref("configuration", "12", configured)) for number in numbers]
    return [*made, *(result(number, number, 1) for number in numbers)]


def count_of(notes: Sequence[Mapping[str, Any]]) -> int:
    return sum(note["count"] for note in notes if note["code"] == "configuration_missing")


async def test_a_first_load_asks_when_a_list_shows_too_little_of_what_is_named(tmp_path: Path) -> None:
    history = [*runs(11, 20, "3"), *runs(21, 26, "4")]
    async with history_rig(tmp_path, shop(configuration(3, "Firefox"), *history)) as rig:
        for _ in range(2):
            with pytest.raises(
                CeilingReached, match=r"configurations .* does not show what 6 of 16 items name"
            ) as told:
                await rig.run()
            assert told.value.code is ErrorCode.LIST_EMPTY
        assert rig.calls("POST") == 0
        rig.mapping = {"runs": {"max_missing_share": 0.5}}
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert count_of(status.notes) == 6
        rig.mapping = {}  # what was loaded is the measure from then on
        assert (await rig.run()).balanced


async def test_half_of_the_folders_is_a_question(tmp_path: Path) -> None:
    shown = [case(number) for number in range(1, 8)]
    lost = [case(number, folder=ref("folder", "12", "99")) for number in range(8, 15)]
    async with history_rig(tmp_path, [folder(), *shown, *lost]) as rig:
        with pytest.raises(CeilingReached, match=r"folders .* does not show what 7 of 14 items name"):
            await rig.run()
        assert rig.calls("POST") == 0


async def test_a_few_that_are_named_and_not_shown_are_no_question(tmp_path: Path) -> None:
    lost = runs(11, 15, "4")
    async with history_rig(tmp_path, shop(configuration(3, "Firefox"), *lost)) as rig:
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert count_of(status.notes) == 5


async def test_results_of_which_no_test_is_listed_are_a_question(tmp_path: Path) -> None:
    history: list[AnyEntity] = [run(5), *(result(number, 5, 90 + number, title="Old") for number in range(1, 5))]
    async with history_rig(tmp_path, shop(*history)) as rig:
        with pytest.raises(CeilingReached, match="4 of 4 tests") as told:
            await rig.run()
        assert told.value.code is ErrorCode.TESTS_MISSING
        assert "never all of several" in told.value.cause
        assert rig.calls("POST") == 0
        rig.mapping = {"runs": {"max_missing_share": 1}}
        assert (await rig.run()).balanced


async def test_an_empty_list_that_was_believed_is_not_asked_about_again(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop(configuration(3, "Firefox"), *runs(11, 13, "3"))) as rig:
        await rig.run()
        later: list[list[AnyEntity]] = [[], runs(14, 16, "3")]
        for more in later:
            rig.source.entities = shop(*runs(11, 13, "3"), *more)
            if not more:
                with pytest.raises(CeilingReached, match="list of configurations"):
                    await rig.run()
                rig.mapping = {"runs": {"max_missing_share": 1}}
                assert (await rig.run()).balanced
                rig.mapping = {}
            assert (await rig.run()).balanced
        rig.source.entities = shop(configuration(3, "Firefox"), *runs(11, 16, "3"))
        assert (await rig.run()).balanced
        rig.source.entities = shop(*runs(11, 16, "3"))
        with pytest.raises(CeilingReached, match="list of configurations"):  # it has held something since
            await rig.run()


@pytest.mark.parametrize(("held", "left", "asks"), [(12, 6, True), (12, 7, False), (40, 32, False), (40, 31, True)])
async def test_a_list_that_lost_much_is_a_question_however_few_items_name_it(
    tmp_path: Path, held: int, left: int, asks: bool
) -> None:
    def listed(count: int) -> list[AnyEntity]:
        return [configuration(number, f"Browser {number}") for number in range(1, count + 1)]

    async with history_rig(tmp_path, []) as rig:
        rig.source = Counted(shop(*listed(held), *runs(11, 12, str(held))))
        await rig.run()
        rig.source.entities = shop(*listed(left), *runs(11, 12, str(held)), *runs(13, 14, str(held)))
        if asks:
            with pytest.raises(CeilingReached, match=rf"configurations .* holds {left}, but held {held}"):
                await rig.run()
            assert len(rig.shop.runs) == 2
        else:
            # a configuration is deleted like a folder or a release: the runs that name it say so
            assert count_of((await rig.run()).notes) == 2
