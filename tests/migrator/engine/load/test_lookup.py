"""When lost creates are looked up."""

import time

from migrator.core.ports.mapping import Mapped
from migrator.core.records import Operation
from migrator.engine.load.lookup import LostAnswers
from tests.support.drafts import case_draft


def operation(number: int) -> Operation:
    draft = case_draft(number)
    return Operation(Mapped(draft.marker, "case", draft.title, "draft", draft), number, "12", "", number, "unknown")


def test_the_second_look_up_decides_and_the_last_to_come_is_waited_for() -> None:
    lost, first, second = LostAnswers(1000.0, time.monotonic), operation(1), operation(2)
    assert (len(lost), lost.seconds_left(), lost.due()) == (0, 0.0, [])
    lost.add(first)
    assert lost.due() == []  # a moment, so that several share one request
    assert 0 < lost.seconds_left() <= 2
    assert lost.missed(first) is False
    lost.add(second)
    assert 900 < lost.seconds_left() <= 1000
    assert lost.missed(first) is True
    lost.found(second)
    assert (len(lost), lost.due()) == (0, [])


def test_with_a_short_time_to_settle_it_is_looked_more_often() -> None:
    assert [LostAnswers(seconds).pause for seconds in (90.0, 1.0, 0.05)] == [0.2, 0.1, 0.005]
