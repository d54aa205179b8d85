"""Columns of rows that are tests: tester, date, comment and verdicts, by name, external id or id."""

from typing import Any

import pytest
from pydantic import ValidationError

from mappings.columns import ColumnReader, misspelt
from mappings.history import RulesHistoryMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import ResultDraft
from migrator.core.model import Cell, Folder, Result, RichText, Step, StepResult, TestCase
from migrator.core.ports.mapping import HistoryWorld, Mapped, ResultPlace, RunUnit
from migrator.core.text import visible_text
from tests.support.drafts import ref
from tests.support.history import run

STATUS = {"PASS": "passed", "No": "failed", "Yes": "passed", "N/A": "skipped"}
FOUND = ("Exceptions noted?", "X1", "c1")
TESTED_BY, TESTED_ON = ("Tested by", "T1", "c2"), ("Date tested", "T2", "c3")


def step(names: tuple[str, ...], word: str) -> StepResult:
    return StepResult(status=word or None, action=RichText(value=names[0]), names=names)


def result(*steps: StepResult, status: str | None = None, cells: tuple[Cell, ...] = (), **fields: Any) -> Result:
    remarks = {cell.remark: cell.value for cell in cells if cell.remark}
    return Result(
        ref=ref("result", "form", "p", "m", "s"), title="Row", run=ref("run", "12", "5"), case=ref("case", "1"),
        position=0, status=status, steps=steps, cells=cells, remarks=remarks, **fields,
    )  # fmt: skip


def mapped(made: Result, **rules: Any) -> tuple[Mapped, ResultDraft, str]:
    values = MappingRules.model_validate({"status": STATUS} | rules)
    history = RulesHistoryMapper(
        values, ProjectRules(source="*", destination="SOX"), Writers(values.people), HistoryWorld()
    )
    source_run = run(5)
    unit = RunUnit(source_run.ref.marker, (source_run,))
    found = history.result(made, ResultPlace(made.ref.marker, unit.marker, unit, source_run, {}))
    assert isinstance(found.draft, ResultDraft)
    return found, found.draft, visible_text(found.draft.comment)


def test_a_column_with_words_of_its_own_decides_by_them() -> None:
    made = result(step(("Approved",), "PASS"), step(FOUND, "No"), status="No")
    assert mapped(made)[1].status == "failed"
    for name in FOUND:
        rule = {name.upper(): {"verdict": {" no": "passed", "Yes": "failed"}}}
        _, draft, text = mapped(made, columns=rule)
        assert draft.status == "passed"
        assert "Status: No (passed)" in text
        assert mapped(result(step(("Approved",), "PASS"), step(FOUND, "yes")), columns=rule)[1].status == "failed"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("PASS", "odd"), "blocked"),
        (("N/A", "PASS"), "passed"),
        (("N/A", ""), "skipped"),
        (("odd", "No"), "failed"),
        (("", "N/A"), "skipped"),
    ],
)
def test_the_worst_verdict_of_a_row_counts(words: tuple[str, str], status: str) -> None:
    made = result(*(step((f"A{number}",), word) for number, word in enumerate(words)), step(TESTED_BY, "Ada"))
    found, draft, _ = mapped(made, columns={"T1": "tester"})
    assert draft.status == status
    assert [note.original for note in found.notes] == (["odd"] if status == "blocked" else [])


def test_tester_date_and_comment_stand_where_people_look_for_them() -> None:
    cells = (
        Cell(names=("Date tested",), value="03/31/2025"),
        Cell(names=("Conclusion",), value="Fine <so far>\nfor now", remark="Conclusion"),
        Cell(names=("Ticket",), value="T-1", remark="Ticket"),
    )
    made = result(step(("Approved",), "PASS"), step(TESTED_BY, "M. Okafor"), status="M. Okafor", cells=cells)
    before = mapped(made)
    assert before[1].status == "blocked"
    columns = {"tested by": "tester", "Date tested": "executed_at", "Conclusion": "comment"}
    found, draft, text = mapped(made, columns=columns)
    assert (draft.status, found.notes) == ("passed", ())
    assert text.startswith("Tester: M. Okafor Executed at: 03/31/2025 Original status: PASS")
    assert "Comment Conclusion: Fine <so far> for now" in text
    assert "Ticket: T-1" in text
    assert text.count("Conclusion") == text.count("Tested by") + 1 == 1
    assert "Recorded by" not in text


