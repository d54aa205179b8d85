"""Loading test cases from a JSON file into the stand-in.

Two formats are read:

* ``{"cases": [{"id", "folder": [names], "title", "path", "preamble_html", "postamble_html", "steps": [{"action_html",
  "expected_html", "heading_html"?}]}]}``: a collection of manual test cases as HTML. Ids need not be unique, so tests
  get numbers of their own; the path becomes the custom field ``Path``.
* ``{"projects": [...], "users": [...], "folders": [...], "tests": [...]}`` with the attributes of the classes in
  ``data.py``; steps are ``{"id", "seq", "step", "expected_result", "critical"}``.
"""

import json
from pathlib import Path
from typing import Any

from connectors.qacomplete.sandbox.data import Folder, Project, SeedData, Step, Test, User

_PROJECT = 12
_FIRST_TEST = 5001
_FIRST_STEP = 200_001


def load_seed_file(path: Path) -> SeedData:
    """Return the data of a file; raise ``ValueError`` when it has neither format, ``OSError`` when unreadable."""
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    try:
        if isinstance(document, dict) and "cases" in document:
            return _from_cases(document["cases"])
        if isinstance(document, dict) and "projects" in document:
            return _from_dump(document)
    except (KeyError, TypeError) as error:
        raise ValueError(f"an entry is incomplete: {error}") from error
    raise ValueError("neither `cases` nor `projects` stands at the top of the file")


def _from_cases(cases: list[dict[str, Any]]) -> SeedData:
    data = SeedData(
        projects=[Project(_PROJECT, "Manual tests")], users=[User(1, "Ada", "Berg", "ada.berg@acme.example")]
    )
    folders: dict[tuple[str, ...], Folder] = {}
    steps = _FIRST_STEP
    for number, case in enumerate(cases):
        folder = _folder(tuple(case["folder"]), folders)
        test = Test(_FIRST_TEST + number, _PROJECT, case["title"], folder_id=folder.id if folder else 0)
        parts = (case.get("preamble_html") or "", case.get("postamble_html") or "")
        test.description = "\n".join(part for part in parts if part.strip()) or None
        test.custom_fields = [("Custom1", "Path", case["path"])]
        for position, step in enumerate(case["steps"]):
            action = "\n".join(part for part in (step.get("heading_html") or "", step["action_html"]) if part)
            test.steps.append(Step(steps, position + 1, action or None, step["expected_html"] or None))
            steps += 1
        data.tests.append(test)
    data.folders = list(folders.values())
    return data


def _folder(path: tuple[str, ...], folders: dict[tuple[str, ...], Folder]) -> Folder | None:
    if not path:
        return None
    if path not in folders:
        parent = _folder(path[:-1], folders)
        folders[path] = Folder(101 + len(folders), _PROJECT, path[-1], parent.id if parent else 0)
    return folders[path]


def _from_dump(document: dict[str, Any]) -> SeedData:
    tests = []
    for row in document.get("tests", []):
        fields = [tuple(entry) for entry in row.get("custom_fields", [])]
        steps = [Step(**step) for step in row.get("steps", [])]
        tests.append(Test(**{**row, "custom_fields": fields, "steps": steps}))
    return SeedData(
        projects=[Project(**row) for row in document["projects"]],
        users=[User(**row) for row in document.get("users", [])],
        folders=[Folder(**row) for row in document.get("folders", [])],
        tests=tests,
    )
