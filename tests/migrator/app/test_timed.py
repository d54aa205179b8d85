"""Times of phases, from the events that commands tell anyway."""

from pathlib import Path

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
