"""Every fact that QAComplete's stand-in holds of one project."""

import html
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.qacomplete.sandbox import Folder, Note, RunItem, SeedData, Step, Test, TestRun
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.items import Configuration, Defect, Item, Release, Requirement, TestSet
from tests.facts.ledger import Fact

_ZONE = ZoneInfo("America/Denver")
_KINDS = {
    "tests": "test", "functionalspecs": "requirement", "bugs": "defect", "testsets": "test_set", "releases": "release",
}  # fmt: skip
_MAPPED = {"1-high": "high", "2-medium": "medium", "3-low": "low"}
_STATUSES = {"passed": "passed", "failed": "failed", "blocked": "blocked", "skipped": "skipped"}
_NOT_RUN = "Awaiting Run"


class Facts:
    """Yields them. ``instance``: as the markers have it; ``project``: an id."""

    def __init__(self, data: SeedData, project: int, instance: str = "acme") -> None:
        self._data = data
        self._project = project
        self._instance = instance
        self._steps = {step.id: test for test in data.tests_of(project) for step in test.all_steps()}
        self._titles = {test.id: test.title for test in data.tests_of(project)}

    def all(self) -> Iterator[Fact]:
        """Yield every fact."""
        held = self._data
        for project in held.projects:
            if project.id == self._project:
                yield Fact("project title", (self._marker("project"),), (project.title,))
        for user in held.users:
            # an address is kept for those who ask for it (mapping.people: email); nobody wrote it
            yield Fact("user e-mail", (self._marker("user", user.id),), (user.email,), by_people=False)
        for folder in held.folders_of(self._project):
            yield from self._folder(folder)
        for test in held.tests_of(self._project):
            yield from self._test(test)
        items: tuple[list[Release] | list[Requirement] | list[Defect] | list[TestSet] | list[Configuration], ...] = (
            held.releases, held.requirements, held.defects, held.test_sets, held.configurations,
        )  # fmt: skip
        for item in (one for some in items for one in some if one.project_id == self._project):
            yield from self._item(item)
        for note in (note for note in held.notes if note.project_id == self._project):
            yield from self._note(note)
        yield from self._links()
        for file in (file for file in held.files if file.project_id == self._project):
            yield from self._file(file)
        for run in (run for run in held.runs if run.project_id == self._project):
            yield from self._run(run)

    # --- items --------------------------------------------------------------------------------------------------------

    def _folder(self, folder: Folder) -> Iterator[Fact]:
        owner = (self._marker("folder", folder.id),)
        if folder.title.strip():
            yield Fact("folder name", owner, _text(folder.title))
        if not folder.active:
            yield Fact("folder inactive", owner, ("inactive",))

    def _test(self, test: Test) -> Iterator[Fact]:
        owner = (self._marker("test", test.id),)
        priority = test.priority or ""
        texts = {
            "title": test.title, "description": test.description, "status": test.status, "type": test.test_type,
            "execution type": test.execution_type, "version": str(test.version),
        }  # fmt: skip
        yield from _texts("test", owner, texts)
        if priority:
            yield Fact("test priority", owner, (priority, _MAPPED.get(priority.lower(), priority)))
        if not test.active:
            yield Fact("test inactive", owner, ("inactive",))
        yield from self._people(
            "test", owner, {"author": (test.create_user_id, None), "owner": (test.owner_user_id, test.owner_name)}
        )
        yield from _dates("test", owner, {"created": test.date_created, "updated": test.date_updated})
        yield from _fields("test", owner, test.custom_fields)
        for step in test.all_steps():
            yield from self._step(owner, step)

    def _step(self, owner: tuple[str, ...], step: Step) -> Iterator[Fact]:
        yield from _texts("test step", owner, {"action": step.step, "expected": step.expected_result})
        if step.critical:
            yield Fact("test step critical", owner, ("Critical step",))

    def _item(self, item: Item) -> Iterator[Fact]:
        kind = {Release: "release", TestSet: "test_set"}.get(type(item), type(item).__name__.lower())
        name, owner = kind.replace("_", " "), (self._marker(kind, item.id),)
        yield from _texts(name, owner, {"title": item.title, "description": item.description})
        if not isinstance(item, Configuration):  # the server gives none (§6.11)
            yield from _texts(name, owner, {"status": item.status})
        if not item.active:
            yield Fact(f"{name} inactive", owner, ("Active no",))
        people = {
            "author": (item.create_user_id, None),
            "owner": (item.owner_user_id, item.owner_name),
            "assignee": (item.assignee_user_id, item.assigned_to_name),
            "updated by": (item.update_user_id, None),
        }
        yield from self._people(name, owner, people)
        dates: dict[str, str | None] = {"created": item.date_created, "updated": item.date_updated}
        own = {"folder_name", "business_rule", "priority", "severity", "steps_to_repro", "actual_results"}
        own |= {"operating_system", "browser", "type", "execution_type"}
        yield from _texts(name, owner, {field: getattr(item, field) for field in sorted(own) if hasattr(item, field)})
        if isinstance(item, Release):
            dates |= {"start": item.start, "finish": item.finish}
            if item.parent_id:
                yield Fact("release parent", owner, (f"Part of {item.parent_id}",))
        if isinstance(item, Defect):
            dates["closed"] = item.date_closed
        yield from _dates(name, owner, dates)
        yield from _fields(name, owner, item.custom_fields)
        if isinstance(item, TestSet):
            for place in item.items:
                title = self._titles.get(place.test_id or 0, "")
                yield Fact("test set place", owner, (html.unescape(f"{place.test_id} {title}"),))

    # --- what hangs on them -------------------------------------------------------------------------------------------

    def _note(self, note: Note) -> Iterator[Fact]:
        if not (note.text or "").strip():
            return
        owner = (self._marker(_KINDS[note.code.lower()], note.item_id),)
        yield Fact("note text", owner, _text(note.text or ""))
        yield from self._people("note", owner, {"author": (note.user_id, note.user_name)})
        yield from _dates("note", owner, {"created": note.date_created})

    def _links(self) -> Iterator[Fact]:
        for link in self._data.links:
            ends = [
                (_KINDS[code.lower()], ident)
                for code, ident in ((link.code, link.item_id), (link.linked_code, link.linked_id))
            ]
            kinds = sorted(kind.replace("_", " ") for kind, _ in ends)
            owners = (*(self._marker(*end) for end in ends), self._marker("link", link.id))
            # "Test 12", or as QA Sphere knows requirements, by title and id
            spoken = [f"{kind.replace('_', ' ')} {ident}".capitalize() for kind, ident in ends]
            titled = [f"{title} {ident}" for kind, ident in ends if (title := self._title(kind, ident))]
            if kinds == ["test", "test"]:
                owners, spoken = (*owners, self._marker("project")), [*spoken, "links between two tests are not read"]
            yield Fact(f"link of {' and '.join(kinds)}", owners, (*spoken, *titled))

    def _title(self, kind: str, ident: int) -> str:
        held: dict[str, list[Item]] = {"requirement": [*self._data.requirements], "defect": [*self._data.defects]}
        return next((item.title for item in held.get(kind, []) if item.id == ident), "")

    def _file(self, file: File) -> Iterator[Fact]:
        if file.code.lower() == "teststeps":
            home = self._marker("test", self._steps[file.item_id].id) if file.item_id in self._steps else ""
        else:
            home = self._marker(_KINDS[file.code.lower()], file.item_id)
        owners = (home, self._marker("file", file.id))
        if not file.name.startswith(("http", "\\\\")):
            yield Fact("file bytes", owners, sha256=file.sha256())
        yield from _texts("file", owners, {"name": file.name, "title": file.title, "comments": file.comments})
        yield from self._people("file", owners, {"author": (file.user_id, file.user_name)})
        yield from _dates("file", owners, {"created": file.date_created})

    # --- history ------------------------------------------------------------------------------------------------------

    def _run(self, run: TestRun) -> Iterator[Fact]:
        items = run.some_items(0, run.length())
        results = tuple(self._marker("result", item.id) for item in items)
        owners = (self._marker("run", run.id), *(results if run.set_id == 0 else ()))
        texts = {
            "set": run.set_name, "status": run.status, "release": run.release_name, "configuration": run.config_name,
            "execution type": run.execution_type,
        }  # fmt: skip
        yield from _texts("run", owners, texts)
        yield from self._people("run", owners, {"runner": (run.runner_id, run.runner_name)})
        yield from _dates("run", owners, {"started": run.started, "finished": run.finished})
        for item in items:
            yield from self._result(run, item)

    def _result(self, run: TestRun, item: RunItem) -> Iterator[Fact]:
        owner = (self._marker("result", item.id),)
        # of what nobody has run the run shows that its case is open; nobody wrote more
        was_run = item.status != _NOT_RUN
        yield from _texts("result", owner, {"status": item.status, "test": item.test_name}, by_people=was_run)
        yield Fact("result test version", owner, (str(item.version),), by_people=was_run)
        yield from _texts("result", owner, {"log": item.file_log, "host": item.host})
        if item.status != _NOT_RUN:
            tester = (item.tester_id, item.tester_name) if item.tester_id else (run.runner_id, run.runner_name)
            yield from self._people("result", owner, {"tester": tester})
            yield from _dates("result", owner, {"date": item.date})
        if item.run_time and item.run_time != "00:00:00":
            hours, rest = item.run_time.split(":", 1)
            yield Fact("result duration", owner, (f"{int(hours)}:{rest}",))
        for outcome in item.outcomes:
            texts = {"status": outcome.status, "action": outcome.step, "expected": outcome.expected_result}
            yield from _texts("result step", owner, texts, by_people=was_run or outcome.status != _NOT_RUN)
            yield from _texts("result step", owner, {"actual": outcome.actual_result})

    # --- words --------------------------------------------------------------------------------------------------------

    def _people(self, kind: str, owner: tuple[str, ...], people: dict[str, tuple[int, str | None]]) -> Iterator[Fact]:
        known = {user.id: f"{user.first_name} {user.last_name}" for user in self._data.users}
        for role, (ident, name) in people.items():
            if ident or name:
                last, _, first = (name or "").partition(",")
                shown = known.get(ident) or f"{first.strip()} {last.strip()}".strip() or f"user {ident}"
                yield Fact(f"{kind} {role}", owner, (shown,))

    def _marker(self, kind: str, ident: int | None = None) -> str:
        ids = f"{self._project}" if ident is None else f"{self._project}/{ident}"
        return f"qacomplete@{self._instance}:{kind}:{ids}"


def _texts(
    kind: str, owner: tuple[str, ...], texts: dict[str, str | None], *, by_people: bool = True
) -> Iterator[Fact]:
    for name, text in texts.items():
        if text and text.strip():
            yield Fact(f"{kind} {name.replace('_', ' ')}", owner, _text(text), by_people=by_people)


def _text(text: str) -> tuple[str, ...]:
    return text, html.unescape(text)


def _fields(kind: str, owner: tuple[str, ...], fields: list[tuple[str, str, str]]) -> Iterator[Fact]:
    for _, name, value in fields:
        if value.strip():
            yield Fact(f"{kind} custom field name", owner, (name,))
            yield Fact(f"{kind} custom field", owner, _text(value))


def _dates(kind: str, owner: tuple[str, ...], dates: dict[str, str | None]) -> Iterator[Fact]:
    for name, text in dates.items():
        if text and not text.startswith(("0001", "1900")):
            moment = datetime.fromisoformat(text[:19]).replace(tzinfo=_ZONE)
            yield Fact(f"{kind} {name}", owner, (f"{moment:%Y-%m-%d %H:%M:%S}",))
