"""Runs and results in the database: their order, what is the last of its test, what is missing, what waits."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.drafts import ResultDraft
from migrator.core.model import AnyEntity, TestRun
from migrator.core.ports.destination import result_bytes
from migrator.core.ports.mapping import Mapped
from migrator.core.ports.source import Record
from migrator.core.records import PlannedItem, Round
from migrator.core.views import Created
from state.workspace import Workspace, open_workspace
from tests.support.drafts import page, ref
from tests.support.history import START, case, result, run

RUN = ref("run", "12", "5").marker


def extracted(workspace: Workspace, *entities: AnyEntity) -> Round:
    current = workspace.store.rounds.enter(workspace.store.rounds.begin("12"), "plan")
    records = [Record(entity, b"{}") for entity in entities]
    workspace.store.archive.store_page(current, "all", page(records, None, None))
    runs = [entity for entity in entities if isinstance(entity, TestRun)]
    times = [run.started_at.timestamp() if run.started_at else 0.0 for run in runs]
    markers = [run.ref.marker for run in runs]
    workspace.store.extracted_runs.place_runs(current, list(zip(markers, markers, times, strict=True)))
    return current


def numbers(markers: Sequence[str]) -> list[str]:
    return [marker.rpartition("/")[2] for marker in markers]


def test_results_come_oldest_first_and_know_their_place(workspace: Workspace) -> None:
    early = START - timedelta(days=100)
    current = extracted(workspace, run(5), result(1, 5, 1), result(2, 5, 2), result(3, 5, 1, executed_at=early))
    items = workspace.store.extracted_runs.items_of(current, RUN)
    # what has no time of its own has that of its run
    assert numbers([item.marker for item in items]) == ["3", "1", "2"]
    assert numbers([item.marker for item in sorted(items, key=lambda item: item.order)]) == ["1", "2", "3"]
    assert [item.case for item in items if item.marker.endswith("/3")] == [ref("test", "12", "1").marker]


def test_the_last_result_of_a_test_is_the_last_that_was_run(workspace: Workspace) -> None:
    current = extracted(
        workspace, run(5), run(6), result(1, 5, 1), result(2, 5, 2), result(3, 6, 1), result(4, 6, 2, "Awaiting Run")
    )
    history = workspace.store.extracted_runs
    markers = [item.marker for unit in history.units(current) for item in history.items_of(current, unit)]
    assert numbers(sorted(history.last_results(current, markers, ["Awaiting Run", ""]))) == ["2", "3"]
    assert numbers(sorted(history.last_results(current, markers, []))) == ["3", "4"]
    assert history.statuses(current) == ["Awaiting Run", "Passed"]


def test_a_test_that_is_not_listed_is_missing_once(workspace: Workspace) -> None:
    current = extracted(
        workspace, case(1), run(5), result(1, 5, 1), result(2, 5, 9), result(3, 5, 9), result(4, 5, 8, "Waiting")
    )
    found = list(workspace.store.extracted_runs.missing_cases(current, ["Waiting"]))
    assert [entity.ref.ids[-1] for entity in found] == ["2"]
    assert list(workspace.store.extracted_runs.results_without_run(current)) == []


def planned(workspace: Workspace, *chains: str) -> None:
    current = workspace.store.rounds.enter(workspace.store.rounds.begin("12"), "load")
    items = []
    for number, chain in enumerate(chains):
        marker = f"qacomplete@acme:result:12/{number}"
        draft = ResultDraft(marker=marker, source_marker=marker, run=RUN, case=chain, status="passed", comment="")
        items.append(PlannedItem(Mapped(marker, "result", str(number), "draft", draft, made=True), "pending", need=RUN))
    workspace.store.planning.put_items(current, items)


def test_only_what_stands_behind_a_failure_in_its_chain_is_held(workspace: Workspace) -> None:
    planned(workspace, "a", "b", "a", "b", "a")
    history, journal = workspace.store.history, workspace.journal
    operations = journal.next_operations("12", "result", RUN, -1, 10)
    journal.sending(operations[:1], 1.0)
    journal.done(operations[0], Created("1"), "migrated")
    assert history.block_behind_failed(RUN) == 0
    journal.sending(operations[2:3], 1.0)
    journal.failed(operations[2], "no")
    assert history.block_behind_failed(RUN) == 1
    left = journal.next_operations("12", "result", RUN, -1, 10)
    assert [operation.title for operation in left] == ["1", "3"]
    assert history.open_results(RUN) == 4
    assert journal.imbalance("12") == ""


def test_batches_are_counted_run_by_run(workspace: Workspace) -> None:
    planned(workspace, *"abcdefg")
    history = workspace.store.history
    assert [history.batches("12", most, 10_000, first_alone=False) for most in (3, 7, 10)] == [3, 1, 1]
    assert [history.batches("12", most, 10_000, first_alone=True) for most in (3, 7, 10)] == [3, 2, 2]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=30),
    st.integers(1, 6),
    st.integers(1, 20),
    st.booleans(),
)
def test_batches_are_filled_by_number_and_bytes(
    results: list[tuple[int, int]], most: int, most_bytes: int, first_alone: bool
) -> None:
    with TemporaryDirectory() as folder, open_workspace(Path(folder)) as workspace:
        current = workspace.store.rounds.enter(workspace.store.rounds.begin("12"), "load")
        drafts = [
            ResultDraft(
                marker=f"qacomplete@acme:result:12/{number}", source_marker="qacomplete@acme:result:12/0",
                status="passed",
                run=ref("run", "12", str(number_of_run)).marker, case="c", comment="ü" * size,
            )
            for number, (number_of_run, size) in enumerate(results)
        ]  # fmt: skip
        workspace.store.planning.put_items(
            current,
            [
                PlannedItem(Mapped(it.marker, "result", "", "draft", it, made=True), "pending", need=it.run)
                for it in drafts
            ],
        )
        # 200 bytes of every result stand for what is not its comment
        limit = 3 * 200 + 2 * most_bytes
        expected = 0
        for one in dict.fromkeys(made.run for made in drafts):
            sizes = [result_bytes(made) for made in drafts if made.run == one]
            while sizes:
                taken, full = 0, 1 if first_alone and not expected else most
                while taken < min(full, len(sizes)) and (not taken or sum(sizes[: taken + 1]) <= limit):
                    taken += 1
                sizes, expected = sizes[taken:], expected + 1
        assert workspace.store.history.batches("12", most, limit, first_alone=first_alone) == expected
