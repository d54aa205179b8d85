"""What the vendor documents beside what the client sends and reads, property by property."""

from typing import Any

import pytest
import yaml

from tests.support.qasphere_schemas import (
    CONTRACT,
    MODELS,
    QUERIES,
    REASONS,
    aliases,
    counted,
    documented,
    parameters,
)

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the OpenAPI document lies outside the project")


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    return found


def test_every_schema_with_properties_has_a_model_or_a_reason(contract: dict[str, Any]) -> None:
    schemas = {name for name in contract["components"]["schemas"] if documented(contract, name)}
    assert schemas == MODELS.keys() | REASONS.keys()


@pytest.mark.parametrize("schema", MODELS)
def test_every_property_is_sent_or_read(contract: dict[str, Any], schema: str) -> None:
    assert documented(contract, schema) - aliases(MODELS[schema]) == set()


def test_every_operation_with_parameters_has_a_query(contract: dict[str, Any]) -> None:
    assert {address for address, names in parameters(contract).items() if names} == QUERIES.keys()


@pytest.mark.parametrize("address", QUERIES)
def test_every_parameter_can_be_said(contract: dict[str, Any], address: str) -> None:
    assert parameters(contract)[address] == aliases(QUERIES[address])


def test_the_table_counts_them(contract: dict[str, Any]) -> None:
    """By schema, as the contract has them; ``docs/client.md`` shows the table."""
    rows = counted(contract)
    assert all(row.known == row.documented for row in rows)
    assert sum(row.documented for row in rows) >= 400


def test_a_property_that_is_missing_is_seen(contract: dict[str, Any]) -> None:
    assert documented(contract, "TestCase") - aliases(MODELS["Project"]) > {"seq", "numFilledTCases"}
