"""Requests that schemathesis makes of the three OpenAPI documents, right and wrong ones: no stand-in falls over, and
every answer has the documented shape.

``SCHEMATHESIS_EXAMPLES`` asks for more of each kind; ``make schemas`` does.
"""

import asyncio
import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import pytest
import yaml
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from connectors.workiva import sandbox as workiva
from migrator.standin.serve import serve
from tests.support.rig import ROOT

REFERENCE = ROOT.parent / "shared" / "reference"
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
BOUNDED = settings(
    max_examples=EXAMPLES, database=None, derandomize=True, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
LONGEST = 8_000
"""Longer addresses are refused in plain text before a stand-in sees them, as by any HTTP server."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="the OpenAPI documents lie outside the project")


@dataclass(frozen=True)
class Service:
    """A stand-in as its document sees it. ``places``: path parameters that lead to what is there."""

    document: str
    build: Callable[[], web.Application]
    base: str
    places: dict[str, Any]
    credentials: Callable[[str], Any]


def qa_sphere() -> web.Application:
    stand_in = qasphere.build()
    project = stand_in.store.add_project("SHOP", "Shop")
    stand_in.store.upsert_folder(project, ["Checkout"], None)
    stand_in.store.add_custom_field("source_id", "Source")
    return stand_in.app


async def bearer(url: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {qasphere.ADMIN_KEY}"}


async def basic(url: str) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(qacomplete.USERNAME, qacomplete.PASSWORD)}


async def token(url: str) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": workiva.CLIENT_ID, "client_secret": workiva.CLIENT_SECRET}
    version = {"X-Version": "2026-01-01"}
    async with (
        aiohttp.ClientSession(url, headers=version) as session,
        session.post("/oauth2/token", data=form) as answer,
    ):
        given = (await answer.json())["access_token"]
    return version | {"Authorization": f"Bearer {given}"}


SERVICES = {
    "qasphere": Service(
        "qasphere.openapi.yaml", qa_sphere, "/api/public/v0",
        {"project_id": "SHOP", "run_id": 1, "tcase_or_legacy_id": "1"}, bearer,
    ),
    "qacomplete": Service(
        "qacomplete.openapi.yaml", lambda: qacomplete.build().app, qacomplete.BASE_PATH, {}, basic,
    ),
    "workiva": Service("workiva-testforms.openapi.yaml", lambda: workiva.build().app, "", {}, token),
}  # fmt: skip


def asked(service: Service, url: str, headers: dict[str, str]) -> tuple[int, list[str]]:
    """Ask every operation; return how many requests were made, and what was wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library and what it imports
        import schemathesis  # noqa: PLC0415 - slow to import, and only needed here
        from schemathesis.checks import CHECKS, load_all_checks  # noqa: PLC0415

        load_all_checks()
        checks = CHECKS.get_by_names(["not_a_server_error", "response_schema_conformance", "content_type_conformance"])
        schema = schemathesis.openapi.from_dict(yaml.load((REFERENCE / service.document).read_text("utf-8"), LOADER))
        schema.config.update(base_url=url + service.base)
        count = 0
        wrong: list[str] = []

        def ask(case: Any) -> None:
            nonlocal count
            count += 1
            answer = case.call(headers=headers, timeout=10)
            if len(answer.request.url) > LONGEST:
                return
            try:
                case.validate_response(answer, checks=checks)
            except BaseExceptionGroup as failures:
                wrong.append(f"{case.method} {case.path}: {failures.exceptions[0]}")

        for result in cast(Any, schema).get_all_operations():
            operation = result.ok()
            names = {parameter.name for parameter in operation.path_parameters}
            places = {name: value for name, value in service.places.items() if name in names}
            for mode in schemathesis.GenerationMode:
                strategy = operation.as_strategy(mode, path_parameters=places or None)
                with suppress(Unsatisfiable):  # where there is nothing that could be wrong
                    BOUNDED(cast(Any, given(strategy))(ask))()
    return count, wrong


@pytest.mark.parametrize("name", SERVICES)
async def test_no_stand_in_falls_over_or_answers_otherwise_than_documented(name: str) -> None:
    service = SERVICES[name]
    async with serve(service.build()) as url:
        headers = await service.credentials(url)
        count, wrong = await asyncio.to_thread(asked, service, url, headers)
    assert count > 0
    assert wrong == []
