"""Times of phases, from the events that commands tell anyway."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from migrator.app.runtime.timed import TimedListener
from migrator.core.events import PhaseEnded, PhaseStarted, Progressed, Said
from state.workspace import open_workspace


def test_phases_are_timed_with_what_they_waited_for(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "workspace") as workspace:
        timings = workspace.timings
        heard: list[object] = []
        listener = TimedListener(timings, "run", heard.append)
        listener(PhaseStarted("load", "12", 2))
        listener(Progressed("load", "12", 1, 2, "QA Sphere wants a pause of 3.2 s"))
        listener(Progressed("load", "12", 1, 2, "QA Sphere wants a pause of 1.0 s"))
        listener(Said("something else"))
        listener(PhaseEnded("load", "12", 2))
        listener(Progressed("update", "12", 7, 9))
        listener.close()
        assert len(heard) == 6
        load, update = timings.since(0)
        assert (load.phase, load.command, load.project, load.done) == ("load", "run", "12", 2)
        assert list(load.waits) == ["QA Sphere wants a pause"]
        assert load.ended_at >= load.started_at
        assert (update.phase, update.done, update.waits) == ("update", 7, {})


def test_what_lies_between_two_times_of_a_phase_is_not_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 2.0, 10.0, 40.0, 41.0, 44.0])
    monkeypatch.setattr("migrator.app.runtime.timed.time", SimpleNamespace(time=lambda: next(clock)))
    with open_workspace(tmp_path / "workspace") as workspace:
        listener = TimedListener(workspace.timings, "run", lambda _: None)
        listener(Progressed("read back", "12", 0, None))
        listener(Progressed("read back", "12", 5, None))
        listener(PhaseStarted("load", "12", 3))
        listener(PhaseEnded("load", "12", 3))
        listener(Progressed("read back", "12", 6, None))
        listener(Progressed("read back", "12", 9, None))
        listener.close()
        took = {timing.phase: timing.seconds for timing in workspace.timings.since(0)}
        assert took == {"load": 30.0, "read back": 5.0}
