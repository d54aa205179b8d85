"""What follows from how a tenant's command ended, and what people are shown of it."""

from pathlib import Path

import pytest
import yaml

from migrator.fleet.outcome import Outcome, Verdict, plan_markdown, result_markdown
from migrator.fleet.process import run_command
from tests.support.rig import ROOT

ERROR = {"error": {"message": "QA Sphere refused the credentials", "cause": "401", "next_step": "check them"}}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (0, "done"), (3, "warnings"), (5, "again"), (130, "again"), (-9, "again"),
        *((code, "failed") for code in (1, 2, 6, 7, 8, 10, 11)),
    ],
)  # fmt: skip
def test_every_exit_code_has_its_consequence_and_is_documented(code: int, verdict: Verdict) -> None:
    outcome = Outcome("apply", code)
    assert outcome.verdict == verdict
    assert bool(outcome.message) is (code != 0)
    rows = [line for line in (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    state = {"done": "`Completed`", "warnings": "CompletedWithWarnings", "again": "tries again", "failed": "`Failed`"}
    (row,) = [
        row for row in rows if ("signal" if code < 0 else str(code)) in row.split("|")[1].replace(",", " ").split()
    ]
    assert state[verdict] in row


def test_a_failure_is_told_with_its_cause_and_the_next_step() -> None:
    assert Outcome("apply", 7, ERROR).message == "apply: QA Sphere refused the credentials; 401; check them (exit 7)"


def test_problems_that_a_check_has_found_are_told() -> None:
    lines = [
        {"subject": "disk", "state": "ok", "text": "enough", "next_step": ""},
        {"subject": "QA Sphere", "state": "problem", "text": "it refused the credentials", "next_step": "check them"},
    ]
    assert Outcome("check", 7, {"lines": lines}).message == "check: it refused the credentials; check them (exit 7)"


def test_pages_show_counts_notes_and_reports() -> None:
    plan = {
        "plan_id": "3-abc",
        "items": {"case": {"pending": 12}},
        "cost": {"requests": 40, "seconds": 2.4},
        "notes": [{"code": "title_cut", "harm": "changed", "count": 2}],
    }
    shown = plan_markdown("shop", plan)
    assert "| case | pending | 12 |" in shown
    assert "40 requests, about 2 s." in shown
    assert "| title_cut | changed | 2 |" in shown
    verified = result_markdown(
        "shop", Outcome("verify", 0, {"checked": {"case": 9}}, ("x", "acceptance report: /w/a.html"))
    )
    assert "| case | compared | 9 |" in verified
    assert "- acceptance report: /w/a.html" in verified


async def test_a_command_is_a_process_whose_answer_and_words_come_back(tmp_path: Path) -> None:
    raw = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(raw | {"workspace": str(tmp_path / "none")}), encoding="utf-8")
    said: list[str] = []
    outcome = await run_command(path, "status", said.append)
    assert (outcome.code, outcome.verdict) == (2, "failed")
    assert "there is no workspace in" in outcome.message
    assert any("there is no workspace in" in line for line in said)
