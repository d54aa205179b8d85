"""How long the first reading will take is said as soon as the source has told how much there is."""

from dataclasses import dataclass, field

from migrator.app.runtime.reading import ReadingForecast
from migrator.core.events import Event, PhaseEnded, PhaseStarted, Progressed, Said


@dataclass
class Reading:
    """A reading with a clock of its own."""

    now: float = 0.0
    heard: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = ReadingForecast(self.heard.append, lambda: self.now)
        self.listener(PhaseStarted("extract", "12"))

    def page(self, seconds: float, done: int, total: int | None, stream: str = "tests") -> None:
        self.now += seconds
        self.listener(Progressed(f"extract {stream}", "12", done, total))

    def said(self) -> list[str]:
        return [event.text for event in self.heard if isinstance(event, Said)]


def test_it_is_said_with_the_second_page_and_stands_beside_what_it_took() -> None:
    reading = Reading()
    reading.page(9, 100, 2000)  # the first answer of a source that sleeps says nothing of its pace
    assert reading.said() == []
    reading.page(2, 200, 2000)
    assert reading.said() == ["project 12: 200 of 2,000 tests read, about 36 s to go"]
    for done in range(300, 2001, 100):
        reading.page(2, done, 2000)
    assert len(reading.said()) == 1
    reading.listener(PhaseEnded("extract", "12", 2000))
    assert reading.said()[1:] == ["project 12: reading the source took 47 s; tests 38 s (forecast: 38 s)"]
    assert sum(isinstance(event, Progressed) for event in reading.heard) == 20


def test_streams_side_by_side_are_told_apart_and_what_an_earlier_command_read_is_no_pace() -> None:
    reading = Reading()
    reading.page(1, 900, 1000)
    reading.page(0, 10, 1000, "run_items")
    reading.page(2, 950, 1000)
    reading.page(0, 20, 1000, "run_items")
    assert reading.said() == ["project 12: 20 of 1,000 run items read, about 3 min 16 s to go"]


def test_what_is_short_or_of_unknown_size_is_not_forecast() -> None:
    reading = Reading()
    for done in (100, 200, 300):
        reading.page(2, done, 300)
        reading.page(0, done, None, "results")
    reading.page(0.1, 1, 300, "files")
    reading.page(0.1, 2, 300, "files")  # too soon to know
    reading.listener(PhaseEnded("extract", "12", 600))
    assert reading.said() == []
