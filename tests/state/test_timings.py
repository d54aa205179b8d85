"""What is learned from how long phases took."""

from migrator.core.events import NEEDS
from state.timings import Timing, seconds_together
from state.workspace import Workspace


def test_paces_are_of_commands_that_write_and_of_more_than_a_moment(workspace: Workspace) -> None:
    timings = [
        Timing(1.0, "apply", "12", "load", 0.0, 50.0, 500, {}),
        Timing(2.0, "run", "13", "load", 0.0, 50.0, 500, {}),
        Timing(3.0, "plan", "12", "extract", 0.0, 50.0, 500, {}),
        Timing(4.0, "apply", "12", "files", 0.0, 0.1, 500, {}),
        Timing(5.0, "apply", "12", "load runs", 0.0, 50.0, 3, {}),
    ]
    for timing in timings:
        workspace.timings.put(timing)
    assert workspace.timings.paces() == {"load": 10.0}


def test_a_pace_is_that_of_phases_that_waited_for_nothing_but_themselves(workspace: Workspace) -> None:
    put = workspace.timings.put
    put(Timing(0, "apply", "12", "files", 10, 60, 100, {}))
    put(Timing(0, "apply", "12", "load", 10, 61, 300, {}))  # it ended when the files had come
    put(Timing(0, "apply", "12", "load results", 61, 71, 1000, {}))
    assert workspace.timings.paces() == {"files": 2.0, "load results": 100.0}
    put(Timing(100, "apply", "12", "files", 110, 115, 100, {}))
    put(Timing(100, "apply", "12", "load", 110, 130, 400, {}))  # most of it came after them
    assert workspace.timings.paces()["load"] == 20.0
    for number in range(5):
        put(Timing(200 + number, "run", "12", "load", 0, 10, 100, {}))
    assert workspace.timings.paces()["load"] == 10.0  # what is long ago is forgotten


def test_what_was_waited_for_longest_is_not_another_phase(workspace: Workspace) -> None:
    assert workspace.timings.longest_wait(0) == ""
    workspace.timings.put(Timing(0, "apply", "12", "load", 10, 60, 1, {NEEDS: 45.0, "QA Sphere allows 20/s": 3.0}))
    workspace.timings.put(Timing(0, "apply", "12", "files", 10, 60, 1, {"answers of QAComplete": 40.0}))
    assert workspace.timings.longest_wait(0) == "answers of QAComplete"


def test_the_last_reading_is_that_of_the_newest_command_that_read(workspace: Workspace) -> None:
    assert workspace.timings.reading_seconds() == 0
    put = workspace.timings.put
    put(Timing(1, "plan", "12", "extract cases", 10, 60, 9, {}))
    put(Timing(1, "plan", "12", "extract runs", 40, 70, 9, {}))
    put(Timing(2, "apply", "12", "load", 80, 90, 9, {}))
    assert workspace.timings.reading_seconds() == 60
    put(Timing(3, "sync", "12", "extract cases", 100, 105, 9, {}))
    assert workspace.timings.reading_seconds() == 5


def test_what_held_up_each_phase_is_known_of_the_newest_commands(workspace: Workspace) -> None:
    put = workspace.timings.put
    put(Timing(0, "run", "12", "load", 10, 60, 1, {NEEDS: 45.0, "QA Sphere allows 20/s": 3.0, "answers": 5.0}))
    put(Timing(2, "plan", "12", "load", 10, 60, 1, {"disk": 45.0}))
    put(Timing(1, "sync", "12", "files", 10, 60, 1, {}))
    assert workspace.timings.held_up() == {"load": "answers"}
    for number in range(5):
        put(Timing(10 + number, "run", "12", "load", 0, 10, 100, {"QA Sphere allows 20/s": 0.1}))
    assert workspace.timings.held_up() == {"load": "QA Sphere allows 20/s"}


def test_seconds_side_by_side_are_counted_once() -> None:
    spans = ((0.0, 40.0), (10.0, 8.0), (35.0, 10.0), (60.0, 5.0))
    assert seconds_together(Timing(0, "run", "12", "load", at, at + seconds, 1, {}) for at, seconds in spans) == 50
