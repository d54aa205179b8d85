"""Bodies on their way out, and telling the hooks of a request once all of it has been given to the socket."""

import asyncio
import io
from types import SimpleNamespace
from typing import Self

import aiohttp
import anyio

from migrator.core.errors import MigratorError
from migrator.core.ports.destination import Hooks
from migrator.http.multipart import Body

_ONE_PIECE = 1024 * 1024


class Sending:
    """A form on its way in one attempt. ``failure``: what went wrong on this side; to the library every failure is a
    lost connection."""

    def __init__(self, form: Body, hooks: Hooks | None) -> None:
        self._chunks = form.chunks()
        self._hooks = hooks
        self._reading = anyio.Lock()
        self.failure: MigratorError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            async with self._reading:
                return await anext(self._chunks)
        except StopAsyncIteration:
            if self._hooks:
                self._hooks.sent()
            raise
        except MigratorError as error:
            self.failure = error
            raise

    async def close(self) -> None:
        """Close what is being read. The answer may come first, and the library's writer may still be ending."""
        with anyio.CancelScope(shield=True):
            async with self._reading:
                await self._chunks.aclose()


def in_pieces(body: bytes | None) -> bytes | io.BytesIO | None:
    """Return a body so that a large one, such as a batch of results, does not hold everything up while it is sent."""
    return io.BytesIO(body) if body and len(body) > _ONE_PIECE else body


def sent_trace() -> aiohttp.TraceConfig:
    """Tell the hooks of a request once all of it has been given to the socket. Forms tell it themselves."""
    trace = aiohttp.TraceConfig()

    def tell(context: SimpleNamespace) -> None:
        hooks = context.trace_request_ctx
        if isinstance(hooks, Hooks):
            # the socket is written to right after this signal, before the loop turns
            asyncio.get_running_loop().call_soon(hooks.sent)

    async def chunk_sent(_session: object, context: SimpleNamespace, sent: aiohttp.TraceRequestChunkSentParams) -> None:
        context.left -= len(sent.chunk)
        if context.left <= 0:
            tell(context)

    async def headers_sent(
        _session: object, context: SimpleNamespace, sent: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        context.left = int(sent.headers.get("Content-Length", 0))
        if sent.headers.get("Content-Length") == "0":  # nothing follows
            tell(context)

    trace.on_request_chunk_sent.append(chunk_sent)
    trace.on_request_headers_sent.append(headers_sent)
    return trace
