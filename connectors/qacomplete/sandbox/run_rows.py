"""The vendor's JSON rows of runs (§6.12, §6.13). Names are misspelt where the vendor's are."""

from connectors.qacomplete.sandbox.rows import NEVER, Row, without_nulls
from connectors.qacomplete.sandbox.runs import RunItem, StepOutcome, TestRun
from connectors.qacomplete.sandbox.switches import Switches

_COUNTED = {
    "Passed": "nbr_passed",
    "Failed": "nbr_failed",
    "Blocked": "nbr_blocked",
    "Awaiting Run": "nbr_awaiting_run",
}


def run_row(run: TestRun, switches: Switches) -> Row:
    """Return a run; its counters know four statuses only."""
    row = _shared(run) | {
        "id": run.id,
        "test_config_id": run.config_id,
        "run_by_user_name": run.runner_name,
        "is_sequential": False,
        "status_code": run.status,
        "execution_type": run.execution_type,
        "date_started": run.started,
        # absent or the sentinel while it is open
        "date_finished": run.finished or (None if switches.loose_types else NEVER),
        "nbr_tests": run.length(),
        "run_time": 90 * run.length(),
        "run_time_formated": _clock(90 * run.length()),
        "schedule_id": "0",
        "test_host": "",
    }
    counters = dict.fromkeys(_COUNTED.values(), 0)
    for item in run.items:
        if item.status in _COUNTED:
            counters[_COUNTED[item.status]] += 1
    return without_nulls(row | counters | run.extra)


def run_item_row(item: RunItem, run: TestRun, switches: Switches, *, steps: bool) -> Row:
    """Return a run's item, with or without its step results."""
    row = _shared(run) | {
        "id": item.id,
        "test_run_id": run.id,
        "test_id": item.test_id,
        "test_name": item.test_name,
        "version": item.version,
        "sequence_number": str(item.seq) if switches.loose_types else item.seq,
        "seq_token": item.token or 0,
        "is_tokenized": item.token is not None,
        "status_code": item.status,
        "run_time_formated": item.run_time,
        "last_run_date": item.date or NEVER,
        "last_run_by_name": "Somebody, Else ",
        "status_updated_by": item.tester_id,
        "status_updated_by_user_name": item.tester_name,
        "automated": run.execution_type == "Auto",
        "file_log": item.file_log,
        "test_host": item.host,
    }
    if steps and (item.outcomes or not switches.loose_types):
        row["test_run_results"] = [_outcome_row(outcome, item, run) for outcome in item.outcomes]
    return without_nulls(row | item.extra)


def _shared(run: TestRun) -> Row:
    """Return what a run's row says of it, and those of its items repeat."""
    return {
        "project_id": run.project_id,
        "test_set_id": run.set_id,
        "test_set_name": run.set_name,
        "configuration_name": run.config_name,
        "release_id": run.release_id,
        "release_name": run.release_name,
        "run_by_user_id": run.runner_id,
    }


def _outcome_row(outcome: StepOutcome, item: RunItem, run: TestRun) -> Row:
    return without_nulls(
        {
            "id": outcome.id,
            "test_run_item_id": item.id,
            "seq": outcome.seq,
            "status_code": outcome.status,
            "step": outcome.step,
            "expected_result": outcome.expected_result,
            "actual_result": outcome.actual_result,
            "test_step_id": outcome.step_id,
            "project_id": run.project_id,
            "is_tokenized": item.token is not None,
        }
    )


def _clock(seconds: int) -> str:
    """Hours may exceed 24 (§6.12)."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
