"""Numbers that are sent are numbers."""

from typing import Any

import pytest
from pydantic import ValidationError

from migrator.client import Body, CaseQuery, NewCase, NewResult, QueryPlan, RunCopy

CASE = {"title": "One", "priority": "low", "folder_id": 1}


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (NewCase, CASE | {"folder_id": True}),
        (NewCase, CASE | {"pos": False}),
        (NewResult, {"status": "passed", "time_taken": True}),
        (RunCopy, {"title": "Copy", "run_id": True}),
        (QueryPlan, {"folder_ids": [True]}),
        (CaseQuery, {"tags": [True]}),
        (CaseQuery, {"limit": True}),
    ],
)
def test_true_and_false_are_no_numbers(model: type[Body], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="should be a number, and not true or false"):
        model.model_validate(given)


@pytest.mark.parametrize("value", [0, "0", -1, 1.5, None])
def test_limits_hold_as_before(value: Any) -> None:
    with pytest.raises(ValidationError):
        NewCase.model_validate(CASE | {"folder_id": value})


def test_digits_of_a_command_line_are_read() -> None:
    assert NewCase.model_validate(CASE | {"folder_id": "7"}).document()["folderId"] == 7
