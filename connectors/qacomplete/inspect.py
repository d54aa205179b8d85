"""Looking a QAComplete over before a migration: projects, counts, the zone, and what exceeds QA Sphere's limits."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.config import SAAS_HOST, SAAS_ZONE
from connectors.qacomplete.convert.cases import Converter, row_id, unescaped
from connectors.qacomplete.read.lists import Lists, Rows
from connectors.qacomplete.wire.cases import Flag, Id, Number, Text, Wire, rows_of
from migrator.core.drafts import FOLDER_LIMIT, TITLE_LIMIT
from migrator.core.model import TestCase
from migrator.core.plural import number, plural
from migrator.core.ports.inspectable import Line, SeenProject
from migrator.http.paging import next_offset

_PROJECTS_PER_PAGE = 200
_PAGES = 5
_SAMPLE = 100
_NAMED = 10
_LISTS = (
    "users", "folders", "releases", "configurations", "requirements", "defects", "tests", "test_sets", "runs",
)  # fmt: skip


class _Row(Wire):
    """What counters and limits need of a row, whatever its kind."""

    id: Id = None
    title: Text = None
    folder_name: Text = None
    nbr_files: Number = None
    proj_name: Text = None
    is_active: Flag = None


class Inspector:
    """Asks little: a row for each list, and at most a thousand tests a project, without their steps."""

    def __init__(self, api: QACompleteApi, lists: Lists, converter: Converter) -> None:
        self._api = api
        self._lists = lists
        self._convert = converter

    async def visible_projects(self) -> list[SeenProject]:
        """Return every project that the user may open (§6.1)."""
        found: dict[int, SeenProject] = {}
        offset: int | None = 0
        while offset is not None:
            page = await self._api.projects(offset, _PROJECTS_PER_PAGE)
            known = len(found)
            for row in rows_of(page.results):
                wire = _Row.model_validate(row)
                if wire.id is not None:
                    title = unescaped(wire.proj_name).strip() or f"Project {wire.id}"
                    found[wire.id] = SeenProject(id=str(wire.id), title=title, active=wire.is_active is not False)
            # a server that gives the same page again has no more
            offset = next_offset(offset, len(page.results), page.total) if len(found) > known else None
        return list(found.values())

    async def counts(self, project: str, streams: Sequence[str]) -> Mapping[str, int]:
        """Return how many rows each of the lists claims."""
        totals = {name: await self._lists.total(name, project) for name in _LISTS if name in streams}
        return {name: total for name, total in totals.items() if total is not None}

    async def sample(self, project: str) -> list[TestCase]:
        """Return the tests of the first and of the last page."""
        first = await self._api.rows("tests", project, 0, _SAMPLE)
        rows = rows_of(first.results)
        if (first.total or 0) > len(rows):
            last = await self._api.rows("tests", project, max(len(rows), (first.total or 0) - _SAMPLE), _SAMPLE)
            rows += rows_of(last.results)
        return [self._convert.test(project, row) for row in rows if row_id(row) is not None]

    async def preflight(self, projects: Sequence[str]) -> AsyncIterator[Line]:
        """Yield a line about the zone, one about what is visible, and one for each project."""
        yield self._zone()
        yield _visible(await self.visible_projects(), projects)
        for project in projects:
            yield await self._oversize(project)

    async def unread_links(self, projects: Sequence[str]) -> AsyncIterator[Line]:
        """Yield for each project what reading the links between its tests would cost."""
        for project in projects:
            count = await self._lists.total("tests", project)
            if count == 0:
                continue
            requests = "a request for each test" if count is None else number(count, "request")
            yield Line(
                subject=f"source project {project} links",
                state="ok",
                text="links between two tests are not read; source.test_links: true reads them, at"
                f" {requests} more, in each round that reads"
                " everything",
            )

    def _zone(self) -> Line:
        zone = self._convert.zone
        text = f"dates are read as {zone.key}, where it is {datetime.now(zone):%H:%M} now"
        if (urlsplit(self._api.base_url).hostname or "").endswith(SAAS_HOST) and zone.key != SAAS_ZONE:
            step = f"the hosted service writes {SAAS_ZONE} time; set source.timezone to that, or leave it out"
            return Line(subject="source time zone", state="warning", text=text, next_step=step)
        return Line(subject="source time zone", state="ok", text=text)

    async def _oversize(self, project: str) -> Line:
        subject = f"source project {project} limits"
        tests = await self._rows("light_tests", project)
        folders = await self._rows("folders", project)
        names = [unescaped(row.folder_name) for row in folders.rows]
        long_titles = sum(len(unescaped(row.title)) > TITLE_LIMIT for row in tests.rows)
        counted = {
            ("title", f"over {TITLE_LIMIT} characters"): long_titles,
            ("folder name", f"over {FOLDER_LIMIT} characters"): sum(len(name) > FOLDER_LIMIT for name in names),
            ("folder name", "with a “/”"): sum("/" in name for name in names),
        }
        found = [f"{number(count, thing)} {words}" for (thing, words), count in counted.items() if count]
        files = sum(row.nbr_files or 0 for row in tests.rows)
        extent = f"{tests.words('test')} and {folders.words('folder')} examined"
        hung = (
            f"; {files} {plural(files, 'file hangs', 'files hang')} on these tests, whose sizes only a download tells"
            if files
            else ""
        )
        over = (
            f"{', '.join(found)}: cut or renamed, with a note each" if found else "nothing exceeds QA Sphere's limits"
        )
        return Line(subject=subject, state="ok", text=f"{over}; {extent}{hung}")

    async def _rows(self, name: str, project: str) -> "_Sample":
        found: list[_Row] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            page: Rows = await self._lists.page(name, project, cursor)
            found += [_Row.model_validate(row) for _, row in page.rows]
            cursor = page.cursor
            if cursor is None:
                return _Sample(found, whole=True)
        return _Sample(found, whole=False)


@dataclass(frozen=True, slots=True)
class _Sample:
    """The rows that were examined; ``whole``: there are no more."""

    rows: list[_Row]
    whole: bool

    def words(self, what: str) -> str:
        if not self.rows:
            return f"no {what}"
        return f"{'all' if self.whole else 'the first'} {number(len(self.rows), what)}"


def _visible(seen: Sequence[SeenProject], wanted: Sequence[str]) -> Line:
    others = [f"{project.id} ({project.title})" for project in seen if project.id not in wanted]
    text = f"{len(seen)} visible"
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        text += f"; not named in the config: {', '.join(others[:_NAMED])}{more}"
    return Line(subject="source projects", state="ok", text=text)
