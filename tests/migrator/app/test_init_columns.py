"""What ``init`` takes columns for."""

from collections import Counter

import pytest
import yaml

from migrator.app.init.columns import SeenColumn, proposed_columns
from migrator.app.init.text import Target, target_text

WORDS = {"PASS": "passed", "Yes": "passed", "No": "failed"}


@pytest.mark.parametrize(
    ("name", "values", "target"),
    [
        ("Tested by", ["Ada", "Jon"], "tester"),
        ("Tester", ["Ada"], "tester"),
        ("Tester's remark", ["late"], "comment"),
        ("Prepared by the fifth day", ["PASS", "PASS"], ""),
        ("Date tested", ["03/31/2025"], "executed_at"),
        ("Tested on", ["2025-03-31", "n/a"], "executed_at"),
        ("Tested on", ["Linux", "Windows"], ""),
        ("Conclusion", ["Works"], "comment"),
        ("Conclusion", ["PASS"], ""),
        ("Exceptions noted?", ["No", "Yes"], {"verdict": {"No": "passed", "Yes": "failed"}}),
        ("Exceptions noted?", ["No", "see note"], ""),
        ("Deviation", ["✗", "✓"], {"verdict": {"✗": "passed", "✓": "failed"}}),
        ("Approved", ["Yes", "No"], ""),
        ("Tested by", [], ""),
    ],
)
def test_a_column_is_judged_by_its_name_and_its_values(name: str, values: list[str], target: Target) -> None:
    (*found,) = proposed_columns({name: SeenColumn(describes=False, values=Counter(values))}, 9, WORDS)
    assert [rule.target for rule in found] == ([target] if target else [])
    for rule in found:
        different = "value" if len(values) == 1 else "values"
        assert rule.remark == f"filled in {len(values)} of 9 results examined, {len(values)} different {different}"
        assert yaml.safe_load(target_text(rule.target)) == target


@pytest.mark.parametrize(("name", "target"), [("Posted by", ""), ("Notes", ""), ("Tested by", "tester")])
def test_what_describes_the_test_is_no_remark_of_the_tester(name: str, target: str) -> None:
    found = proposed_columns({name: SeenColumn(describes=True, values=Counter(["a b"]))}, 1, WORDS)
    assert [rule.target for rule in found] == ([target] if target else [])
