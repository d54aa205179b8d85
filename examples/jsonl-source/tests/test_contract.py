"""The contract of all sources, held by this one: ``pip install -e . pytest && pytest``."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from migrator_jsonl.config import JsonLinesSettings
from migrator_jsonl.connector import open_json_lines
from migrator_jsonl.sandbox.served import lines

from migrator.core.ports.source import Source
from migrator.http.settings import HttpSettings
from migrator.standin.options import StandInOptions
from migrator.testing import Place, SourceFactory
from migrator.testing.contract import *  # noqa: F403 - a suite is taken as a whole

_MORE_THAN_A_PAGE = 101


@asynccontextmanager
async def _written(options: StandInOptions, rows: int) -> AsyncIterator[Place]:
    del options  # a file does not have good and bad days
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tests.jsonl"
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines(_MORE_THAN_A_PAGE + rows)), encoding="utf-8")
        yield Place(str(path))


@asynccontextmanager
async def _opened(address: str, *, timeout: float = 5, **settings: object) -> AsyncIterator[Source]:
    given = JsonLinesSettings.model_validate({"path": address, "instance": "acme", **settings})
    async with open_json_lines(given, HttpSettings(timeout=timeout)) as source:
        yield source


SOURCES = [
    SourceFactory(
        name="jsonl",
        start=_written,
        open=_opened,
        project="*",
        seen="*",
        visible=("*", "tests.jsonl"),
        ref_kinds={kind: kind for kind in ("project", "folder", "case", "run", "result")},
        over_http=False,
        where="source.path",
        dated=False,
        in_project=False,
        paged=False,
        step_results=False,
    )
]
