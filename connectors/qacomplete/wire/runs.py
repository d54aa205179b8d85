"""QAComplete's JSON of test runs, their items and step results (``qacomplete-api.md`` §6.12, §6.13)."""

from typing import Annotated

from pydantic import BeforeValidator

from connectors.qacomplete.wire.cases import Flag, Id, Number, Text, Wire, rows_of


class WireRun(Wire):
    """§6.12; a single test's run has no test set."""

    id: Id = None
    test_set_id: Id = None
    test_set_name: Text = None
    test_config_id: Id = None
    configuration_name: Text = None
    release_id: Id = None
    release_name: Text = None
    run_by_user_id: Id = None
    run_by_user_name: Text = None
    status_code: Text = None
    execution_type: Text = None
    date_started: Text = None
    date_finished: Text = None
    nbr_tests: Number = None
    run_time_formated: Text = None
    test_host: Text = None


class WireStepResult(Wire):
    """§6.13; ``step_name`` is the older name of ``step``."""

    seq: Number = None
    status_code: Text = None
    step: Text = None
    step_name: Text = None
    expected_result: Text = None
    actual_result: Text = None


class WireRunItem(Wire):
    """§6.13."""

    id: Id = None
    test_id: Id = None
    test_name: Text = None
    version: Text = None
    sequence_number: Number = None
    seq_token: Number = None
    status_code: Text = None
    run_time: Text = None
    run_time_formated: Text = None
    last_run_date: Text = None
    run_by_user_id: Id = None
    status_updated_by: Id = None
    status_updated_by_user_name: Text = None
    is_tokenized: Flag = None
    automated: Flag = None
    file_report: Text = None
    file_log: Text = None
    folder_name: Text = None
    configuration_name: Text = None
    test_host: Text = None
    test_run_results: Annotated[list[WireStepResult], BeforeValidator(rows_of)] = []
