"""Test runs and their results; pure, and never fails for any row."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.qacomplete.convert.cases import Converter, stripped, unescaped
from connectors.qacomplete.wire.runs import WireRun, WireRunItem, WireStepResult
from migrator.core.model import Person, Result, RichText, StepResult, TestRun
from migrator.core.refs import Ref

Row = dict[str, Any]
_NOT_RUN = "awaiting run"
_CLOCK = re.compile(r"(\d+):([0-5]?\d):([0-5]?\d)(?:\.\d+)?")
_RUN_ATTRIBUTES = ("execution_type", "release_name", "configuration_name", "test_host", "run_time_formated")
_FACTS = ("folder_name", "configuration_name", "test_host")
_ARTEFACTS = ("file_report", "file_log")
_PRESET = ("folder_name", "configuration_name", "automated", "iteration")


@dataclass(frozen=True, slots=True)
class RunFrame:
    """What a run lends to its results: their run, who ran it, and between which moments."""

    ref: Ref
    runner: Person | None
    started_at: datetime | None
    ended_at: datetime | None


def is_single(row: Row) -> bool:
    """Return whether a run is one of a single test: it names no test set, and counts no second test (§6.12)."""
    wire = WireRun.model_validate(row)
    return wire.test_set_id is None and (wire.nbr_tests is None or wire.nbr_tests <= 1)


def run_of_tests(
    convert: Converter, project: str, row: Row, *, title: str | None = None, final: Collection[str]
) -> TestRun:
    """Return a run (§6.12). Who ran it is its author.

    ``title``: of its one test, where the row names no test set. ``final``: the statuses, in lower case, after which
    nothing is added (§11).
    """
    wire = WireRun.model_validate(row)
    name = unescaped(wire.test_set_name).strip() or unescaped(title).strip()
    state = stripped(wire.status_code)
    return TestRun(
        ref=convert.ref("run", project, wire.id),
        title=name or f"Test run {wire.id}",
        set_title=name,
        test_set=convert.ref("test_set", project, wire.test_set_id) if wire.test_set_id else None,
        state=state,
        attributes={name: text for name in _RUN_ATTRIBUTES if (text := stripped(getattr(wire, name)))},
        author=convert.person(project, wire.run_by_user_id, wire.run_by_user_name),
        milestone=convert.ref("release", project, wire.release_id) if wire.release_id else None,
        configuration=convert.ref("configuration", project, wire.test_config_id) if wire.test_config_id else None,
        single=is_single(row),
        closed=(state or "").lower() in final,
        started_at=convert.date(wire.date_started),
        ended_at=convert.date(wire.date_finished),
    )


def frame_of(convert: Converter, project: str, row: Row) -> RunFrame:
    """Return what the results of a run need to know of it."""
    wire = WireRun.model_validate(row)
    return RunFrame(
        ref=convert.ref("run", project, wire.id),
        runner=convert.person(project, wire.run_by_user_id, wire.run_by_user_name),
        started_at=convert.date(wire.date_started),
        ended_at=convert.date(wire.date_finished),
    )


def result(convert: Converter, frame: RunFrame, row: Row, place: int) -> Result:
    """Return a run's item with its step results (§6.13). ``place``: where the list has it, from 0.

    Defects are not among what REST tells about run items (§5), so there are none.
    """
    wire = WireRunItem.model_validate(row)
    project, run = frame.ref.ids
    own = (wire.id,) if wire.id else ("run", run, place)
    status = stripped(wire.status_code)
    was_run = status is not None and status.lower() != _NOT_RUN
    last = convert.date(wire.last_run_date)
    executed_at = _executed_at(frame, last)
    facts = _facts(wire)
    return Result(
        ref=convert.ref("result", project, *own),
        title=unescaped(wire.test_name).strip() or f"Test {wire.test_id or 'unknown'}",
        run=frame.ref,
        case=convert.ref("test", project, wire.test_id) if wire.test_id else None,
        position=max(0, wire.sequence_number - 1) if wire.sequence_number is not None else place,
        status=status,
        tester=_tester(convert, frame, wire) if was_run else None,
        executed_at=executed_at if was_run else None,
        other_date=last if was_run and last != executed_at else None,
        duration_ms=_duration(wire),
        steps=_steps(wire.test_run_results),
        case_version=stripped(wire.version),
        facts=facts,
        # only an execution leaves them
        remarks=_named(wire, _ARTEFACTS),
        assigned=None if was_run else _assigned(convert, frame, wire),
        preset=() if was_run else tuple(name for name in _PRESET if name in facts),
    )


def _tester(convert: Converter, frame: RunFrame, wire: WireRunItem) -> Person | None:
    """Who set the status, else who ran the item, else who ran it all; ``last_run_by_name`` may be of another run."""
    project = frame.ref.ids[0]
    found = convert.person(project, wire.status_updated_by, wire.status_updated_by_user_name)
    found = found or convert.person(project, wire.run_by_user_id, None) or frame.runner
    if found and found.name is None and frame.runner and found.ref == frame.runner.ref:
        return frame.runner
    return found


def _assigned(convert: Converter, frame: RunFrame, wire: WireRunItem) -> Person | None:
    """Who is named by an item that was not run, unless it is who runs all of them."""
    project = frame.ref.ids[0]
    found = convert.person(project, wire.status_updated_by, wire.status_updated_by_user_name)
    found = found or convert.person(project, wire.run_by_user_id, None)
    runs_all = found and frame.runner and found.ref and found.ref == frame.runner.ref
    return None if runs_all else found


def _executed_at(frame: RunFrame, last: datetime | None) -> datetime | None:
    """Return the item's date, which is that of its test's ``last`` execution: maybe another run's, and then the run's
    own dates count."""
    starts, ends = frame.started_at, frame.ended_at
    if last and (starts is None or last >= starts) and (ends is None or last <= ends):
        return last
    return ends or starts or last


def _duration(wire: WireRunItem) -> int | None:
    """Return milliseconds from seconds, else from ``hh:mm:ss`` with any number of hours; None for no time at all."""
    seconds = 0.0
    try:
        seconds = float(wire.run_time or 0)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        found = _CLOCK.fullmatch((wire.run_time_formated or "").strip())
        seconds = (
            sum(int(part) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0
        )
    return round(seconds * 1000) or None


def _steps(rows: Iterable[WireStepResult]) -> tuple[StepResult, ...]:
    placed = sorted(enumerate(rows, start=1), key=lambda p: (p[0] if p[1].seq is None else p[1].seq, p[0]))
    return tuple(
        StepResult(
            status=stripped(step.status_code),
            action=_rich(step.step) or _rich(step.step_name),
            expected=_rich(step.expected_result),
            actual=_rich(step.actual_result),
        )
        for _, step in placed
    )


def _facts(wire: WireRunItem) -> dict[str, str]:
    facts = _named(wire, _FACTS)
    if wire.automated:
        facts["automated"] = "yes"
    if wire.is_tokenized and wire.seq_token is not None:
        facts["iteration"] = str(wire.seq_token)
    return facts


def _named(wire: WireRunItem, names: Iterable[str]) -> dict[str, str]:
    return {name: text for name in names if (text := stripped(getattr(wire, name)))}


def _rich(text: str | None) -> RichText | None:
    return RichText(value=text) if text and text.strip() else None
