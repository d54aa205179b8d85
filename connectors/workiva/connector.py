"""Opening Workiva: what the program asks for reading, and for leaving receipts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from connectors import SourceConnector
from connectors.workiva.api import WorkivaApi
from connectors.workiva.auth import TokenAuth, VersionOnly
from connectors.workiva.config import WorkivaSettings
from connectors.workiva.content.downloads import Downloads
from connectors.workiva.content.operations import Operations
from connectors.workiva.content.uploads import Uploads
from connectors.workiva.convert.entities import Converter
from connectors.workiva.convert.verdicts import Aggregator
from connectors.workiva.inspect.inspector import Inspector
from connectors.workiva.inspect.survey import FormSurvey
from connectors.workiva.read.attachments import AttachmentReader
from connectors.workiva.read.children import ChildReader
from connectors.workiva.read.graph import GraphReader
from connectors.workiva.read.tree import Tree
from connectors.workiva.receipts import WorkivaReceipts, only_reads
from connectors.workiva.source import Readers, WorkivaSource
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.ports.source import Source
from migrator.http.auth import Auth
from migrator.http.governor import Governor
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

__all__ = ["CONNECTOR", "Workiva", "open_workiva"]

# a request may take 29 s there (§10)
_TIMEOUT = 60.0
_POLLS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Workiva:
    """Everything that can be done with one API grant."""

    source: WorkivaSource
    uploads: Uploads
    receipts: WorkivaReceipts


@asynccontextmanager
async def open_workiva(settings: WorkivaSettings, http: HttpSettings, *, read_only: bool) -> AsyncIterator[Workiva]:
    """Open the connections: one for calls, one that is paced for questions about operations, one for tokens.

    ``read_only``: whatever is no read is refused before it leaves.
    """
    rate = settings.polls_per_second
    governor = Governor(rate=settings.requests_per_second, slots=settings.concurrency, name="Workiva")
    polls_governor = Governor(rate=rate, slots=_POLLS_AT_ONCE, name="Workiva (operations)")
    async with AsyncExitStack() as stack:

        async def transport(auth: Auth, paced_by: Governor) -> Transport:
            return await stack.enter_async_context(
                Transport(
                    settings.base_url,
                    auth=auth,
                    governor=paced_by,
                    settings=http,
                    name="Workiva",
                    timeout=_TIMEOUT,
                    setting="source.base_url",
                )
            )

        tokens = await transport(VersionOnly(settings), Governor(rate=None, slots=1, name="Workiva (token)"))
        auth = TokenAuth(settings, tokens)
        calls = await transport(auth, governor)
        polls = await transport(auth, polls_governor)
        if read_only:
            calls.guarded(only_reads)
            polls.guarded(only_reads)
        operations = Operations(polls, rate=rate, longest=settings.operation_seconds)
        api = WorkivaApi(calls, settings.prefix)
        files = Downloads(api, calls, operations, ahead=settings.downloads, trusted=settings.trusted_hosts)
        tree = Tree(api, settings.skip)
        reader = ChildReader(api, tree, AttachmentReader(api), settings.concurrency)
        verdicts = Aggregator(settings.verdicts)
        converter = Converter(settings.instance, settings.item_url, api, verdicts, export_forms=settings.export_forms)
        graph = GraphReader(api, wanted=settings.graph, control_type=settings.control_type)
        survey = FormSurvey(api, converter, settings.skip)
        inspector = Inspector(survey, graph, settings, verdicts, lambda: auth.scopes)
        source = WorkivaSource(api, converter, Readers(reader, graph, settings.skip), files, inspector)
        uploads = Uploads(api, calls, operations, trusted=settings.trusted_hosts)
        yield Workiva(source, uploads, WorkivaReceipts(api, uploads, at_once=settings.concurrency))


@asynccontextmanager
async def _open(settings: WorkivaSettings, http: HttpSettings) -> AsyncIterator[Source]:
    async with open_workiva(settings, http, read_only=True) as opened:
        yield opened.source


@asynccontextmanager
async def _open_receipts(
    settings: WorkivaSettings, http: HttpSettings, read_only: bool
) -> AsyncIterator[ReceiptTarget]:
    async with open_workiva(settings, http, read_only=read_only) as opened:
        yield opened.receipts


CONNECTOR = SourceConnector(_open, _open_receipts)
