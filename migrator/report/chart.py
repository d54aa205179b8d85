"""Items written per second over time, as shapes of an SVG; its colours come from the page's style sheet."""

from dataclasses import dataclass
from datetime import UTC, datetime

from migrator.core.plural import plural
from migrator.report.values import Pace

WIDTH = 720
HEIGHT = 180
_LEFT = 44
_BOTTOM = 24
_TOP = 12
_LABELS = 5


@dataclass(frozen=True, slots=True)
class Chart:
    """Shapes in pixels of a drawing, ``WIDTH`` by ``HEIGHT``.

    Args:
        bars: x, y, width, height.
        ticks, times: position and text.
        limit: y of the allowed rate, None when it lies above the drawing.
    """

    bars: tuple[tuple[float, float, float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    times: tuple[tuple[float, str], ...]
    limit: float | None
    summary: str


def chart_of(pace: Pace) -> Chart:
    """Return the drawing of a pace with at least one span."""
    rates = [count / pace.width for count in pace.counts]
    top = max(*rates, 0.1) * 1.15
    if pace.allowed <= top * 4:
        top = max(top, pace.allowed * 1.1)
    inner = HEIGHT - _BOTTOM - _TOP
    step = (WIDTH - _LEFT) / len(rates)

    def height(rate: float) -> float:
        return round(inner * rate / top, 1)

    bars = tuple(
        (
            round(_LEFT + index * step, 1),
            round(_TOP + inner - height(rate), 1),
            round(max(step - 1, 0.8), 1),
            height(rate),
        )
        for index, rate in enumerate(rates)
    )
    ticks = tuple((round(_TOP + inner - height(top * part / 2), 1), f"{top * part / 2:.3g}") for part in range(3))
    total, seconds = sum(pace.counts), pace.width * len(rates)
    return Chart(
        bars,
        ticks,
        _times(pace, step),
        round(_TOP + inner - height(pace.allowed), 1) if pace.allowed <= top else None,
        f"{total} {plural(total, 'item')} in {seconds:.0f} s, at most {max(rates):.1f} a second",
    )


def _times(pace: Pace, step: float) -> tuple[tuple[float, str], ...]:
    count = len(pace.counts)
    form = "%H:%M:%S" if pace.width * count < 1800 else "%H:%M" if pace.width * count < 86_400 else "%d %b %H:%M"
    places = range(0, count, max(1, -(-count // _LABELS)))
    return tuple(
        (
            round(_LEFT + place * step, 1),
            datetime.fromtimestamp(pace.started_at + place * pace.width, UTC).strftime(form),
        )
        for place in places
    )
