"""Opening QAComplete: what the program asks for reading, and for leaving receipts."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from connectors import SourceConnector
from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.config import QACompleteSettings
from connectors.qacomplete.content.attachments import Contents, NoContent, Provider
from connectors.qacomplete.content.folder import FolderContent
from connectors.qacomplete.content.rest import Pictures, RestContent
from connectors.qacomplete.content.soap import SoapAuth, SoapContent
from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.read.context import ReadContext
from connectors.qacomplete.receipts import QACompleteReceipts, only_reads
from connectors.qacomplete.source import QACompleteSource
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.ports.source import Source
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

__all__ = ["CONNECTOR", "open_receipts", "open_source"]

_TIMEOUT = 120.0


@asynccontextmanager
async def open_source(
    settings: QACompleteSettings, http: HttpSettings, limits: RetryLimits | None = None
) -> AsyncIterator[Source]:
    """Open a source; ``limits``: how long calls are tried."""
    connect = _connector(settings, http, limits)
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(_rest(settings, connect, read_only=True))
        provider: Provider = NoContent()
        if settings.attachments == "soap":
            unseen = SoapAuth(settings.password)
            soap = connect(settings.soap_url, auth=unseen, name="QAComplete's SOAP service", setting="source.soap_url")
            connected = await stack.enter_async_context(soap)
            provider = SoapContent(connected, settings.username, settings.password, settings.soap_app_code)
        elif settings.attachments == "rest":
            provider = RestContent(transport, settings.attachments_url)
        elif settings.attachments == "folder" and settings.attachments_folder:
            provider = FolderContent(settings.attachments_folder)
        convert = Converter(
            settings.instance, settings.timezone, settings.item_url, transport.base_url, settings.requirement_url
        )
        context = ReadContext.of(
            QACompleteApi(transport),
            convert,
            page_size=settings.page_size,
            skip=settings.skip,
            test_links=settings.test_links,
        )
        pictures = Pictures(transport, (settings.web_url, settings.base_url))
        yield QACompleteSource(context, Contents(provider), pictures, settings.final_statuses, settings.hosts)


def _connector(
    settings: QACompleteSettings, http: HttpSettings, limits: RetryLimits | None
) -> Callable[..., Transport]:
    # no rate limit is documented; the number of calls at a time is bounded instead (§4)
    governor = Governor(rate=None, slots=settings.concurrency, name="QAComplete")
    return partial(Transport, governor=governor, settings=http, timeout=_TIMEOUT, limits=limits)


def _rest(settings: QACompleteSettings, connect: Callable[..., Transport], *, read_only: bool) -> Transport:
    auth = BasicAuth(settings.username, settings.password)
    transport = connect(settings.base_url, auth=auth, name="QAComplete", setting="source.base_url")
    return transport.guarded(only_reads) if read_only else transport


@asynccontextmanager
async def open_receipts(
    settings: QACompleteSettings, http: HttpSettings, read_only: bool, limits: RetryLimits | None = None
) -> AsyncIterator[ReceiptTarget]:
    """Open what leaves receipts on tests, at the same pace as a source."""
    async with _rest(settings, _connector(settings, http, limits), read_only=read_only) as transport:
        yield QACompleteReceipts(transport, at_once=settings.concurrency)


CONNECTOR = SourceConnector(open_source, open_receipts)
