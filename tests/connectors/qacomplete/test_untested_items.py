"""Items that were not run: what an execution has left is a remark, who is to run them is told apart."""

from typing import Any

import pytest

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.convert.runs import frame_of, result
from migrator.core.model import Result

CONVERT = Converter("acme", "America/Denver", "", "https://qac.example")
RUN = {"id": 5, "run_by_user_id": 7, "run_by_user_name": "Berg, Ada"}
ITEM = {
    "id": 51, "test_id": 1, "run_time_formated": "00:00:00", "folder_name": "Login", "configuration_name": "Firefox",
    "automated": True, "is_tokenized": True, "seq_token": 3, "test_host": "lab-1",
}  # fmt: skip


def converted(**said: Any) -> Result:
    return result(CONVERT, frame_of(CONVERT, "12", RUN), ITEM | said, 0)


@pytest.mark.parametrize("status", [None, "", "Awaiting Run"])
def test_what_the_source_gives_every_planned_item_is_told_from_what_was_written(status: str | None) -> None:
    found = converted(
        status_code=status, file_log="LOGONLY words", file_report="REPORT", status_updated_by_user_name="Bob"
    )
    assert found.remarks == {"file_report": "REPORT", "file_log": "LOGONLY words"}
    assert found.facts.keys() - set(found.preset) == {"test_host"}
    assert found.tester is None
    assert found.assigned is not None
    assert found.assigned.name == "Bob"


def test_who_runs_all_items_is_told_by_the_run_alone() -> None:
    assert converted(status_code="Awaiting Run", run_by_user_id=7).assigned is None
    other = converted(status_code="Awaiting Run", run_by_user_id=8).assigned
    assert other is not None
    assert other.ref == CONVERT.ref("user", "12", 8)


def test_an_item_that_was_run_has_a_tester_and_nobody_assigned() -> None:
    found = converted(status_code="Passed", run_by_user_id=8)
    assert (found.assigned, found.preset) == (None, ())
    assert found.tester is not None
