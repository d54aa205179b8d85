"""The circuit breaker counts failures in a row with one cause."""

from migrator.engine.load.workers import LIMIT, Breaker


def test_a_row_of_one_cause_stops_the_stream() -> None:
    breaker = Breaker()
    answers = [breaker.failed(f"400 field 'f{number}' is missing on row {number}") for number in range(LIMIT)]
    assert answers[:-1] == [None] * (LIMIT - 1)
    assert answers[-1] is not None
    assert "row 19" in answers[-1].cause


def test_a_success_or_another_cause_begins_a_new_row() -> None:
    breaker = Breaker()
    for _ in range(LIMIT - 1):
        breaker.failed("400 title too long")
    breaker.succeeded()
    for _ in range(LIMIT - 1):
        assert breaker.failed("400 title too long") is None
    assert breaker.failed("403 archived") is None
