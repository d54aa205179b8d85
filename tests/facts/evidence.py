"""What a migration has left: the texts and files in QA Sphere of each item, the notes on it, and its originals."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from connectors.qasphere.sandbox.store import Case, Project
from migrator.core.refs import MARKER_LABEL, stated_marker
from migrator.core.text import visible_text
from state.packed import unpacked
from tests.support.rig import Rig
from tests.support.workiva import WorkivaRig

_FILE = re.compile(r"/api/file/([A-Za-z0-9_]+)")
_SECTION = re.compile(r"<h2 .*?(?=<h2 |</body>)", re.DOTALL)


@dataclass
class Evidence:
    """By marker. ``here``: the words of an item in QA Sphere; ``files``: SHA-256 of what is listed or linked there;
    ``archive``: its original as JSON; ``notes``: the notes on it."""

    here: dict[str, str] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    archive: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, marker: str, *html: str) -> None:
        """Add what stands in QA Sphere of an item."""
        words = " ".join(visible_text(text) for text in html)
        self.here[marker] = f"{self.here.get(marker, '')} {words}"


def gathered(running: Rig | WorkivaRig) -> Evidence:
    """Return what the migration of a rig has left."""
    found = Evidence()
    reader = _Reader(running, found)
    for project in running.destination.store.projects.values():
        reader.read(project)
    with closing(sqlite3.connect(running.folder / "workspace" / "migration.db")) as db:
        _read_workspace(db, running, found)
    return found


class _Reader:
    def __init__(self, running: Rig | WorkivaRig, found: Evidence) -> None:
        self._files = running.destination.store.files
        self._found = found

    def read(self, project: Project) -> None:
        paths = {folder.id: folder.title for folder in project.folders.values()}
        for case in project.cases:
            self._case(case, paths[case.folder_id])
        milestones = {milestone.id: milestone.title for milestone in project.milestones.values()}
        for run in project.runs.values():
            marker = stated_marker(run.description)
            milestone = milestones.get(run.milestone_id or 0, "")
            self._found.add(marker, run.title, run.description, milestone, *self._linked(marker, run.description))
            for held in run.cases.values():
                for result in held.results:
                    owner = stated_marker(result.comment)
                    taken = f"{result.time_taken} ms {(result.time_taken or 0) // 1000} s"
                    texts = (result.comment, result.status, taken, *self._linked(owner, result.comment))
                    self._found.add(owner, *texts)

    def _case(self, case: Case, folder: str) -> None:
        texts = [case.title, case.priority, folder, case.precondition]
        texts += [f"{step['description']} {step['expected']}" for step in case.steps]
        texts += [*case.tags, *(str(value.get("value")) for value in case.custom_fields.values())]
        texts += [str(requirement["text"]) for requirement in case.requirements]
        names = [str(file["fileName"]) for file in case.files]
        pages = [name for name in names if name.endswith(".html")]
        for marker in (link["text"].removeprefix(MARKER_LABEL) for link in case.links):
            self._found.add(marker, *texts, *names, *self._linked(marker, " ".join(texts)))
            self._found.files[marker] |= {self._files[file["id"]].sha256 for file in case.files}
        if ":page_case:" in case.links[0]["text"]:
            listed = {str(file["fileName"]): self._files[file["id"]].sha256 for file in case.files}
            for file in case.files:
                if file["fileName"] in pages:
                    self._page(self._files[file["id"]].content.decode(), listed)

    def _page(self, html: str, listed: dict[str, str]) -> None:
        for section in _SECTION.findall(html):
            marker = stated_marker(section)
            self._found.add(marker, section)
            words = visible_text(section)
            self._found.files[marker] |= {sha256 for name, sha256 in listed.items() if name in words}

    def _linked(self, marker: str, html: str) -> Iterator[str]:
        """Yield the texts of the pages that a text links, and remember all files that it does."""
        for ident in _FILE.findall(html):
            if file := self._files.get(ident):
                self._found.files[marker].add(file.sha256)
                if file.name.endswith(".html"):
                    yield file.content.decode()


def _read_workspace(db: sqlite3.Connection, running: Rig | WorkivaRig, found: Evidence) -> None:
    for marker, raw, body in db.execute("SELECT marker, raw, body FROM entity"):
        found.archive[marker] = f"{unpacked(raw).decode()} {unpacked(body).decode()}"
    for marker, *texts in db.execute("SELECT marker, field, original, message FROM note"):
        found.notes[marker] = " ".join((found.notes.get(marker, ""), *texts))
    for marker, kind, ident in db.execute("SELECT marker, kind, id FROM ledger WHERE kind IN ('folder', 'milestone')"):
        for project in running.destination.store.projects.values():
            held: Any = project.folders if kind == "folder" else project.milestones
            if int(ident) in held:
                found.add(marker, held[int(ident)].title)
    for marker, ident in db.execute("SELECT marker, id FROM ledger WHERE kind = 'project'"):
        for project in running.destination.store.projects.values():
            if project.id == ident:
                found.add(marker, project.title)
