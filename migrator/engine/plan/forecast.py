"""How long applying a plan will take, and which side decides that: by limits, and by what was measured. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from migrator.core.model import ItemKind
from migrator.core.plural import number
from migrator.core.ports.source import FileLimit
from migrator.core.ports.traffic import Traffic
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
"""What goes side by side, as files do."""
_FILES = "files"
_NO_LIMIT = FileLimit(requests={})
_NOTHING = Traffic()


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long a plan will take.

    Args:
        destination_seconds, source_seconds: of both sides, which go on at the same time.
        seconds: of all.
        bottleneck: the side that takes longer, and why.
        requests: to the source, by what they are for.
    """

    seconds: float
    destination_seconds: float
    source_seconds: float
    bottleneck: str
    requests: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do.

    Args:
        requests: to QA Sphere, of which ``alone`` wait for the one before.
        planned: operations by kind and verb.
        fetches: files to be had from the source.
        pause: seconds in which nothing is sent.
    """

    requests: int
    planned: Mapping[tuple[ItemKind, Verb], int]
    fetches: int
    alone: int = 0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of both sides.

    Args:
        rate: requests a second that QA Sphere allows.
        destination, source: how quickly they answered while they were read.
        source_name: for people.
        paces: phase → items a second, of earlier commands in this workspace.
        limit: what files cost at the source.
        held_up: phase → what it waited for longest.
        requests_per_file: to the source.
    """

    rate: float
    source_name: str
    destination: Traffic = _NOTHING
    source: Traffic = _NOTHING
    limit: FileLimit | None = None
    paces: Mapping[str, float] = field(default_factory=dict)
    held_up: Mapping[str, str] = field(default_factory=dict)
    requests_per_file: float | None = None


def forecast(work: Work, known: Known) -> Forecast:
    """Return the forecast. What was measured counts for QA Sphere where it is slower than what is allowed, and for
    files always."""
    each, words = _each_request(known)
    alone = work.pause + work.alone * max(1 / known.rate, known.destination.seconds)
    beside = (work.requests - work.alone) * each
    phases = [(_PHASES[key], count) for key, count in work.planned.items() if key in _PHASES]
    paced = [(count / known.paces[phase], phase) for phase, count in phases if phase in known.paces]
    measured, slowest = max(paced, default=(0.0, ""))
    if measured > beside:
        beside, words = measured, _measured_words(known, slowest)
    files, files_words = _files(work.fetches, known)
    is_source = files > beside
    return Forecast(
        seconds=round(alone + max(beside, files), 1),
        destination_seconds=round(alone + beside, 1),
        source_seconds=round(files, 1),
        bottleneck=f"{known.source_name}, {files_words}" if is_source else f"QA Sphere, {words}",
        requests=_requests(work.fetches, known),
    )


def _each_request(known: Known) -> tuple[float, str]:
    answers = known.destination.seconds / known.destination.at_once
    if answers > 1 / known.rate:
        return answers, _answers(known.destination)
    return 1 / known.rate, f"{number(known.rate, 'request')} a second"


def _files(fetches: int, known: Known) -> tuple[float, str]:
    """Return the seconds that files take at the source, and what decides that."""
    if not fetches:
        return 0.0, ""
    if _FILES in known.paces:
        return fetches / known.paces[_FILES], _measured_words(known, _FILES)
    limit = known.limit or _NO_LIMIT
    # the last few take as long as if they were as many as go side by side
    answers = -(-fetches * sum(limit.requests.values()) // known.source.at_once) * known.source.seconds
    allowed = fetches / limit.files_per_second if limit.files_per_second else 0.0
    return (allowed, limit.words) if allowed >= answers else (answers, _answers(known.source))


def _measured_words(known: Known, phase: str) -> str:
    reason = known.held_up.get(phase)
    pace = f"at the pace {'of files ' if phase == _FILES else ''}that was measured before"
    return f"{pace} ({reason})" if reason else pace


def _answers(traffic: Traffic) -> str:
    return f"{traffic.seconds:.1f} s for an answer, {traffic.at_once} at a time"


def _requests(fetches: int, known: Known) -> Mapping[str, int]:
    """Return the requests to the source. What was measured is what the most frequent of them is corrected by."""
    per_file = known.limit.requests if known.limit else {}
    found = {name: count * fetches for name, count in per_file.items()} if fetches else {}
    if found and known.requests_per_file is not None:
        most = max(found, key=lambda name: found[name])
        found[most] = max(0, found[most] + round(known.requests_per_file * fetches) - sum(found.values()))
    return found
