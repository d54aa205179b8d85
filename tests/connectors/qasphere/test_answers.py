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


@pytest.mark.parametrize("answer", [{"milestones": []}, {"milestones": None}, {}, None])
async def test_a_list_may_be_null_or_missing(answer: Any) -> None:
    assert await milestones(answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"milestones": "x"}, {"milestones": ""}, {"milestones": 0}, {"milestones": False}, {"milestones": {}},
        {"milestones": [5]}, [{"id": 1}], [], "x", 0, False,
    ],
)  # fmt: skip
async def test_another_shape_is_no_empty_list(answer: Any) -> None:
    with pytest.raises(TemporaryError, match="of a shape that this version does not know"):
        await milestones(answer)
