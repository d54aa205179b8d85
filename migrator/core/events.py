"""What the engine tells listeners: progress on a terminal, lines in a log, or a test's recorder."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase began: ``extract``, ``plan``, ``reconcile`` or ``load``. ``total`` None: not known yet."""

    phase: str
    project: str
    total: int | None = None


NEEDS = "what the next items need, such as their files"
"""What a phase waits for that waits for another one of the same command."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """``done`` of ``total`` items of the phase are done; ``waiting_for`` says what holds the rest up."""

    phase: str
    project: str
    done: int
    total: int | None
    waiting_for: str = ""


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    """A phase is complete."""

    phase: str
    project: str
    done: int


@dataclass(frozen=True, slots=True)
class ItemFailed:
    """One item failed, is unknown, or is blocked; everything else goes on."""

    kind: str
    marker: str
    title: str
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the person watching."""

    text: str


Event = PhaseStarted | Progressed | PhaseEnded | ItemFailed | Said
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""


def ignored(_text: str) -> None:
    """Take words that nobody wants to see."""
