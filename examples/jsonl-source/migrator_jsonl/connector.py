"""How the source is opened. One that is asked over HTTP makes its client here, on ``migrator.http.transport``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors import SourceConnector
from migrator.core.ports.source import Source
from migrator.http.settings import HttpSettings
from migrator_jsonl.config import JsonLinesSettings
from migrator_jsonl.source import JsonLinesSource


@asynccontextmanager
async def open_json_lines(settings: JsonLinesSettings, http: HttpSettings) -> AsyncIterator[Source]:
    """Open the source. ``http`` is the config's block of that name, for sources that are asked over a network."""
    del http
    yield JsonLinesSource(settings)


CONNECTOR = SourceConnector(open_json_lines)
