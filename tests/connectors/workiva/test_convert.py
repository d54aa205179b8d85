"""From rows to entities, and what verdicts come to; no network."""

from typing import Any

import pytest
from pydantic import SecretStr

from connectors.workiva.api import WorkivaApi
from connectors.workiva.config import Verdicts
from connectors.workiva.convert.entities import Converter
from connectors.workiva.convert.verdicts import Aggregator
from migrator.http.auth import KeyAuth
from migrator.http.governor import Governor
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

IDS = ("f", "p", "m", "s1234567890")
MATRIX = {
    "id": "m",
    "name": " Leavers ",
    "dataColumns": [{"id": "d1", "name": "Employee"}, {"id": "d2", "name": "", "externalId": "X2"}, {"id": "d3"}],
    "resultColumns": [
        {"id": "r1", "name": "Removed in time", "externalId": "TA01", "testable": True},
        {"id": "r2", "name": "Ticket", "externalId": "Ticket", "testable": None},
        {"id": "r3", "name": "Remark", "testable": False},
    ],
}


@pytest.fixture
def convert() -> Converter:
    transport = Transport(
        "https://api.eu.wdesk.com",
        auth=KeyAuth("Bearer", SecretStr("x")),
        governor=Governor(rate=None, slots=1, name="x"),
        settings=HttpSettings(),
        name="Workiva",
        timeout=1,
    )
    return Converter("acme", "{base_url}{path}", WorkivaApi(transport, ""), Aggregator(Verdicts()))


def row(data: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
    cells = {"dataValues": data, "resultValues": results}
    found = {name: [{"column": key, "value": value} for key, value in values.items()] for name, values in cells.items()}
    return {"id": IDS[-1], **found}


def test_cells_are_joined_by_column_and_ordered_by_the_matrix(convert: Converter) -> None:
    case = convert.sample(IDS, MATRIX, row({"d3": 7, "d1": " E-1 ", "d2": "", "d9": "stray"}, {}))
    assert [(field.name, field.value.value) for field in case.custom_fields] == [
        ("Employee", "E-1"),
        ("Column d3", "7"),
        ("Column d9", "stray"),
    ]
    assert case.title == "Leavers \u2013 E-1 · 7 · stray"
    assert case.address == "https://api.eu.wdesk.com/testForms/f/testPhases/p/matrices/m/samples/s1234567890"


def test_a_sample_without_values_is_named_by_its_id_and_not_by_its_place(convert: Converter) -> None:
    assert convert.sample(IDS, MATRIX, {"id": IDS[-1]}).title == "Leavers \u2013 sample s1234567"
    assert convert.sample(IDS, {}, {"id": IDS[-1]}).title == "Matrix m \u2013 sample s1234567"


def test_a_long_value_does_not_fill_the_title(convert: Converter) -> None:
    title = convert.sample(IDS, MATRIX, row({"d1": "line\n" * 100, "d2": "b"}, {})).title
    assert len(title) < 110
    assert title.endswith("… · b")
    assert "\n" not in title


def test_columns_with_one_name_keep_both_values(convert: Converter) -> None:
    matrix = {**MATRIX, "dataColumns": [{"id": "d1", "name": "Vendor"}, {"id": "d2", "name": "Vendor"}]}
    case = convert.sample(IDS, matrix, row({"d1": "A", "d2": "B"}, {}))
    assert [(field.name, field.value.value) for field in case.custom_fields] == [("Vendor", "A"), ("Vendor [d2]", "B")]


def test_a_result_has_a_line_for_every_step(convert: Converter) -> None:
    sample = row({"d1": "E-1"}, {"r1": " FAIL ", "r3": "two days late"})
    result, case = convert.result(IDS, MATRIX, sample, 4), convert.sample(IDS, MATRIX, sample)
    assert [step.status for step in result.steps] == ["FAIL", None]
    assert [step.action for step in result.steps] == [step.action for step in case.steps]
    assert [step.action.value for step in case.steps] == ["Removed in time (TA01)", "Ticket"]
    assert result.remarks == {"Remark": "two days late"}
    assert (result.status, result.position, result.case, result.run.ids) == ("FAIL", 4, case.ref, ("f", "p"))


@pytest.mark.parametrize(
    "absent", [{}, {"dataValues": None, "resultValues": None}, {"dataValues": [], "attachments": []}]
)
def test_absent_null_and_empty_are_alike(convert: Converter, absent: dict[str, Any]) -> None:
    for matrix in ({"id": "m", "name": "M"}, {"id": "m", "name": "M", "dataColumns": None, "resultColumns": None}):
        result = convert.result(IDS, matrix, {"id": IDS[-1], **absent}, 0)
        case = convert.sample(IDS, matrix, {"id": IDS[-1], **absent})
        assert (result.status, result.steps, case.steps, case.custom_fields) == (None, (), (), ())


def test_attachments_without_ids_are_told_apart_by_name_and_order(convert: Converter) -> None:
    rows = [{"fileName": "a"}, {"fileName": "a"}, {"fileName": "b"}, {"id": "1", "fileName": "a"}]
    refs = [one.ref.ids for one, _ in convert.attachments(IDS, rows)]
    assert len(set(refs)) == 4
    assert refs[1] == (*refs[0], "again")
    assert refs[3] == (*IDS, "1")


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        (["PASS", "pass", "Effective"], "PASS"),
        (["PASS", "see note 4", "FAIL", "No"], "FAIL"),
        (["PASS", " see note 4 ", "N/A"], "see note 4"),
        (["N/A", "OK"], "OK"),
        (["n/a", "", "not applicable"], "n/a"),
        (["", "  "], None),
        ([], None),
        (["Deviation", "PASS"], "Deviation"),
    ],
)
def test_what_verdicts_come_to(verdicts: list[str], status: str | None) -> None:
    assert Aggregator(Verdicts()).status(verdicts) == status


def test_words_of_the_config_count_like_the_built_in_ones() -> None:
    words = Verdicts(failed=("Deviation",), passed=("Satisfactory",), skipped=("Out of scope",))
    aggregator = Aggregator(words)
    assert aggregator.status(["strange", "satisfactory", "DEVIATION"]) == "DEVIATION"
    assert aggregator.status(["out of scope", "Satisfactory"]) == "Satisfactory"
    assert aggregator.status(["out of scope"]) == "out of scope"
