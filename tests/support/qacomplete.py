"""A QAComplete client that gives up quickly, and a server whose answers a test writes down."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web

from connectors.qacomplete import sandbox
from connectors.qacomplete.config import QACompleteSettings
from connectors.qacomplete.connector import open_source as open_as_the_program_does
from connectors.qacomplete.source import QACompleteSource
from migrator.core.ports.source import Record, Source
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.standin.serve import serve
from migrator.testing.sources import pages_of

Answers = dict[str, Any]
Query = dict[str, int]
FAST = RetryLimits(attempts=2, total=5, first_delay=0.01)


@asynccontextmanager
async def open_source(url: str, *, slots: int = 4, **settings: object) -> AsyncIterator[QACompleteSource]:
    """Open a source at the URL of a stand-in; ``settings`` as in the config."""
    given = {
        "base_url": url + sandbox.BASE_PATH,
        "instance": "acme",
        "username": sandbox.USERNAME,
        "password": sandbox.PASSWORD,
        "timezone": "America/Denver",
        "concurrency": slots,
        **settings,
    }
    chosen = QACompleteSettings.model_validate(given)
    async with open_as_the_program_does(chosen, HttpSettings(timeout=5), FAST) as source:
        yield cast(QACompleteSource, source)


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


def listed(rows: list[Any], *, total: int | None = None) -> Callable[[Query], dict[str, Any]]:
    """Answer pages of the rows; ``total`` overrides what the server claims."""

    def answer(query: Query) -> dict[str, Any]:
        page = rows[query["offset"] : query["offset"] + query["limit"]]
        window = {"count": len(page), **query, "total": len(rows) if total is None else total}
        return {"metadata": {"result_set": window}, "results": page}

    return answer


async def records_of(source: Source, stream: str) -> list[Record]:
    """Return all records of a stream of project 12."""
    return [record for _, page in await pages_of(source, stream, "12") for record in page.records]
