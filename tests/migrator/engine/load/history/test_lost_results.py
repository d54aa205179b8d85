"""Results whose answers were lost: which of them are there, and which case need not be asked for."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from migrator.core.drafts import ResultDraft
from migrator.core.ports.destination import HistoryReader
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Operation
from migrator.core.refs import MARKER_LABEL
from migrator.engine.load.history.lost_results import ResultLookUp
from state.store import Store
from tests.support.drafts import ref

RUN = ref("run", "12", "1").marker


def lost(number: int, case: str = "case-a", status: str = "passed") -> Operation:
    marker = ref("result", "12", str(number)).marker
    draft = ResultDraft(
        marker=marker, source_marker=marker, run=RUN, case=case, status=status, comment=f"<p>{MARKER_LABEL}{marker}</p>"
    )
    return Operation(Mapped(marker, "result", "", "draft", draft), number, "12", RUN, number, "unknown")


class World:
    """A run with two cases, as its cases and their results are read. ``results``: case → comments; None: unreadable."""

    def __init__(
        self,
        statuses: Mapping[str, str],
        results: Mapping[str, Sequence[Operation] | None],
        *,
        sent: Sequence[str] = (),
    ) -> None:
        self.statuses = statuses
        self.found = results
        self.sent = sent
        self.asked: list[str] = []
        self.has_run = True

    async def run_cases(self, code: str, run: int) -> Sequence[Any]:
        assert (code, run) == ("SHOP", 7)
        return [SimpleNamespace(id=ident, status=status) for ident, status in self.statuses.items()]

    async def results(self, _code: str, _run: int, case: str) -> Sequence[Any] | None:
        self.asked.append(case)
        found = self.found.get(case, ())
        if found is None:
            return None
        return [
            SimpleNamespace(id=100 + made.id, comment=cast(ResultDraft, made.draft).comment or "") for made in found
        ]

    async def look_up(self, *operations: Operation) -> dict[int, str | None]:
        """Return the ids of what was found, None for what cannot be read."""
        there = {"case-a": SimpleNamespace(id="a"), "case-b": SimpleNamespace(id="b")}
        there |= {RUN: SimpleNamespace(id="7")} if self.has_run else {}
        store = SimpleNamespace(
            ledger=SimpleNamespace(entries=lambda markers: {name: there[name] for name in markers if name in there}),
            history=SimpleNamespace(sent_of_run=lambda _run: [SimpleNamespace(case=case) for case in self.sent]),
        )
        look_up = ResultLookUp(cast(Store, store), cast(HistoryReader, self), "SHOP")
        found = await look_up.look_up(RUN, operations)
        return {ident: answer.created.id if answer else None for ident, answer in found.items()}


pytestmark = pytest.mark.anyio


async def test_each_result_is_told_by_its_own_marker() -> None:
    first, second, other = lost(1), lost(2), lost(3, "case-b")
    world = World({"a": "passed", "b": "failed"}, {"a": [second], "b": [other]})
    assert await world.look_up(first, second, other) == {2: "102", 3: "103"}
    assert world.asked == ["a", "b"]


async def test_a_case_that_is_open_and_had_no_result_of_ours_is_not_asked_for() -> None:
    world = World({"a": "open", "b": "passed"}, {"a": [lost(1)]})
    assert await world.look_up(lost(1)) == {}
    assert world.asked == []


async def test_an_open_case_is_asked_for_when_it_had_a_result_or_one_leaves_it_open() -> None:
    earlier = World({"a": "open"}, {"a": [lost(1)]}, sent=["case-a"])
    assert await earlier.look_up(lost(1)) == {1: "101"}
    interrupted = lost(1, status="open")
    world = World({"a": "open"}, {"a": [interrupted]})
    assert await world.look_up(interrupted) == {1: "101"}


async def test_a_case_that_the_run_does_not_hold_has_no_results() -> None:
    world = World({"b": "passed"}, {"a": [lost(1)]}, sent=["case-a"])
    assert await world.look_up(lost(1)) == {}
    assert world.asked == []


async def test_what_cannot_be_read_is_neither_there_nor_away() -> None:
    assert await World({"a": "passed"}, {"a": None}).look_up(lost(1), lost(2)) == {1: None, 2: None}
    unknown = World({"a": "passed"}, {"a": [lost(1)]})
    unknown.has_run = False
    assert await unknown.look_up(lost(1)) == {1: None}
