"""The library's session as we want it: nothing that it repeats, follows or remembers by itself."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import aiohttp

from migrator import __version__
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.http.origins import is_internal
from migrator.http.request import JSON
from migrator.http.sending import sent_trace
from migrator.http.settings import HttpSettings

_public_only: ContextVar[bool] = ContextVar("public_only", default=False)


class InternalAddress(OSError):
    """A name leads into this network, and must not."""


@asynccontextmanager
async def connecting(*, public_only: bool) -> AsyncIterator[None]:
    """Make only connections to public addresses within the block, if so."""
    token = _public_only.set(public_only)
    try:
        yield
    finally:
        _public_only.reset(token)


def new_session(settings: HttpSettings) -> aiohttp.ClientSession:
    """Return a session, to be closed by who asked. ``ConfigError`` when the certificates cannot be read."""
    session = aiohttp.ClientSession(
        headers={"Accept": JSON, "User-Agent": f"qasphere-migrator/{__version__}"},
        connector=aiohttp.TCPConnector(limit=0, ssl=_ssl(settings), socket_factory=_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[sent_trace()],
        auto_decompress=True,
    )
    # a retry inside the library would pass by pacing and request counts; there is no public switch (aiohttp 3.14)
    session._retry_connection = False  # noqa: SLF001
    return session


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Open a socket. The name was resolved just before, so that no second answer can say something else."""
    family, kind, protocol, _, place = address
    if _public_only.get() and is_internal(str(place[0])):
        raise InternalAddress("it leads to an internal address")
    return socket.socket(family=family, type=kind, proto=protocol)


def _ssl(settings: HttpSettings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None and settings.client_cert is None:
        return True
    try:
        context = ssl.create_default_context(cafile=settings.ca_bundle)
        if settings.client_cert:
            secret = settings.client_cert_password
            # a text, even an empty one: without it OpenSSL would ask at the terminal
            context.load_cert_chain(settings.client_cert, password=secret.get_secret_value() if secret else "")
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            "cannot read the certificates",
            code=ErrorCode.CERTIFICATE,
            cause=str(error),
            next_step="check http.ca_bundle, http.client_cert and, for an encrypted key, http.client_cert_password",
        ) from error
    return context
