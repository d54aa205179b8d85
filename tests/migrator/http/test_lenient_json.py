"""JSON as old systems write it: one character never costs a page; what is no JSON stays an error."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.http.lenient_json import TooManyValues, parsed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"", None),
        (b" \n", None),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "one\ttwo\nthree\x0bfour"}', {"a": "one\ttwo\nthree\x0bfour"}),
        (rb'["half a pair \ud83d here", "whole \ud83d\ude00"]', ["half a pair \ufffd here", "whole \U0001f600"]),
        (b'{"caf\xe9": "na\xefve"}', {"caf\ufffd": "na\ufffdve"}),
        (
            rb'["\\ud83d and \\\ud83d", "\ud83d\ud83d\ude00", "\ude00"]',
            [r"\ud83d and " + "\\\ufffd", "\ufffd\U0001f600", "\ufffd"],
        ),
    ],
)
def test_what_people_write_is_read(body: bytes, value: Any) -> None:
    assert parsed(body) == value
    if value is not None:
        orjson.dumps(parsed(body))  # and can be stored


@pytest.mark.parametrize("body", [b'{"a": ', b"<html>", b'{"a": 1} trailing', b"['single']", b"\x00"])
def test_what_is_no_json_stays_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        parsed(body)


@given(VALUES)
def test_proper_json_is_read_as_everybody_reads_it(value: Any) -> None:
    assert parsed(json.dumps(value).encode("utf-8", "surrogatepass")) == value


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 300 + b"]" * 300,
        b'{"error":' * 5_000,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b'"' + rb"\"" * 500_000,
        b'["\x01' + rb"\"" * 500_000,
    ],
    ids=["endless", "deep", "deep-objects", "just-too-deep", "quotes", "quotes-and-control"],
)
def test_what_would_take_the_program_apart_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        parsed(body)


@pytest.mark.parametrize("piece", [b"[],", b"{},", b"1,", b'"",'])
@pytest.mark.parametrize("end", [b"1]", b'"\x01"]'])
def test_too_many_values_are_refused_before_they_are_made(piece: bytes, end: bytes) -> None:
    with pytest.raises(TooManyValues):
        parsed(b"[" + piece * 1_100_000 + end)


def test_what_can_be_stored_is_read() -> None:
    deep = parsed(b"[" * 100 + b"]" * 100)
    assert parsed(orjson.dumps(deep)) == deep


def test_numbers_that_json_does_not_know_become_null() -> None:
    assert parsed(b'{"a": NaN, "b": -Infinity, "NaN": "Infinity"}') == {"a": None, "b": None, "NaN": "Infinity"}
