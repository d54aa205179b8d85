"""A stand-in for Workiva: behaves as ``workiva-api.md`` §14 says, over data that tests can change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from connectors.workiva.sandbox.data import (
    Attachment,
    Column,
    Form,
    GraphRecord,
    Matrix,
    Phase,
    Relation,
    Sample,
    SeedData,
    ident,
)  # fmt: skip
from connectors.workiva.sandbox.demo import demo_data
from connectors.workiva.sandbox.generate import generate
from connectors.workiva.sandbox.graph import GraphHandlers
from connectors.workiva.sandbox.handlers import ReadHandlers
from connectors.workiva.sandbox.switches import Switches, switches_of
from connectors.workiva.sandbox.tokens import VERSIONS, TokenService, error_answer
from connectors.workiva.sandbox.transfer_handlers import PrivateAreas, TransferHandlers, foreign_app
from connectors.workiva.sandbox.transfers import BLOBS, UPLOADS, Transfers
from migrator.standin.app import StandIn
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve

__all__ = [
    "CLIENT_ID", "CLIENT_SECRET", "READER_ID", "WRITER_ID", "Attachment", "Column", "Form", "GraphRecord", "Matrix",
    "Phase", "Relation", "Sample", "SeedData", "Switches", "WorkivaStandIn", "build", "demo_data", "generate", "ident",
    "serving", "switches_of",
]  # fmt: skip

CLIENT_ID, READER_ID, WRITER_ID = "migration-grant", "reading-grant", "writing-grant"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - of the stand-in
_TOKEN_PATHS = ("/oauth2/token", "/iam/v1/oauth2/token")
_DEMO_PAGE = 3
"""So small that lists of all kinds have a second page in the demo, too."""
_LEVELS = ("/testForms/{form}", "/testPhases/{phase}", "/matrices/{matrix}", "/samples/{sample}")


@dataclass(frozen=True, slots=True)
class WorkivaStandIn:
    """The applications to serve, the log of requests, everything it holds, and what may be changed while it runs."""

    app: web.Application
    store: web.Application
    log: RequestLog
    data: SeedData
    switches: Switches
    tokens: TokenService
    transfers: Transfers
    log_key: str = ""


def build(
    options: StandInOptions | None = None,
    data: SeedData | None = None,
    switches: Switches | None = None,
    secret: str = CLIENT_SECRET,
) -> WorkivaStandIn:
    """Return a stand-in; without data it holds the demo's. ``switches`` override what the profile says.

    Three API grants share one secret: one may do everything, one only read, one only write.
    """
    chosen = options or StandInOptions()
    held = demo_data() if data is None else data
    behaviour = switches or switches_of(chosen.profile)
    if data is None and switches is None:
        behaviour.page_size = _DEMO_PAGE
    shell = StandIn(chosen, error=error_answer)
    read, write = frozenset({"graph:read"}), frozenset({"graph:write"})
    grants = {CLIENT_ID: read | write, READER_ID: read, WRITER_ID: write}
    tokens = TokenService(behaviour, {client: (secret, scopes) for client, scopes in grants.items()})
    shell.app.middlewares.append(tokens.refusals)
    transfers = Transfers(behaviour)
    for prefix, token_path in zip(VERSIONS, _TOKEN_PATHS, strict=True):
        shell.app.router.add_post(token_path, tokens.token_of(prefix))
        _add_reads(shell.app.router, prefix, ReadHandlers(tokens, held, prefix))
        _add_graph(shell.app.router, prefix, GraphHandlers(tokens, held, prefix))
        _add_transfers(shell.app.router, prefix, TransferHandlers(tokens, held, transfers, prefix))
    areas = PrivateAreas(transfers, tokens.admit_any, redirects=True)
    shell.app.router.add_get(BLOBS + "/{key}", areas.blob)
    shell.app.router.add_put(UPLOADS + "/{key}", areas.receive)
    shell.app.router.add_post(UPLOADS + "/{key}", areas.receive)
    return WorkivaStandIn(
        shell.app, foreign_app(transfers), shell.log, held, behaviour, tokens, transfers, shell.log_key
    )


@asynccontextmanager
async def serving(stand_in: WorkivaStandIn, *, port: int = 0) -> AsyncIterator[str]:
    """Serve the API and, on a port of its own, the foreign store, while the block runs; yield the API's base URL."""
    async with serve(stand_in.store) as foreign, serve(stand_in.app, port=port) as url:
        stand_in.transfers.foreign = foreign
        yield url


def _add_reads(router: web.UrlDispatcher, prefix: str, handlers: ReadHandlers) -> None:
    lists = ("/testForms", "/testPhases", "/matrices", "/samples")
    pairs = (
        (handlers.forms, handlers.form),
        (handlers.phases, handlers.phase),
        (handlers.matrices, handlers.matrix),
        (handlers.samples, handlers.sample),
    )
    above = prefix
    for depth, (name, (many, one)) in enumerate(zip(lists, pairs, strict=True)):
        router.add_get(above + name, many)
        above += _LEVELS[depth]
        router.add_get(above, one)
        if one == handlers.sample:
            router.add_patch(above, handlers.change_sample)
        if depth > 0:
            router.add_get(above + "/attachments", handlers.attachments)
            router.add_get(above + "/attachments/{attachment}", handlers.attachment)


def _add_graph(router: web.UrlDispatcher, prefix: str, handlers: GraphHandlers) -> None:
    router.add_get(prefix + "/graph/types", handlers.types)
    router.add_get(prefix + "/graph/types/{type}", handlers.type)
    router.add_get(prefix + "/graph/records", handlers.records)
    router.add_get(prefix + "/graph/records/{record}", handlers.record)


def _add_transfers(router: web.UrlDispatcher, prefix: str, handlers: TransferHandlers) -> None:
    router.add_get(prefix + "/operations/{operation}", handlers.operation)
    above = prefix + _LEVELS[0]
    router.add_post(above + "/export", handlers.export)
    for level in _LEVELS[1:]:
        above += level
        router.add_post(above + "/attachments/{attachment}/download", handlers.download)
        router.add_post(above + "/attachmentUpload", handlers.upload)
