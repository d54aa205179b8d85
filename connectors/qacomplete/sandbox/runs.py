"""Test runs as the stand-in holds them (§6.12, §6.13): plain objects, like those of ``data``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class StepOutcome:
    """How a step went; ``step_id``: the live step, which may be gone."""

    id: int
    seq: int
    status: str | None = "Passed"
    step: str | None = None
    expected_result: str | None = None
    actual_result: str | None = None
    step_id: int = 0


@dataclass(slots=True)
class RunItem:
    """A place in a run; ``run_time`` as ``hh:mm:ss``. ``unreadable``: reading it singly fails."""

    id: int
    test_id: int | None
    test_name: str | None
    seq: int
    status: str | None = "Passed"
    run_time: str | None = "00:01:30"
    version: int = 1
    tester_id: int = 0
    tester_name: str | None = None
    date: str | None = None
    token: int | None = None
    file_log: str | None = None
    host: str = ""
    outcomes: list[StepOutcome] = field(default_factory=list)
    unreadable: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class TestRun:
    """A run. ``set_id`` 0: of a single test. ``make_items`` builds the items anew on each read, ``count`` of them."""

    __test__ = False

    id: int
    project_id: int
    set_id: int
    set_name: str | None
    status: str | None
    started: str | None
    finished: str | None = None
    release_id: int = 0
    release_name: str | None = None
    config_id: int | None = None
    config_name: str | None = None
    runner_id: int = 1
    runner_name: str | None = "Berg, Ada "
    execution_type: str = "Manual"
    items: list[RunItem] = field(default_factory=list)
    make_items: Callable[[int, int], list[RunItem]] | None = None
    count: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def length(self) -> int:
        """Return the number of items."""
        return self.count if self.make_items else len(self.items)

    def some_items(self, start: int, end: int) -> list[RunItem]:
        """Return the items of these places, in order."""
        if self.make_items:
            return self.make_items(start, min(end, self.count))
        return sorted(self.items, key=lambda item: item.seq)[start:end]
