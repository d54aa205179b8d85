"""Opening QA Sphere: its endpoints, and the destination that the engine knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.config import QASphereSettings
from connectors.qasphere.destination import QASphereDestination
from migrator.core.errors import Rejected
from migrator.core.ports.destination import Destination
from migrator.http.auth import KeyAuth
from migrator.http.governor import Governor
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

__all__ = ["make_transport", "open_api", "open_destination", "role_of"]

_TIMEOUT = 60.0


def make_transport(settings: QASphereSettings, http: HttpSettings) -> Transport:
    """Return the way to QA Sphere as one account, with its pace; use it as an async context manager."""
    scheme: Literal["Bearer", "ApiKey"] = "Bearer" if settings.auth_scheme == "bearer" else "ApiKey"
    governor = Governor(rate=settings.requests_per_second, slots=settings.concurrency, name="QA Sphere")
    return Transport(
        settings.base_url,
        auth=KeyAuth(scheme, settings.api_key),
        governor=governor,
        settings=http,
        name="QA Sphere",
        timeout=_TIMEOUT,
        setting="destination.base_url",
    )


@asynccontextmanager
async def open_api(
    settings: QASphereSettings, http: HttpSettings, *, read_only: bool = False
) -> AsyncIterator[QASphereApi]:
    """Yield the endpoints, ready to be asked; closes the connections afterwards. ``read_only``: every write is refused
    before it leaves."""
    async with make_transport(settings, http) as transport:
        yield QASphereApi(transport, read_only=read_only)


@asynccontextmanager
async def open_destination(
    settings: QASphereSettings, http: HttpSettings, *, read_only: bool = False
) -> AsyncIterator[Destination]:
    """Yield QA Sphere as the engine sees it, on top of ``open_api``."""
    async with open_api(settings, http, read_only=read_only) as api:
        yield QASphereDestination(api, settings.marker_field)


async def role_of(api: QASphereApi) -> str:
    """Return the role of the key's owner; empty where the server does not tell (§3.17: undocumented)."""
    try:
        return (await api.users.me()).role
    except Rejected:
        return ""
