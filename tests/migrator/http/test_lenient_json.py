"""JSON as old systems write it: one character never costs a page; what is no JSON stays an error."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.http.lenient_json import parsed

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
