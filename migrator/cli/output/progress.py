"""Progress: a live line on a terminal, a plain line every few seconds otherwise."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import TracebackType
from typing import Protocol, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from migrator.cli.output.terminal import Manner, harmless, say, say_json, talk
from migrator.core.events import Event, ItemFailed, PhaseEnded, PhaseStarted, Progressed, Said
from migrator.core.plural import number
from migrator.report.rate import Rate

_LINE_SECONDS = 5.0


Totals = dict[tuple[str, str], int]
"""Project and phase → how many items it has."""
_NAMES = {
    PhaseStarted: "phase_started",
    Progressed: "progressed",
    PhaseEnded: "phase_ended",
    ItemFailed: "item_failed",
    Said: "said",
}


class ProgressListener(Protocol):
    """A listener that is entered before the work and left after it."""

    def __call__(self, event: Event) -> None:
        """Take an event."""
        ...

    def __enter__(self) -> "ProgressListener": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def progress_listener() -> ProgressListener:
    """Return the listener that fits where stderr goes, and what the program was told about that."""
    if Manner.is_quiet:
        return Mute()
    if Manner.is_json:
        return JsonProgress()
    return LiveProgress() if talk.is_terminal else LineProgress()


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Give what takes a few words about what is waited for, and shows them on a terminal while that lasts."""
    if Manner.is_quiet or Manner.is_json or not talk.is_terminal:
        yield lambda _: None
        return
    with talk.status("") as status:
        yield lambda text: status.update(Text(harmless(text)))


def bars() -> ProgressListener:
    """Return a listener that only draws bars, and on a terminal only."""
    draws = talk.is_terminal and not (Manner.is_quiet or Manner.is_json)
    return LiveProgress(is_mute=True) if draws else Mute()


class Mute:
    """Says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to put away."""

    def __call__(self, event: Event) -> None:
        """Take an event."""


class JsonProgress(Mute):
    """Writes every event as a JSON object on a line of stderr; the same phase at most every few seconds."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], float] = {}

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Progressed):
            key, now = (event.project, event.phase), time.monotonic()
            if now - self._last.setdefault(key, now) < _LINE_SECONDS:
                return
            self._last[key] = now
        say_json({"event": _NAMES[type(event)]} | asdict(event))


class LineProgress(Mute):
    """Writes what happens as lines; the same phase at most every few seconds."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._rates: dict[str, Rate] = {}
        self._totals: Totals = {}

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Progressed):
            self._progressed(event)
        else:
            text = told(event, self._totals)
            if text:
                say(talk, text)

    def _progressed(self, event: Progressed) -> None:
        now = time.monotonic()
        key = f"{event.project} {event.phase}"
        rate = self._rates.setdefault(key, Rate())
        rate.update(event.done, now)
        if now - self._last.setdefault(key, now) < _LINE_SECONDS:
            return
        self._last[key] = now
        say(talk, f"project {event.project}: {event.phase} {described(event, rate)}")


class LiveProgress:
    """Draws a bar for the phase that runs; what is over is one line above it, unless ``is_mute``."""

    def __init__(self, *, is_mute: bool = False) -> None:
        self._is_mute = is_mute
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            console=talk,
            # the last bar would stay above whatever is printed next
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._totals: Totals = {}
        self._rates: dict[str, Rate] = {}

    def __enter__(self) -> "LiveProgress":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Progressed):
            self._progressed(event)
            return
        self._clear()
        text = told(event, self._totals)
        if not (isinstance(event, PhaseStarted) or self._is_mute):
            say(self._bars.console, text)

    def _clear(self) -> None:
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks.clear()

    def _progressed(self, event: Progressed) -> None:
        key = f"{event.project}: {event.phase}"
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(harmless(key), total=event.total, words="")
            self._rates[key] = Rate()
        rate = self._rates[key]
        rate.update(event.done, time.monotonic())
        words = ", ".join(part for part in (rate.words(event.done, event.total), event.waiting_for) if part)
        self._bars.update(self._tasks[key], completed=event.done, total=event.total, words=harmless(words))


def described(event: Progressed, rate: Rate) -> str:
    """Return counts, rate, time left, and what the work waits for."""
    total = "" if event.total is None else f" of {event.total}"
    waiting = f"held up by: {event.waiting_for}" if event.waiting_for else ""
    parts = (f"{event.done}{total}", rate.words(event.done, event.total), waiting)
    return ", ".join(part for part in parts if part)


def told(event: Event, totals: Totals) -> str:
    """Return the sentence for an event that is not plain progress. ``totals``: of the phases that have begun; one that
    ends before all of it is done was stopped."""
    match event:
        case Said(text):
            return text
        case ItemFailed(kind, marker, title, state, cause):
            return f"{state}: {kind} {marker} “{title}”: {cause}"
        case PhaseStarted(phase, project, total):
            totals[project, phase] = total or 0
            return f"project {project}: {phase}, {number(total, 'item')}" if total else ""
        case PhaseEnded(phase, project, done):
            total = totals.pop((project, phase), 0)
            if done < total:
                return f"project {project}: {phase} ends, {done} of {number(total, 'item')}"
            return f"project {project}: {phase} done, {number(done, 'item')}"
    return ""
