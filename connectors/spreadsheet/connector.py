"""Opening spreadsheets: there is nothing to connect to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors import SourceConnector
from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.source import SpreadsheetSource
from migrator.core.ports.source import Source
from migrator.http.settings import HttpSettings

__all__ = ["CONNECTOR", "open_spreadsheet"]


@asynccontextmanager
async def open_spreadsheet(settings: SpreadsheetSettings, http: HttpSettings) -> AsyncIterator[Source]:
    """Open the source. ``http`` is for sources that are asked over a network."""
    del http
    yield SpreadsheetSource(settings)


CONNECTOR = SourceConnector(open_spreadsheet)
