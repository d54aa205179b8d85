"""What the client sends and the stand-in answers, held against the written contract of the API."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.typedefs import Handler
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from connectors.qasphere.sandbox import LOGS_KEY, VIEWER_KEY, QASphereStandIn, build
from migrator.core.errors import AuthenticationError, CallError
from migrator.standin.options import Profile, StandInOptions
from tests.support.qasphere import ENDPOINTS, PROFILES, Scene, anonymous, scene_in
from tests.support.rig import ROOT

CONTRACT = ROOT.parent / "shared" / "reference" / "qasphere.openapi.yaml"
HOME = "urn:contract"
BEYOND = {"GET /storage/{}"}
"""Where the stand-in's downloads are redirected to is nobody's contract."""
CREATED_OTHERWISE = {"200": "201"}
"""Clients accept any success (A-14), and the profile ``odd`` answers 200 where the contract says 201."""
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the contract lies outside the project")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer. Bodies are None where they are no JSON."""

    address: str
    query: list[tuple[str, str]]
    sent: Any
    status: int
    answered: Any


def recorded(stand_in: QASphereStandIn) -> list[Exchange]:
    exchanges: list[Exchange] = []

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_json = request.content_type == "application/json"
        sent = json.loads(await request.read()) if is_json and request.can_read_body else None
        answer = await handler(request)
        resource = request.match_info.route.resource
        assert resource
        address = anonymous(f"{request.method} {resource.canonical}")
        body = answer.body if isinstance(answer, web.Response) and answer.content_type == "application/json" else None
        answered = json.loads(body) if isinstance(body, bytes) else None
        exchanges.append(Exchange(address, list(request.query.items()), sent, answer.status, answered))
        return answer

    stand_in.app.middlewares.insert(0, record)
    return exchanges


# --- the contract -----------------------------------------------------------------------------------------------------


@cache
def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CONTRACT.read_text())
    return document


@cache
def registry() -> Registry[Any]:
    made: Registry[Any] = Registry().with_resource(HOME, DRAFT202012.create_resource(contract()))
    return made


@cache
def operations() -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return address → operation and parameters."""
    found = {}
    for path, item in contract()["paths"].items():
        for method in ("get", "post", "patch"):
            if method in item:
                parameters = [_resolved(row) for row in item.get("parameters", []) + item[method].get("parameters", [])]
                found[anonymous(f"{method.upper()} {path}")] = (item[method], parameters)
    return found


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = contract()
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    resolved: dict[str, Any] = target
    return resolved


def violations(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    absolute = json.loads(json.dumps(schema).replace('"$ref": "#', f'"$ref": "{HOME}#'))
    for error in Draft202012Validator(absolute, registry=registry()).iter_errors(value):
        yield f"{error.json_path}: {error.message}"


def breaches(exchange: Exchange) -> list[str]:
    """Return what of an exchange the contract does not permit. A request may be wrong if it was refused."""
    operation, parameters = operations()[exchange.address]
    found = list(_answer_breaches(exchange, operation))
    if exchange.status < 400:
        found += [*_query_breaches(exchange, parameters), *_body_breaches(exchange, operation)]
    return [f"{exchange.address} {exchange.status}: {breach}" for breach in found]


def _answer_breaches(exchange: Exchange, operation: dict[str, Any]) -> Iterator[str]:
    status = str(exchange.status)
    responses = operation["responses"]
    if status not in responses:
        status = CREATED_OTHERWISE.get(status, status)
    if status not in responses:
        yield f"{status} is no answer to this"
        return
    content = _resolved(responses[status]).get("content", {})
    if "application/json" in content:
        yield from violations(exchange.answered, content["application/json"]["schema"])


def _query_breaches(exchange: Exchange, parameters: list[dict[str, Any]]) -> Iterator[str]:
    known = {row["name"]: row["schema"] for row in parameters if row["in"] == "query"}
    for name, text in exchange.query:
        if name.startswith("cf_"):
            continue
        schema = known.get(name)
        if schema is None:
            yield f"the query parameter {name} does not exist"
            continue
        one = _resolved(schema.get("items", schema))
        is_text = one.get("type") == "string"
        yield from violations(text if is_text else json.loads(text), one)


def _body_breaches(exchange: Exchange, operation: dict[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        yield from violations(exchange.sent, content["application/json"]["schema"])
    elif exchange.sent is not None:
        yield "a body was sent where there is none"


# --- tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_call_of_the_client_keeps_to_the_contract(profile: Profile, tmp_path: Path) -> None:
    stand_in = build(StandInOptions(profile=profile))
    exchanges = recorded(stand_in)
    async with scene_in(stand_in, tmp_path) as made:
        last = [endpoint for endpoint in ENDPOINTS if endpoint.client == "runs.close"]
        for endpoint in [endpoint for endpoint in ENDPOINTS if endpoint not in last] + last:
            if profile not in endpoint.refused:
                await endpoint.call(made)
        await _read_again(made)
    assert {exchange.address for exchange in exchanges} >= {
        anonymous(endpoint.address) for endpoint in ENDPOINTS if profile not in endpoint.refused
    }
    kept = [exchange for exchange in exchanges if exchange.address not in BEYOND and exchange.status != 302]
    assert [breach for exchange in kept for breach in breaches(exchange)] == []


async def _read_again(made: Scene) -> None:
    """Read what the other calls have left behind."""
    await made.api.runs("SHOP")
    await made.api.run_case("SHOP", made.run_id, made.case_ids[0])
    await made.api.milestones("SHOP")
    await made.api.count_cases("SHOP", [("folders", "1"), ("priorities", "high")], recursive=True)


@pytest.mark.parametrize("key", [VIEWER_KEY, LOGS_KEY, "acme.nobody.sandbox", "malformed"])
async def test_every_refusal_keeps_to_the_contract(key: str, tmp_path: Path) -> None:
    stand_in = build()
    exchanges = recorded(stand_in)
    async with scene_in(stand_in, tmp_path) as made:
        made.sign_in(key)
        for endpoint in ENDPOINTS:
            with suppress(CallError, AuthenticationError):
                await endpoint.call(made)
    assert any(exchange.status >= 400 for exchange in exchanges)
    assert [breach for exchange in exchanges for breach in breaches(exchange)] == []


@pytest.mark.parametrize(
    ("exchange", "breach"),
    [
        (Exchange("GET /project/{}/run", [], None, 200, {"runs": [{"id": "one"}]}), "is not of type 'integer'"),
        (Exchange("GET /project/{}/run", [("offset", "5")], None, 200, {"runs": []}), "offset does not exist"),
        (Exchange("GET /project/{}/run", [("limit", "-1")], None, 200, {"runs": []}), "less than the minimum"),
        (Exchange("GET /project/{}/run", [], None, 413, {"message": "x"}), "no answer to this"),
        (Exchange("GET /project/{}/run", [], None, 404, {"error": "x"}), "'message' is a required property"),
        (Exchange("POST /project/{}/run", [], {"title": "x"}, 201, {"id": 1}), "'type' is a required property"),
        (Exchange("POST /project/{}/run/{}/close", [], {}, 200, {"message": "x"}), "a body was sent"),
    ],
)
def test_a_breach_is_seen(exchange: Exchange, breach: str) -> None:
    assert any(breach in found for found in breaches(exchange))
