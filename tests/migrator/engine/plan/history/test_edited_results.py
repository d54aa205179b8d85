"""When a result reads as it did before, and when somebody has edited it."""

import pytest

from migrator.core.drafts import ResultDraft
from migrator.core.model import Cell, Result
from migrator.core.refs import marker_line
from migrator.core.text import visible_text
from migrator.engine.plan.history.edited_results import reads_alike
from tests.support.drafts import ref

MARKER = ref("result", "12", "5", "1").marker


def fact(name: str, value: str) -> str:
    return f"<li><strong>{name}:</strong> {value}</li>"


def draft(*facts: str, words: str = "It broke", **changes: object) -> ResultDraft:
    comment = f"<p>{words}</p><ul>{''.join(facts)}</ul>{marker_line(MARKER)}"
    sent = ResultDraft(
        marker=MARKER, source_marker=MARKER, run=ref("run", "12", "5").marker, case=ref("test", "12", "1").marker,
        status="failed", comment=comment, time_taken_ms=1000,
    )  # fmt: skip
    return sent.model_copy(update=changes)


def result(*, remark: str = "", cell: str = "") -> Result:
    return Result(
        ref=ref("result", "12", "5", "1"), title="Case 1", run=ref("run", "12", "5"), case=None, position=0,
        remarks={remark: "of ours"} if remark else {},
        cells=(Cell(names=(cell,), value="of ours", remark=cell),) if cell else (),
    )  # fmt: skip


def alike(now: ResultDraft, then: ResultDraft, of: Result | None = None, *, is_grouped: bool = False) -> bool:
    return reads_alike(now, then, of or result(), is_grouped=is_grouped)


@pytest.mark.parametrize(
    "changes", [{"status": "passed"}, {"time_taken_ms": 2000}, {"time_taken_ms": None}, {"words": "It broke again"}]
)
def test_what_a_reader_sees_is_an_edit(changes: dict[str, object]) -> None:
    assert alike(draft(), draft())
    assert not alike(draft(**changes), draft())  # type: ignore[arg-type] # the keys are its parameters
    assert not alike(draft(), draft(**changes))  # type: ignore[arg-type] # the keys are its parameters


def test_a_value_that_was_given_is_an_edit_but_not_the_name_of_another_item() -> None:
    assert not alike(draft(fact("Build", "2")), draft(fact("Build", "1")))
    assert alike(draft(fact("Configuration", "Firefox")), draft(fact("Configuration", "Chrome")))
    assert alike(draft(fact("Executed at", "2024-05-02")), draft(fact("Executed at", "2024-05-01")))


@pytest.mark.parametrize("own", [result(remark="CONFIGURATION"), result(cell="configuration")])
def test_a_remark_that_people_wrote_counts_whatever_it_is_called(own: Result) -> None:
    now, then = draft(fact("Configuration", "Firefox")), draft(fact("Configuration", "Chrome"))
    assert not alike(now, then, own)
    assert not alike(now, then, own, is_grouped=True)
    assert alike(draft(fact("Run", "B")), draft(fact("Run", "A")), own)


def test_what_is_told_of_the_run_is_no_edit_where_the_result_stands_in_a_group() -> None:
    now, then = draft(fact("Status", "Closed")), draft(fact("Status", "Open"))
    assert alike(now, then, is_grouped=True)
    assert not alike(now, then)
    assert not alike(now, then, result(remark="Status"), is_grouped=True)


def test_of_a_defect_its_number_counts() -> None:
    then = draft(fact("Defect", "#7: Crash (open)"))
    assert alike(draft(fact("Defect", "#7: Crash at start (closed)")), then)
    assert not alike(draft(fact("Defect", "#8: Crash (open)")), then)


def test_the_form_says_whether_formatting_counts() -> None:
    now, then = draft(words="It <b>broke</b>"), draft(words="It broke")
    assert not alike(now, then)
    assert reads_alike(now, then, result(), is_grouped=False, form=visible_text)
