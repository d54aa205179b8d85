"""``--live``: keeps a page up to date from the events of a command. A page that cannot be written stops nothing."""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migrator.app.runtime.timed import without_seconds
from migrator.app.runtime.whole_file import whole_file
from migrator.core.errors import Interrupted, MigratorError
from migrator.core.events import NEEDS, Event, ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed, Said
from migrator.core.redact import hidden
from migrator.report.live import LivePage, LivePhase, live_html

log = logging.getLogger("migrator.live")
LIVE_FILE = "live.html"
_SECONDS = 2.0
_SHOWN = 20


class _Watched:
    """Passes every event on to ``listener``, and writes the page every few seconds."""

    def __init__(self, path: Path, command: str, listener: Listener) -> None:
        self._path = path
        self._command = command
        self._listener = listener
        self._began_at = time.time()
        self._written = 0.0
        self._last = self._began_at
        self._phases: dict[tuple[str, str], LivePhase] = {}
        self._waits: Counter[str] = Counter()
        self._troubles: deque[str] = deque(maxlen=_SHOWN)
        self._trouble_count = 0
        self._said: deque[str] = deque(maxlen=_SHOWN)

    def __call__(self, event: Event) -> None:
        """Take an event."""
        self._take(event)
        self._listener(event)
        if time.monotonic() - self._written >= _SECONDS:
            self.write("running")

    def write(self, state: str) -> None:
        """Write the page. ``state``: running, ended, or what ended the command."""
        self._written = time.monotonic()
        if state != "running":  # some phases have no end of their own
            for phase in self._phases.values():
                if phase.state == "running":
                    phase.state = "done" if state == "ended" else "stopped"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self._path) as file:
                file.writelines(piece.encode() for piece in live_html(self._page(state)))
        except (MigratorError, OSError) as error:
            log.warning("the live page could not be written: %s", error)

    def _take(self, event: Event) -> None:
        match event:
            case Said(text):
                self._said.append(hidden(text))
            case ItemFailed(kind, marker, title, state, cause):
                self._trouble_count += 1
                self._troubles.append(hidden(f"{state}: {kind} {marker} “{title}”: {cause}"))
            case PhaseStarted(phase, project, total):
                self._phases[project, phase] = LivePhase(project, phase, total=total)
            case Progressed(phase, project, done, total, waiting_for):
                self._progressed(self._phase(project, phase), done, total, waiting_for)
            case PhaseEnded(phase, project, done):
                found = self._phase(project, phase)
                found.done = done
                found.state = "stopped" if found.total and done < found.total else "done"
                found.total = found.total and max(found.total, done)
                # parts of it, such as its streams, have no end of their own
                for (where, name), part in self._phases.items():
                    if where == project and name.startswith(f"{phase} ") and part.state == "running":
                        part.state = found.state

    def _phase(self, project: str, phase: str) -> LivePhase:
        return self._phases.setdefault((project, phase), LivePhase(project, phase))

    def _progressed(self, phase: LivePhase, done: int, total: int | None, waiting_for: str) -> None:
        now = time.time()
        phase.done, phase.total, phase.waiting_for, phase.state = done, total, hidden(waiting_for), "running"
        phase.rate.update(done, now)
        # what waits for another phase is held up by what that waits for
        if waiting_for and waiting_for != NEEDS:
            self._waits[without_seconds(waiting_for)] += now - self._last  # type: ignore[assignment]
        self._last = now

    def _page(self, state: str) -> LivePage:
        return LivePage(
            command=self._command,
            began_at=self._began_at,
            written_at=time.time(),
            state=state,
            bottleneck=hidden(self._waits.most_common(1)[0][0]) if self._waits else "",
            phases=sorted(self._phases.values(), key=lambda phase: phase.state != "running"),
            troubles=list(self._troubles)[::-1],
            trouble_count=self._trouble_count,
            said=list(self._said)[::-1],
        )


@contextmanager
def watched(folder: Path, command: str, listener: Listener) -> Iterator[Listener]:
    """Keep the page in ``folder`` up to date while the block runs; its last state says how that ended."""
    page = _Watched(folder / LIVE_FILE, command, listener)
    page.write("running")
    listener(Said(f"page to watch: {folder / LIVE_FILE}"))
    try:
        yield page
    except BaseException as error:
        page.write(hidden(_ending(error)))
        raise
    page.write("ended")


def _ending(error: BaseException) -> str:
    if isinstance(error, Interrupted):  # it says itself that it was stopped
        return str(error)
    return f"failed: {error}" if isinstance(error, MigratorError) else "failed"