def test_a_result_says_who_recorded_it_when_nobody_knows_who_tested() -> None:
    made = result(step(("Approved",), "PASS"), status="PASS", recorded_in="the XLSX export")
    end = "for tester and date see the XLSX export Steps"
    assert f"Recorded by: the migration, whose user and day QA Sphere shows; {end}" in mapped(made)[2]
    assert "for date see" in mapped(made, people="none")[2]
    on = result(step(("A",), "PASS"), status="PASS", cells=(Cell(names=TESTED_ON, value="2025-01-02"),))
    assert "; of tester the source says nothing" in mapped(on, columns={"T2": "executed_at"})[2]


def test_a_form_may_have_rules_of_its_own() -> None:
    made = result(step(FOUND, "No"), status="No")
    wrong, right = ({"verdict": {"No": to}} for to in ("failed", "passed"))
    assert mapped(made, columns={"X1": wrong}, form_columns={"form": {"X1": right}})[1].status == "passed"
    assert mapped(made, columns={"X1": right}, form_columns={"other": {"X1": wrong}})[1].status == "passed"


def test_nobody_carries_out_the_name_of_the_tester() -> None:
    steps = tuple(Step(action=RichText(value=names[0]), expected=RichText(value="PASS"), names=names)
                  for names in (FOUND, TESTED_BY))  # fmt: skip
    case = TestCase(ref=ref("sample", "form", "s"), title="Row", steps=steps)
    rules = MappingRules.model_validate({"columns": {"T1": "tester", "X1": {"verdict": {"No": "passed"}}}})
    assert [one.names for one in ColumnReader(rules).tested(case).steps] == [FOUND]
    assert ColumnReader(MappingRules()).tested(case) is case


def folder(form: str, *columns: tuple[str, ...]) -> Folder:
    return Folder(ref=ref("matrix", form, "p", "m"), title="M", extra={"columns": [list(names) for names in columns]})


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ({"columns": {"tested BY ": "tester", "T2": "executed_at", "c1": "comment"}}, []),
        ({"columns": {"Testd by": "tester"}}, [("columns: “Testd by” is no column; nearest: “Tested by”", True)]),
        ({"columns": {"Testd by": "tester", "T1": "tester"}},
         [("columns: “Testd by” is no column; there are “Exceptions noted?”, “Date tested”", False)]),
        ({"form_columns": {"form": {"T9": "tester"}}},
         [("form_columns: form: “T9” is no column; there are “Exceptions noted?”, “Tested by”, “Date tested”", True)]),
        ({"form_columns": {"forn": {"T1": "tester"}}},
         [("form_columns: “forn” is no test form; nearest: “form”", True)]),
        ({"form_columns": {"elsewhere": {"T1": "tester"}}}, []),
    ],
)  # fmt: skip
def test_rules_that_name_no_column_are_named_with_what_is_near(
    rules: dict[str, Any], found: list[tuple[str, bool]]
) -> None:
    folders = [folder("form", FOUND, TESTED_BY, TESTED_ON), Folder(ref=ref("form", "form"), title="F")]
    assert list(misspelt(MappingRules.model_validate(rules), folders)) == found


def test_without_tables_no_rule_is_wrong() -> None:
    assert list(misspelt(MappingRules.model_validate({"columns": {"A": "tester"}}), [])) == []


@pytest.mark.parametrize(
    "rule", ["Tester", {"verdict": {}}, {"verdict": {"No": "fine"}}, {"verdicts": {"No": "passed"}}]
)
def test_a_rule_is_a_role_or_a_table_of_words(rule: object) -> None:
    with pytest.raises(ValidationError):
        MappingRules.model_validate({"columns": {"A": rule}})
