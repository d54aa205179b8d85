"""The source itself: what the engine asks (``migrator.core.ports.source.Source``), ``init`` and ``check``."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import orjson
from anyio.to_thread import run_sync
from pydantic import ValidationError

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import AnyEntity, Project
from migrator.core.ports.inspectable import Line as Checked
from migrator.core.ports.inspectable import SeenProject
from migrator.core.ports.source import Abilities, Earlier, Record, SourcePage
from migrator.core.ports.traffic import Traffic
from migrator.core.refs import Ref
from migrator_jsonl.config import JsonLinesSettings
from migrator_jsonl.convert import LINE, ResultLine, entity_of

EVERYTHING = "*"
_STREAMS = {"folders": "folder", "cases": "case", "runs": "run", "results": "result"}
"""In the order in which they are read: runs come before their results. Each holds the lines of one kind."""
_PAGE = 100


class JsonLinesSource:
    """Implements ``Source`` and ``Inspectable``. The whole file is one project, ``*``."""

    def __init__(self, settings: JsonLinesSettings) -> None:
        self._settings = settings

    @property
    def abilities(self) -> Abilities:
        """Cases stand in the order that people chose; each kind that others name is a list of its own."""
        return Abilities(
            streams=tuple(_STREAMS),
            siblings_ordered=True,
            lists={kind: stream for stream, kind in _STREAMS.items() if kind != "result"},
        )

    def waiting_for(self) -> str:
        """Say nothing: a file keeps nobody waiting."""
        return ""

    def traffic(self) -> Traffic:
        """Nobody is asked."""
        return Traffic()

    async def check(self) -> None:
        """Read the file."""
        await self._records("cases")

    async def project(self, project_id: str) -> Record:
        """Return the file as a project."""
        if project_id != EVERYTHING:
            raise ConfigError(
                f"there is no project {project_id} in {self._settings.path}",
                code=ErrorCode.SOURCE_PROJECT,
                cause=f"there is: {EVERYTHING}, {self._settings.path.name}",
                next_step=f'set projects[].source to "{EVERYTHING}"',
            )
        await self.check()
        ref = Ref(connector="jsonl", instance=self._settings.instance, kind="project", ids=(project_id,))
        return Record(Project(ref=ref, title=self._settings.path.stem), b"{}")

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        """Return a page; the cursor is the number of records before it, which holds in any process."""
        del earlier  # a file does not say what has changed since, so everything is read
        await self.project(project_id)
        records = await self._records(stream)
        start = int(cursor or 0)
        following = start + _PAGE
        return SourcePage(
            tuple(records[start:following]), str(following) if following < len(records) else None, len(records)
        )

    async def visible_projects(self) -> Sequence[SeenProject]:
        """Return the one that there is."""
        await self.check()
        return [SeenProject(id=EVERYTHING, title=self._settings.path.stem)]

    async def counts(self, project_id: str) -> Mapping[str, int]:
        """Return how many records each stream has."""
        return {stream: (await self.page(stream, project_id, None)).total or 0 for stream in _STREAMS}

    async def sample(self, project_id: str) -> Sequence[AnyEntity]:
        """Return what the words of the file are learned from."""
        pages = [await self.page(stream, project_id, None) for stream in ("cases", "results")]
        return [record.entity for page in pages for record in page.records]

    async def preflight(self, project_ids: Sequence[str]) -> AsyncIterator[Checked]:
        """Yield one line; a source with a second log-in would say here whether it works."""
        for project in project_ids:
            counted = ", ".join(f"{count} {stream}" for stream, count in (await self.counts(project)).items())
            yield Checked(subject=self._settings.path.name, state="ok", text=counted)

    async def _records(self, stream: str) -> list[Record]:
        """Return a stream. A file of millions of lines would be read page by page; this one is small."""
        return await run_sync(_read, self._settings.path, self._settings.instance, _STREAMS[stream])


def _read(path: Path, instance: str, kind: str) -> list[Record]:
    records = []
    places: Counter[str] = Counter()
    for number, text in enumerate(_lines(path), start=1):
        try:
            line = LINE.validate_json(text)
        except ValidationError as error:
            raise _unreadable(f"{path}, line {number}", error) from error
        if line.kind == kind:
            run = line.run if isinstance(line, ResultLine) else ""
            records.append(Record(entity_of(line, instance, places[run]), orjson.dumps(orjson.loads(text))))
            places[run] += 1
    return records


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError as error:
        raise _unreadable(str(path), error) from error


def _unreadable(what: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"cannot read {what}",
        code=ErrorCode.FILE_UNUSABLE,
        cause=str(error).replace("\n", " ")[:300],
        next_step="correct source.path, or that line of the file",
    )
