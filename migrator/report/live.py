"""The page to watch while a command works: renewed in place, without scripts, opened from disk or any server."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from migrator.report.html import environment, page_file, style_policy

RENEWED = 5
"""Seconds after which a browser reads the page again."""


@dataclass(frozen=True, slots=True)
class LivePhase:
    """A phase of a project. ``total`` None: not known; ``words``: rate and time left; ``waiting_for``: what holds it
    up; ``state``: running, done or stopped."""

    project: str
    phase: str
    done: int
    total: int | None
    words: str
    waiting_for: str
    state: str

    @property
    def share(self) -> int:
        """How much of it is done, in percent; 0 while nobody knows how much there is."""
        return min(100, self.done * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class LivePage:
    """Times in seconds since the epoch. ``state``: running, ended, or what ended it. ``bottleneck``: what was waited
    for most; ``troubles``: the last ones of ``trouble_count``; ``said``: the last sentences."""

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
    style = page_file("style.css") + page_file("live.css")
    return (
        environment()
        .get_template("live.html.j2")
        .generate(
            page=page,
            renewed=RENEWED,
            style=Markup(style),  # noqa: S704 - our own file, not data: everything else on the page is escaped
            policy=style_policy(style),
        )
    )
