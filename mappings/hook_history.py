"""What hooks make of runs and results."""

from dataclasses import replace
from typing import cast

from mappings.hooks import HookFailure, Hooks
from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.model import Result, TestRun
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Mapped


def hooked_run(mapped: Mapped, run: TestRun, hooks: Hooks | None) -> Mapped:
    """Return a run after the hook was asked. One that is left out, or whose hook failed, keeps the draft that it would
    have: the run may be in QA Sphere already."""
    if hooks is None:
        return mapped
    try:
        answer = hooks.run(run, cast(RunDraft, mapped.draft))
    except HookFailure as error:
        return _failed(mapped, error)
    if isinstance(answer, str):
        return replace(mapped, outcome="excluded", reason=answer, files=())
    return replace(mapped, draft=answer, title=answer.title)


def hooked_result(mapped: Mapped, result: Result, hooks: Hooks | None) -> Mapped:
    """Return a result after the hook was asked."""
    if hooks is None:
        return mapped
    try:
        answer = hooks.result(result, cast(ResultDraft, mapped.draft))
    except HookFailure as error:
        return replace(_failed(mapped, error), draft=None)
    if isinstance(answer, str):
        return replace(mapped, outcome="excluded", reason=answer, draft=None, files=())
    return replace(mapped, draft=answer)


def _failed(mapped: Mapped, error: HookFailure) -> Mapped:
    note = Note(code=NoteCode.HOOK_FAILED, marker=mapped.marker, message=str(error))
    return replace(mapped, outcome="rejected", reason=str(error), notes=(*mapped.notes, note), files=())
