"""The library's session as we want it: nothing that it repeats, follows or remembers by itself."""

import ssl

import aiohttp

from migrator import __version__
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.http.request import JSON
from migrator.http.sending import sent_trace
from migrator.http.settings import HttpSettings


def new_session(settings: HttpSettings) -> aiohttp.ClientSession:
    """Return a session, to be closed by who asked. ``ConfigError`` when the certificates cannot be read."""
    session = aiohttp.ClientSession(
        headers={"Accept": JSON, "User-Agent": f"qasphere-migrator/{__version__}"},
        connector=aiohttp.TCPConnector(limit=0, ssl=_ssl(settings)),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[sent_trace()],
        auto_decompress=True,
    )
    # a retry inside the library would pass by pacing and request counts; there is no public switch (aiohttp 3.14)
    session._retry_connection = False  # noqa: SLF001
    return session


def _ssl(settings: HttpSettings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None and settings.client_cert is None:
        return True
    try:
        context = ssl.create_default_context(cafile=settings.ca_bundle)
        if settings.client_cert:
            context.load_cert_chain(settings.client_cert)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            "cannot read the certificates",
            code=ErrorCode.CERTIFICATE,
            cause=str(error),
            next_step="check http.ca_bundle and http.client_cert",
        ) from error
    return context
