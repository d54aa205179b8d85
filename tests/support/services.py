"""A running stand-in and an open client to it, for tests of one side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from connectors import load_source
from connectors.qacomplete import sandbox as qacomplete
from connectors.qacomplete.config import QACompleteSettings
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.api import QASphereApi
from connectors.qasphere.config import QASphereSettings
from connectors.qasphere.open import open_api, open_destination
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.ports.source import Source
from migrator.http.settings import HttpSettings
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve


def no_hooks() -> Hooks:
    async def nothing() -> None:
        return None

    return Hooks(before_send=nothing, sent=lambda: None)


@asynccontextmanager
async def qa_sphere(
    options: StandInOptions | None = None,
    *,
    key: str = qasphere.ADMIN_KEY,
    switches: qasphere.Switches | None = None,
    read_only: bool = False,
    **settings: object,
) -> AsyncIterator[tuple[qasphere.QASphereStandIn, Destination]]:
    stand_in = qasphere.build(options, switches)
    async with serve(stand_in.app) as url:
        given = {"base_url": url, "api_key": key, "requests_per_second": 10_000, **settings}
        http = HttpSettings(timeout=5)
        async with open_destination(QASphereSettings.model_validate(given), http, read_only=read_only) as destination:
            yield stand_in, destination


@asynccontextmanager
async def qa_sphere_api(
    stand_in: qasphere.QASphereStandIn, *, key: str = qasphere.ADMIN_KEY, read_only: bool = False, **settings: object
) -> AsyncIterator[QASphereApi]:
    async with serve(stand_in.app) as url:
        given = {"base_url": url, "api_key": key, "requests_per_second": 10_000, **settings}
        async with open_api(
            QASphereSettings.model_validate(given), HttpSettings(timeout=5), read_only=read_only
        ) as api:
            yield api


@asynccontextmanager
async def qacomplete_source(
    stand_in: qacomplete.QACompleteStandIn, *, timeout: float = 5, **settings: object
) -> AsyncIterator[Source]:
    async with (
        serve(stand_in.app) as url,
        open_qacomplete(url + qacomplete.BASE_PATH, timeout=timeout, **settings) as source,
    ):
        yield source


@asynccontextmanager
async def open_qacomplete(base_url: str, *, timeout: float = 5, **settings: object) -> AsyncIterator[Source]:
    given = {
        "base_url": base_url,
        "instance": "acme",
        "username": qacomplete.USERNAME,
        "password": qacomplete.PASSWORD,
        "timezone": "America/Denver",
        **settings,
    }
    connector = load_source("qacomplete")
    async with connector.open(QACompleteSettings.model_validate(given), HttpSettings(timeout=timeout)) as source:
        yield source


def shell_of(app: web.Application) -> Any:
    """Return what stands around the handlers of a stand-in, whose answers a test can spoil."""
    return next(outer.__self__ for outer in app.middlewares if hasattr(outer, "__self__"))
