"""Answers of another shape than the client knows: an error, and never “there is nothing”."""

from typing import Any

import pytest
from aiohttp import web

from migrator.client import QASphere
from migrator.core.errors import TemporaryError
from migrator.standin.serve import serve


async def milestones(answer: Any) -> list[str]:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_get("/api/public/v0/project/WEB/milestone", handler)
    async with serve(app) as url, QASphere(url, "k" * 20) as client:
        return [row.title for row in await client.milestones.list("WEB")]


@pytest.mark.parametrize("answer", [{"milestones": []}, {"milestones": None}])
async def test_a_list_may_be_null(answer: Any) -> None:
    assert await milestones(answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"milestones": "x"}, {"milestones": ""}, {"milestones": 0}, {"milestones": False}, {"milestones": {}},
        {"milestones": [5]}, [{"id": 1}], [], "x", 0, False, {}, None, {"message": "please log in"},
    ],
)  # fmt: skip
async def test_another_shape_is_no_empty_list(answer: Any) -> None:
    with pytest.raises(TemporaryError, match="of a shape that this version does not know"):
        await milestones(answer)


@pytest.mark.parametrize("answer", [{}, None, {"total": 3}, {"after": 7}])
async def test_a_page_without_its_rows_is_no_empty_page(answer: Any) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    for path in ("project/WEB/tcase", "project/WEB/tcase/folders", "audit-logs"):
        app.router.add_get(f"/api/public/v0/{path}", handler)
    async with serve(app) as url, QASphere(url, "k" * 20) as client:
        for asked in (client.test_cases.list("WEB"), client.folders.list("WEB"), client.audit_logs.list()):
            with pytest.raises(TemporaryError, match="of a shape that this version does not know"):
                await asked
