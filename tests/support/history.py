"""Small runs, results and releases for tests, and a source that yields them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from migrator.core.errors import ConfigError
from migrator.core.model import (
    AnyEntity,
    Configuration,
    Defect,
    Folder,
    Milestone,
    Project,
    Result,
    RichText,
    Step,
    StepResult,
    TestCase,
    TestRun,
)
from migrator.core.ports.source import Abilities, Earlier, Record, SourcePage
from migrator.core.ports.traffic import Traffic
from tests.support.drafts import ref

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
_STREAMS = ("folders", "cases", "releases", "configurations", "defects", "runs", "results")
_KINDS: dict[str, str] = {
    "folder": "folders", "case": "cases", "milestone": "releases", "configuration": "configurations",
    "defect": "defects", "run": "runs", "result": "results",
}  # fmt: skip

_LISTS = {
    "folder": "folders", "test": "cases", "release": "releases", "configuration": "configurations", "run": "runs",
    "result": "results",
}  # fmt: skip


def plain(text: str) -> RichText:
    return RichText(value=text, markup="plain")


def folder(number: int = 7) -> Folder:
    return Folder(ref=ref("folder", "12", str(number)), title=f"Folder {number}")


def case(number: int, **more: object) -> TestCase:
    values: dict[str, object] = {
        "ref": ref("test", "12", str(number)),
        "title": f"Case {number}",
        "folder": ref("folder", "12", "7"),
        "steps": (Step(action=plain("Open the page"), expected=plain("It opens")),),
    }
    return TestCase.model_validate(values | more)


def release(number: int, title: str = "", parent: int | None = None, **more: object) -> Milestone:
    values: dict[str, object] = {
        "ref": ref("release", "12", str(number)),
        "title": title or f"Release {number}",
        "parent": ref("release", "12", str(parent)) if parent else None,
    }
    return Milestone.model_validate(values | more)


def configuration(number: int, title: str) -> Configuration:
    return Configuration(ref=ref("configuration", "12", str(number)), title=title)


def defect(number: int, title: str) -> Defect:
    return Defect(ref=ref("defect", "12", str(number)), title=title, state="New")


def run(number: int, **more: object) -> TestRun:
    started = START + timedelta(days=number)
    values: dict[str, object] = {
        "ref": ref("run", "12", str(number)),
        "title": f"Run {number}",
        "set_title": "Smoke",
        "started_at": started,
        "ended_at": started + timedelta(hours=1),
        "closed": True,
    }
    return TestRun.model_validate(values | more)


def result(number: int, of_run: int, of_case: int | None, status: str | None = "Passed", **more: object) -> Result:
    values: dict[str, object] = {
        "ref": ref("result", "12", str(of_run), str(number)),
        "title": f"Case {of_case}",
        "run": ref("run", "12", str(of_run)),
        "case": ref("test", "12", str(of_case)) if of_case else None,
        "position": number,
        "status": status,
        "steps": (StepResult(status=status, action=plain("Open"), actual=plain(f"Opened {number}")),),
    }
    return Result.model_validate(values | more)


class ListSource:
    """A source made of a list; ``entities`` may be changed between two rounds. Pages of ``page_size``."""

    def __init__(self, entities: Sequence[AnyEntity], *, page_size: int = 100) -> None:
        self.entities = list(entities)
        self._page_size = page_size

    @property
    def abilities(self) -> Abilities:
        return Abilities(streams=_STREAMS, siblings_ordered=False, lists=_LISTS)

    async def check(self) -> None:
        return

    async def project(self, project_id: str) -> Record:
        if project_id != "12":
            raise ConfigError("no such project")
        return _record(Project(ref=ref("project", "12"), title="Web shop"))

    async def page(
        self,
        stream: str,
        project_id: str,
        cursor: str | None,
        earlier: Earlier | None = None,
    ) -> SourcePage:
        rows = [entity for entity in self.entities if _KINDS.get(entity.kind) == stream]
        start = int(cursor or 0)
        end = start + self._page_size
        records = tuple(_record(entity) for entity in rows[start:end])
        return SourcePage(records, str(end) if end < len(rows) else None, len(rows))

    def waiting_for(self) -> str:
        return ""

    def traffic(self) -> Traffic:
        return Traffic()


def _record(entity: AnyEntity) -> Record:
    return Record(entity, entity.model_dump_json().encode())


def shop(*entities: AnyEntity, cases: int = 3) -> list[AnyEntity]:
    """Return a project with these cases in one folder, and more."""
    return [folder(), *(case(number) for number in range(1, cases + 1)), *entities]


def single_runs() -> list[AnyEntity]:
    """Return runs of a single test each, of two months; one is still open."""
    return [
        run(5, single=True), result(1, 5, 1, "Failed"), run(6, single=True), result(1, 6, 1),
        run(7, single=True), result(1, 7, 2), run(40, single=True), result(1, 40, 2),
        run(8, single=True, closed=False), result(1, 8, 3),
    ]  # fmt: skip
