"""What a service says about an error: found in one pass, whatever it sends."""

import orjson
import pytest

from migrator.http.error_text import LONGEST, LONGEST_ERROR, error_text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "no"}', "no"),
        (b'{"error": {"Message": "nested"}}', "nested"),
        (b'{"response_status": {"error_code": "1", "message": "stack"}}', "stack"),
        (b'{"other": 1}', '{"other": 1}'),
        (b"<html><head><TITLE lang=en>Sign\n in</Title>", "Sign in"),
        (b"<html><title>never closed", "<html><title>never closed"),
        (b"<title<title", "<title<title"),
        (b"plain  words", "plain words"),
        (b"", ""),
    ],
)
def test_the_words_are_found(body: bytes, text: str) -> None:
    assert error_text(body) == text


@pytest.mark.parametrize(
    "body",
    [
        b"<title" * 60_000,
        b"<title>" * 60_000,
        b'{"error":' * 900 + b'"x"' + b"}" * 900,
        orjson.dumps({"message": "x" * 100_000}),
        b"\xff" * 1_000_000,
    ],
    ids=["titles", "open titles", "deep", "long", "no text"],
)
def test_whatever_comes_ends_with_a_short_text(body: bytes) -> None:
    assert len(error_text(body)) <= LONGEST
    assert LONGEST_ERROR < 100_000
