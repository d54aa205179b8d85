"""Serving an application on a loopback port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

_SHUTDOWN_SECONDS = 0.2


@asynccontextmanager
async def serve(app: web.Application, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve while the block runs and yield the address; port 0: any free one.

    Raises ``ConfigError`` when the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host}:{port}",
                code=ErrorCode.FILE_UNUSABLE,
                cause=str(error),
                next_step="choose another port, or 0 for a free one",
            ) from error
        bound = runner.addresses[0][1]
        yield f"http://{host}:{bound}"
    finally:
        await runner.cleanup()
