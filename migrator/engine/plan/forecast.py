"""How long applying a plan will take, and which side decides that: by limits, and by what was measured. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from migrator.core.model import ItemKind
from migrator.core.ports.source import FileLimit
from migrator.core.records import Verb

_PHASES: Mapping[tuple[ItemKind, Verb], str] = {
    ("folder", "create"): "load folders",
    ("case", "create"): "load",
    ("case", "update"): "update",
    ("milestone", "create"): "load milestones",
    ("run", "create"): "load runs",
    ("result", "create"): "load results",
    ("run", "close"): "close runs",
}
"""What goes one after the other; files go beside it."""
_FILES = "files"


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds on both sides, which go on at the same time; ``bottleneck``: the side that takes longer, and why;
    ``requests``: to the source, by what they are for."""

    destination_seconds: float
    source_seconds: float
    bottleneck: str
    requests: Mapping[str, int]

    @property
    def seconds(self) -> float:
        """How long it takes in all."""
        return max(self.destination_seconds, self.source_seconds)


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do. ``requests``: to QA Sphere; ``planned``: operations by kind and verb; ``fetches``: files to
    be had from the source."""

    requests: int
    planned: Mapping[tuple[ItemKind, Verb], int]
    fetches: int


def forecast(work: Work, rate: float, limit: FileLimit | None, paces: Mapping[str, float], source: str) -> Forecast:
    """Return the forecast.

    Args:
        work: of all projects.
        rate: what QA Sphere allows, requests a second.
        limit: what the source allows; None when it documents nothing.
        paces: phase → items a second, of earlier commands in this workspace; they count where they are slower.
        source: its name.
    """
    allowed = work.requests / rate
    phases = [(_PHASES[key], count) for key, count in work.planned.items() if key in _PHASES]
    measured = sum(count / paces[phase] for phase, count in phases if phase in paces)
    destination = max(allowed, measured)
    files = [work.fetches / limit.files_per_second] if limit and limit.files_per_second else []
    if _FILES in paces:
        files.append(work.fetches / paces[_FILES])
    source_seconds = max(files, default=0.0) if work.fetches else 0.0
    per_file = limit.requests if limit else {}
    words = limit.words if limit and limit.files_per_second else "at the pace of files that was measured before"
    return Forecast(
        round(destination, 1),
        round(source_seconds, 1),
        _bottleneck(source_seconds, destination, allowed, f"{source}, {words}", rate),
        {name: count * work.fetches for name, count in per_file.items()} if work.fetches else {},
    )


def _bottleneck(source_seconds: float, destination: float, allowed: float, source: str, rate: float) -> str:
    if source_seconds > destination:
        return source
    if destination > allowed:
        return "QA Sphere, at the pace that was measured before"
    return f"QA Sphere, {rate:g} requests a second"
