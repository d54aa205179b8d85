"""Secrets in every spelling, and where the next page is."""

import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.errors import TemporaryError
from migrator.http.paging import NextLinks, next_offset
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


def test_next_links_may_be_absolute_or_relative() -> None:
    links = NextLinks("https://api.example/v1", "Service")
    assert links.path("https://api.example/v1/items?page=2") == "/items?page=2"
    assert links.path("items?page=3") == "/items?page=3"
    assert links.path(None) is None


@pytest.mark.parametrize(
    "link", ["https://evil.example/v1/items", "//evil.example/v1", "http://api.example/v1/x", "/other"]
)
def test_a_next_link_to_another_place_is_refused(link: str) -> None:
    with pytest.raises(TemporaryError, match="another place"):
        NextLinks("https://api.example/v1", "Service").path(link)


def test_a_repeated_next_link_is_an_error_that_names_it() -> None:
    links = NextLinks("https://api.example/v1", "Service")
    links.path("items?page=2")
    with pytest.raises(TemporaryError, match="page=2"):
        links.path("https://api.example/v1/items?page=2")
