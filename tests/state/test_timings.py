"""What is learned from how long phases took."""

from state.timings import Timing
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
