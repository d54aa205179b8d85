"""SmartBear QAComplete: a source (``qacomplete-api.md``)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from connectors import SourceConnector
from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.config import QACompleteSettings
from connectors.qacomplete.convert import Converter
from connectors.qacomplete.source import QACompleteSource
from migrator.core.ports import Source
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

__all__ = ["CONNECTOR"]

_TIMEOUT = 120.0


@asynccontextmanager
async def _open(settings: QACompleteSettings, http: HttpSettings) -> AsyncIterator[Source]:
    # no rate limit is documented; the number of calls at a time is bounded instead (§4)
    governor = Governor(rate=None, slots=settings.concurrency, name="QAComplete")
    async with Transport(
        settings.base_url,
        auth=BasicAuth(settings.username, settings.password),
        governor=governor,
        settings=http,
        name="QAComplete",
        timeout=_TIMEOUT,
        setting="source.base_url",
    ) as transport:
        converter = Converter(settings.instance, settings.timezone, settings.item_url, transport.base_url)
        yield QACompleteSource(
            QACompleteApi(transport),
            converter,
            page_size=settings.page_size,
            skip=settings.skip,
            final=settings.final_statuses,
        )


CONNECTOR = SourceConnector(
    name="qacomplete", settings=QACompleteSettings, open=_open, defaults=Path(__file__).with_name("defaults.yaml")
)
