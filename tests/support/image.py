"""What a project of QA Sphere holds, without anything that differs between two migrations of the same world.

Ids, numbers, versions, dates of creation and the order in which things came are gone; every field that somebody could
read is there. Two migrations of the same source must leave equal images, whatever happened on the way.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from connectors.qasphere.sandbox.store import Case, Project, Store
from connectors.qasphere.sandbox.store_runs import Run
from tests.support.oracle import path_of

Image = Counter[str]
"""Lines, each with the number of times that it stands there."""

_NUMBER = re.compile(r"/tcase/(\d+)")
_HOST = re.compile(r"http://127\.0\.0\.1:\d+")


def image(store: Store, project: Project) -> Image:
    """Return a line for each folder, case, milestone, run, run's case and result of a project."""
    named = _names(store, project)
    lines: Image = Counter()
    for folder in project.folders.values():
        lines[f"folder {path_of(project, folder.id)} {named(folder.comment)}"] += 1
    for case in project.cases:
        lines[named(_case(store, project, case))] += 1
    for milestone in project.milestones.values():
        lines[f"milestone {milestone.title!r} archived={milestone.archived_at is not None}"] += 1
    for run in project.runs.values():
        lines += _run(project, run, named)
    return lines


def differences(expected: Image, found: Image) -> list[str]:
    """Return in words what one image has and the other has not."""
    return [
        *(f"missing {count}: {line}" for line, count in sorted((expected - found).items())),
        *(f"too much {count}: {line}" for line, count in sorted((found - expected).items())),
    ]


def _names(store: Store, project: Project) -> Callable[[str], str]:
    """Return what puts names that do not change in the place of ids."""
    digests = {ident: f"<file {file.sha256[:16]}>" for ident, file in store.files.items()}
    file_id = re.compile("|".join(map(re.escape, digests)) or r"(?!)")
    marker_of = {case.seq: _marker(case) for case in project.cases}

    def named(text: str) -> str:
        text = file_id.sub(lambda match: digests[match[0]], text)
        text = _NUMBER.sub(lambda match: f"/tcase/<{marker_of.get(int(match[1]), 'nobody')}>", text)
        return _HOST.sub("http://<host>", text)

    return named


def _marker(case: Case) -> str:
    return next((link["text"] for link in case.links if link["text"].startswith("Source: ")), f"title {case.title}")


def _case(store: Store, project: Project, case: Case) -> str:
    fields: dict[str, Any] = {
        "folder": path_of(project, case.folder_id),
        "title": case.title,
        "priority": case.priority,
        "precondition": case.precondition,
        "steps": [{name: value for name, value in step.items() if name != "id"} for step in case.steps],
        "tags": sorted(case.tags),
        "requirements": sorted((row["text"], row["url"]) for row in case.requirements),
        "links": sorted((link["text"], link["url"]) for link in case.links),
        "files": sorted((row["fileName"], store.files[row["id"]].sha256, row.get("mimeType")) for row in case.files),
        "custom_fields": sorted((name, value["value"]) for name, value in case.custom_fields.items()),
        "is_draft": case.is_draft,
    }
    return f"case {fields}"


def _run(project: Project, run: Run, named: Callable[[str], str]) -> Image:
    lines: Image = Counter()
    milestone = project.milestones[run.milestone_id].title if run.milestone_id else None
    head = f"run {run.title!r} in {milestone!r}"
    lines[named(f"{head}: {run.description} type={run.type} closed={run.closed_at is not None}")] += 1
    for row in run.cases.values():
        marker = _marker(project.by_id[row.case_id])
        lines[f"{head} holds {marker}"] += 1
        for number, result in enumerate(row.results):
            text = f"{result.status} {result.time_taken} {result.comment} links={result.links}"
            lines[named(f"{head} {marker} result {number}: {text}")] += 1
    return lines
