"""Rows as they come: nothing is ever refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.wire.cases import Wire, WireFolder, WirePage, WireProject, WireTest, WireUser

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MODELS: list[type[Wire]] = [WireProject, WireUser, WireFolder, WireTest, WirePage]
KEYS = sorted({name for model in MODELS for name in model.model_fields})
ROWS = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON, max_size=8)


@given(ROWS)
def test_any_object_is_a_row_of_anything(row: dict[str, Any]) -> None:
    for model in MODELS:
        assert model.model_validate(row).model_fields_set <= set(model.model_fields)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12, 12), ("12", 12), (" 12 ", 12), (0, None), ("0", None), (None, None), ("", None), ("x", None), (True, None)],
)
def test_ids_may_be_texts_and_zero_means_none(value: object, expected: int | None) -> None:
    assert WireFolder.model_validate({"id": value}).id == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True), (False, False), ("true", True), ("False", False), ("Y", True), ("n", False),
        (1, True), (0, False), (None, None), ("", None), ("perhaps", None), ([], None),
    ],
)  # fmt: skip
def test_flags_are_known_words_or_unknown(value: object, expected: bool | None) -> None:
    assert WireTest.model_validate({"active": value}).active is expected


@pytest.mark.parametrize("names", [("id", "name", "value"), ("Id", "Name", "Value"), ("ID", "name", "VALUE")])
def test_custom_fields_are_read_in_any_case(names: tuple[str, str, str]) -> None:
    row = {"custom_fields": [dict(zip(names, ("Custom3", "Component", "Shop"), strict=True)), None, "odd"]}
    [field] = WireTest.model_validate(row).custom_fields
    assert (field.id, field.name, field.value) == ("Custom3", "Component", "Shop")


def test_a_page_keeps_rows_that_are_no_objects() -> None:
    assert WirePage.model_validate({"results": [{"id": 1}, None, "odd"], "total": "3"}).results == [
        {"id": 1},
        None,
        "odd",
    ]
    assert WirePage.model_validate({"results": None}).results == []
