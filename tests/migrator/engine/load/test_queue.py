"""The queue: order where it counts, side by side where not, nothing handed out twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.records import Operation
from migrator.engine.load.queue import Queue, by_need
from state.workspace import Workspace, open_workspace
from tests.support.drafts import planned_case
from tests.support.properties import examples


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path) as opened:
        yield opened


def board(workspace: Workspace, layout: list[tuple[int, str]], *, serial: bool) -> Queue:
    current = workspace.store.rounds.begin("12")
    workspace.store.planning.put_items(current, [planned_case(number, folder=folder) for number, folder in layout])
    return by_need(workspace.journal, "12", "case", serial=serial)


def titles(batches: list[list[Operation]]) -> list[str]:
    return [" ".join(operation.title for operation in batch) or "-" for batch in batches]


def test_a_serial_partition_hands_out_one_at_a_time_in_order(workspace: Workspace) -> None:
    queue = board(workspace, [(1, "a"), (2, "a"), (3, "b")], serial=True)
    first, second, third = queue.take(), queue.take(), queue.take()
    assert titles([first, second, third]) == ["Case 1", "Case 3", "-"]
    queue.release(first)
    assert titles([queue.take()]) == ["Case 2"]


def test_a_parallel_partition_hands_out_until_it_is_empty(workspace: Workspace) -> None:
    queue = board(workspace, [(1, "a"), (2, "a")], serial=False)
    assert titles([queue.take(), queue.take(), queue.take()]) == ["Case 1", "Case 2", "-"]
    assert not queue.finished


def test_a_parked_partition_waits_and_the_others_go_on(workspace: Workspace) -> None:
    queue = board(workspace, [(1, "a"), (2, "a"), (3, "b")], serial=True)
    doubtful = queue.take()
    queue.park(doubtful[0])
    queue.release(doubtful)
    assert titles([queue.take(), queue.take()]) == ["Case 3", "-"]
    queue.put_back(doubtful[0])
    queue.unpark(doubtful[0])
    assert titles([queue.take()]) == ["Case 1"]


def test_a_parallel_partition_is_parked_as_well(workspace: Workspace) -> None:
    queue = board(workspace, [(1, "a"), (2, "a"), (3, "a")], serial=False)
    doubtful = queue.take()
    queue.park(doubtful[0])
    queue.release(doubtful)
    assert queue.take() == []
    queue.unpark(doubtful[0])
    assert titles([queue.take()]) == ["Case 2"]


def test_a_clash_makes_its_partition_serial(workspace: Workspace) -> None:
    queue = board(workspace, [(1, "a"), (2, "a"), (3, "a")], serial=False)
    first, second = queue.take(), queue.take()
    queue.put_back(second[0], serial=True)
    queue.release(second)
    assert queue.take() == []
    queue.release(first)
    assert titles([queue.take(), queue.take()]) == ["Case 2", "-"]


def test_what_is_held_after_everything_was_given_up_does_not_keep_the_queue_open(workspace: Workspace) -> None:
    current = workspace.store.rounds.begin("12")
    workspace.store.planning.put_items(current, [planned_case(number, folder=str(number)) for number in range(300)])
    queue = by_need(workspace.journal, "12", "case", serial=False, is_ready=lambda _operation: False)
    assert queue.take() == []
    queue.give_up_held()
    assert queue.take() == []
    assert queue.finished


def test_a_partition_that_is_held_after_everything_was_given_up_ends_too(workspace: Workspace) -> None:
    ready = [True]
    current = workspace.store.rounds.begin("12")
    workspace.store.planning.put_items(current, [planned_case(number, folder="a") for number in range(3)])
    queue = by_need(workspace.journal, "12", "case", serial=True, is_ready=lambda _operation: ready[0])
    first = queue.take()
    ready[0] = False
    queue.give_up_held()
    queue.release(first)
    assert queue.take() == []
    assert queue.finished


@given(
    layout=st.lists(st.sampled_from("abc"), min_size=1, max_size=70),
    serial=st.booleans(),
    returned=st.sets(st.integers(0, 69), max_size=10),
)
@settings(max_examples=examples(20), deadline=None)
def test_everything_is_handed_out_exactly_once_however_often_something_comes_back(
    tmp_path_factory: pytest.TempPathFactory, layout: list[str], serial: bool, returned: set[int]
) -> None:
    with open_workspace(tmp_path_factory.mktemp("queue")) as workspace:
        queue = board(workspace, list(enumerate(layout)), serial=serial)
        settled = []
        while batch := queue.take():
            (operation,) = batch
            number = int(operation.title.split()[1])
            if number in returned:
                returned.discard(number)
                queue.put_back(operation)
            else:
                settled.append(number)
            queue.release(batch)
        assert sorted(settled) == list(range(len(layout)))
        assert queue.finished
        if serial:
            assert all(
                [n for n in settled if layout[n] == folder] == [n for n, name in enumerate(layout) if name == folder]
                for folder in "abc"
            )
