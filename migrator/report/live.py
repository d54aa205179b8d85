"""The page to watch while a command works: renewed in place, without scripts, opened from disk or any server."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrator.report.html import scriptless
from migrator.report.rate import Rate

RENEWED = 5
"""Seconds after which a browser reads the page again."""


@dataclass
class LivePhase:
    """A phase of a project.

    Args:
        total: None means not known.
        waiting_for: what holds it up.
        state: running, done or stopped.
    """

    project: str
    phase: str
    done: int = 0
    total: int | None = None
    waiting_for: str = ""
    state: str = "running"
    rate: Rate = field(default_factory=Rate)

    @property
    def words(self) -> str:
        """Rate and time left."""
        return self.rate.words(self.done, self.total)

    @property
    def share(self) -> int:
        """How much of it is done, in percent; 0 while nobody knows how much there is."""
        return min(100, self.done * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class LivePage:
    """Times in seconds since the epoch.

    Args:
        state: running, ended, or what ended it.
        bottleneck: what was waited for most.
        troubles: the last ones of ``trouble_count``.
        said: the last sentences.
    """

    command: str
    began_at: float
    written_at: float
    state: str
    bottleneck: str
    phases: Sequence[LivePhase]
    troubles: Sequence[str]
    trouble_count: int
    said: Sequence[str]


def live_html(page: LivePage) -> Iterator[str]:
    """Yield the file piece by piece."""
    return scriptless("live", page=page, renewed=RENEWED)
