"""Secrets in every spelling, and where the next page is."""

import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.http.paging import next_offset
from migrator.http.redact import RedactingFilter, redact, spellings


@given(secret=st.text(min_size=4), before=st.text(max_size=10), after=st.text(max_size=10))
def test_no_spelling_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    for spelling in spellings(secret):
        assert spelling not in redact(f"{before}|{spelling}|{after}", [secret]).split("|")


def test_log_records_lose_secrets_in_arguments_and_tracebacks() -> None:
    secret = "hunter2-hunter2"
    try:
        raise ValueError(secret)
    except ValueError:
        record = logging.getLogger("x").makeRecord("x", 20, "f", 1, "key %s", (secret,), __import__("sys").exc_info())
    RedactingFilter([secret]).filter(record)
    assert secret not in record.getMessage() + (record.exc_text or "")
    assert base64.b64encode(secret.encode()).decode() not in record.getMessage()


@pytest.mark.parametrize(
    ("offset", "got", "total", "following"),
    [(0, 25, 60, 25), (50, 10, 60, None), (0, 0, 60, None), (25, 25, None, 50), (25, 0, None, None)],
)
def test_offset_paging(offset: int, got: int, total: int | None, following: int | None) -> None:
    assert next_offset(offset, got, total) == following
