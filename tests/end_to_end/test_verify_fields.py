"""Verify compares every field that is written; which fields there are is taken from the drafts."""

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest

from connectors.qacomplete.config import FINAL_STATUSES
from connectors.qacomplete.sandbox import File, add_sample, generate, generate_runs
from connectors.qasphere.sandbox.store import Case, Project
from migrator.core.drafts import AnyDraft
from tests.support.rig import Rig, rig

NOT_COMPARED = {
    ("file", "owner"): "says which item names it; QA Sphere has no place for it",
    ("file", "media_type"): "QA Sphere decides it by the content",
    ("file", "name"): "a file has its name where a case lists it",
    ("result", "source_marker"): "the marker says it",
    ("result", "cells"): "tells an edit from a renamed column; the comment has their words",
    ("folder", "comment"): "is written once, with the folder; from then on it is people's",
}
"""Fields of drafts that stand nowhere in QA Sphere by themselves, or are nobody's to compare, and why."""


def a_case(project: Project) -> Case:
    """The case that has everything."""
    return next(case for case in project.cases if case.files and case.requirements)


def a_run(project: Project) -> Any:
    """The run that has the most results."""
    return max(project.runs.values(), key=lambda run: sum(len(row.results) for row in run.cases.values()))


def a_row(project: Project) -> Any:
    return next(row for row in a_run(project).cases.values() if row.results)


def _set(find: Callable[[Project], Any], name: str, value: object) -> Callable[[Project], None]:
    return lambda project: setattr(find(project), name, value)


def _without_marker(project: Project) -> None:
    case = a_case(project)
    case.custom_fields = {**case.custom_fields, "source_id": {"value": "", "isDefault": False}}


def _in_another_run(project: Project) -> None:
    row = a_row(project)
    row.results, results = [], row.results
    other = next(run for run in project.runs.values() if run is not a_run(project))
    next(iter(other.cases.values())).results += results


def _on_another_case(project: Project) -> None:
    row = a_row(project)
    row.results, results = [], row.results
    next(other for other in a_run(project).cases.values() if other is not row).results += results


def _other_comment(project: Project) -> None:
    result = a_row(project).results[0]
    result.comment = f"<p>By somebody</p>{result.comment}"


def _unmarked_result(project: Project) -> None:
    a_row(project).results[0].comment = "<p>nothing</p>"


def _without_case(project: Project) -> None:
    run = a_run(project)
    run.cases.pop(next(key for key, row in run.cases.items() if not row.results or len(run.cases) > 1))


def _other_bytes(project: Project) -> None:
    """Done by the test: files lie beside projects."""


TAMPERED: dict[tuple[str, str], Callable[[Project], None]] = {
    ("project", "marker"): lambda project: setattr(project, "code", "OTHER"),
    ("project", "code"): lambda project: setattr(project, "code", "OTHER"),
    ("project", "title"): lambda project: setattr(project, "title", "Another"),
    ("folder", "marker"): lambda project: setattr(next(iter(project.folders.values())), "title", "Other"),
    ("folder", "path"): lambda project: setattr(next(iter(project.folders.values())), "title", "Other"),
    ("file", "marker"): _other_bytes,
    ("file", "content"): _other_bytes,
    ("case", "marker"): _without_marker,
    ("case", "folder"): _set(a_case, "folder_id", 999),
    ("case", "title"): _set(a_case, "title", "Other"),
    ("case", "priority"): lambda p: setattr(a_case(p), "priority", "low" if a_case(p).priority != "low" else "high"),
    ("case", "precondition"): _set(a_case, "precondition", "<p>Other</p>"),
    ("case", "steps"): lambda p: setattr(a_case(p), "steps", a_case(p).steps[1:]),
    ("case", "tags"): _set(a_case, "tags", []),
    ("case", "links"): lambda p: setattr(a_case(p), "links", a_case(p).links[1:]),
    ("case", "requirements"): _set(a_case, "requirements", []),
    ("case", "custom_fields"): lambda p: setattr(
        a_case(p), "custom_fields", {**a_case(p).custom_fields, "module": {"value": "Other", "isDefault": False}}
    ),
    ("case", "files"): _set(a_case, "files", []),
    ("case", "is_draft"): _set(a_case, "is_draft", True),
    ("milestone", "marker"): lambda project: setattr(next(iter(project.milestones.values())), "title", "Other"),
    ("milestone", "title"): lambda project: setattr(next(iter(project.milestones.values())), "title", "Other"),
    ("run", "marker"): _set(a_run, "description", "<p>Other</p>"),
    ("run", "description"): lambda p: setattr(a_run(p), "description", f"<p>Mine</p>{a_run(p).description}"),
    ("run", "title"): _set(a_run, "title", "Other"),
    ("run", "milestone"): _set(a_run, "milestone_id", None),
    ("run", "cases"): _without_case,
    ("close", "marker"): lambda p: setattr(next(run for run in p.runs.values() if run.closed_at), "closed_at", None),
    ("result", "marker"): _unmarked_result,
    ("result", "run"): _in_another_run,
    ("result", "case"): _on_another_case,
    ("result", "status"): lambda p: setattr(a_row(p).results[0], "status", "custom1"),
    ("result", "comment"): _other_comment,
    ("result", "time_taken_ms"): lambda p: setattr(a_row(p).results[0], "time_taken", 123_456),
}


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    data = generate(3, items=3)
    project = data.projects[0].id
    generate_runs(data, 2, 3, steps=1)
    for run in data.runs:
        run.status = FINAL_STATUSES[0]
    add_sample(data)
    first = data.tests[0]
    data.files.append(File(1, project, "Tests", first.id, "note.txt", bytes_=b"note"))
    async with rig(tmp_path, data) as running:
        running.destination.store.add_custom_field("module", "Module")
        running.settings = {"mapping": {"custom_fields": {"Component": "module"}}}
        status = await running.run()
        assert not status.has_failures, status.failures
        yield running


def test_no_field_of_a_draft_is_forgotten_here() -> None:
    drafts = {draft.model_fields["kind"].default: draft for draft in get_args(AnyDraft)}
    fields = {(kind, name) for kind, draft in drafts.items() for name in draft.model_fields if name != "kind"}
    assert TAMPERED.keys() | NOT_COMPARED.keys() == fields


async def test_verify_sees_every_field_that_is_written(migrated: Rig) -> None:
    store = migrated.destination.store
    before = await migrated.verify(files="all", results="all")
    assert (before.wrong, before.edited, before.open) == (0, [], {})
    projects, files = deepcopy(store.projects), deepcopy(store.files)
    unseen = []
    for what, tamper in TAMPERED.items():
        tamper(store.projects["SHOP"])
        if tamper is _other_bytes:
            for file in store.files.values():
                file.kept = b"other"
        if store.projects["SHOP"].code == "OTHER":
            store.projects["OTHER"] = store.projects.pop("SHOP")
        found = await migrated.verify(files="all", results="all")
        if not (found.wrong or found.edited):
            unseen.append(what)
        store.projects, store.files = deepcopy(projects), deepcopy(files)
    assert unseen == []
