"""A QAComplete client that gives up quickly, and a server whose answers a test writes down."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from connectors.qacomplete import sandbox
from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.config import FINAL_STATUSES
from connectors.qacomplete.convert import Converter
from connectors.qacomplete.source import QACompleteSource
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.policy import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport
from migrator.standin.serve import serve

Answers = dict[str, Any]
FAST = RetryLimits(attempts=2, total=5, first_delay=0.01)


@asynccontextmanager
async def open_source(
    url: str,
    *,
    username: str = sandbox.USERNAME,
    page_size: int = 200,
    slots: int = 4,
    skip: Collection[str] = (),
    final: Collection[str] = FINAL_STATUSES,
) -> AsyncIterator[QACompleteSource]:
    """Open a source at the URL of a stand-in."""
    async with Transport(
        url + sandbox.BASE_PATH,
        auth=BasicAuth(username, SecretStr(sandbox.PASSWORD)),
        governor=Governor(rate=None, slots=slots, name="QAComplete"),
        settings=HttpSettings(),
        name="QAComplete",
        timeout=5,
        setting="source.base_url",
        limits=FAST,
    ) as transport:
        converter = Converter("acme", "America/Denver", "{base_url}/v1/projects/{project}/tests/{id}", url)
        yield QACompleteSource(QACompleteApi(transport), converter, page_size=page_size, skip=skip, final=final)


@asynccontextmanager
async def scripted(answers: Answers) -> AsyncIterator[tuple[QACompleteSource, list[str]]]:
    """Open a source whose server answers by path: JSON, a response, or a function of the query's numbers; else
    404.

    The second value lists the requests.
    """
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        path = request.path.removeprefix(sandbox.BASE_PATH)
        seen.append(f"{path}?{request.query_string}" if request.query_string else path)
        answer = answers.get(path, web.Response(status=404))
        if callable(answer):
            answer = answer({name: int(value) for name, value in request.query.items() if value.isdigit()})
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        return web.json_response(answer)

    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    async with serve(app) as url, open_source(url) as source:
        yield source, seen
