"""What the client asks and the stand-in answers, held against the vendor's written contract."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
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

from connectors.workiva import sandbox
from migrator.core.errors import MigratorError
from migrator.core.model import Attachment
from migrator.standin.options import Profile
from migrator.testing.sources import all_records
from tests.support.rig import ROOT
from tests.support.workiva import Notebook, serving, stand_in

CONTRACT = ROOT.parent / "shared" / "reference" / "workiva-testforms.openapi.yaml"
HOME = "urn:contract"
PRIVATE = ("/__blobs", "/__uploads")
NOT_READ = ("/attachments/{}", "/samples/{}", "/types/{}")
"""What is served and the connector has no need of."""
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the contract lies outside the project")


@cache
def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    _allow_nulls(document)
    return document


def _allow_nulls(node: Any) -> None:
    """Write ``nullable`` as JSON Schema does."""
    if isinstance(node, list):
        for inner in node:
            _allow_nulls(inner)
    elif isinstance(node, dict):
        for inner in list(node.values()):
            _allow_nulls(inner)
        if node.pop("nullable", False) is True:
            if "type" in node:
                node["type"] = [node["type"], "null"]
            if "allOf" in node:
                node["anyOf"] = [{"allOf": node.pop("allOf")}, {"type": "null"}]


@cache
def registry() -> Registry[Any]:
    made: Registry[Any] = Registry().with_resource(HOME, DRAFT202012.create_resource(contract()))
    return made


def violations(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    absolute = json.loads(json.dumps(schema).replace('"$ref": "#', f'"$ref": "{HOME}#'))
    for error in Draft202012Validator(absolute, registry=registry()).iter_errors(value):
        yield f"{error.json_path}: {error.message}"


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = contract()
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    found: dict[str, Any] = target
    return found


def anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


@cache
def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {anonymous(path)}": item[method]
        for path, item in contract()["paths"].items()
        for method in ("get", "post", "put", "patch")
        if method in item
    }


def breaches(address: str, sent: Any, status: int, body: Any, headers: dict[str, str]) -> list[str]:
    """Return what of an exchange the contract does not permit."""
    operation = operations()[address]
    found = []
    request = resolved(operation.get("requestBody", {})).get("content", {}).get("application/json", {})
    if sent is not None:
        found += list(violations(sent, request["schema"]))
    if str(status) not in operation["responses"]:
        return [f"{address} answered {status}"]
    response = resolved(operation["responses"][str(status)])
    for name in response.get("headers", {}):
        if name not in headers:
            found.append(f"{address} answered without {name}")
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is not None:
        found += list(violations(body, schema))
    elif body is not None:
        found.append(f"{address} answered with a body")
    return [f"{address}: {one}" for one in found]


async def _exercised(built: sandbox.WorkivaStandIn, folder: Path) -> None:
    receipt = folder / "receipt"
    receipt.write_bytes(b"moved")
    async with serving(built, export_forms=True, graph=True) as workiva:
        records = await all_records(workiva.source, "*")
        for record in records:
            if isinstance(record.entity, Attachment):
                with suppress(MigratorError):
                    await workiva.source.fetch(record.entity, folder / "f", max_bytes=10**7, memory=Notebook())
        form, phase, matrix = next(built.data.matrices())
        owner = (form.id, phase.id, matrix.id, matrix.samples[0].id)
        for depth in (2, 3, 4):
            await workiva.uploads.send(owner[:depth], receipt, f"qasphere-receipt-{depth}", Notebook())
        api = workiva.source._api
        prefix = api.path(())
        await api.page(f"{prefix}/graph/types")
        for condition in ({"$filter": "type eq Control or type ne 'Risk'"}, {}):
            with suppress(MigratorError):
                await api.page(f"{prefix}/graph/records", None, condition)
        for query in ({"$expand": "nonsense"}, {"$expand": "attachments,testPhases"}, {"$next": "?"}):
            with suppress(MigratorError):
                await api.page("/testForms", None, query)
        for ids in (("none",), owner[:2], owner[:3], owner, (*owner[:3], "none")):
            with suppress(MigratorError):
                await api.item(ids, {"$expand": "attachments"})


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_every_exchange_keeps_to_the_contract(tmp_path: Path, profile: Profile) -> None:
    built = stand_in(profile=profile, page_size=3)
    seen: set[tuple[str, int]] = set()
    found: list[str] = []

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_json = request.content_type == "application/json"
        sent = json.loads(await request.read()) if is_json and request.can_read_body else None
        answer = await handler(request)
        resource = request.match_info.route.resource
        assert resource
        if not resource.canonical.startswith(PRIVATE):
            address = f"{request.method} {anonymous(resource.canonical)}"
            text = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
            body = json.loads(text) if text else None
            seen.add((address, answer.status))
            found.extend(breaches(address, sent, answer.status, body, dict(answer.headers)))
        return answer

    built.app.middlewares.insert(0, record)
    await _exercised(built, tmp_path)
    # the profile leaves the header out, and writes numbers as older examples do (dossier, version differences)
    odd = r"without Retry-After$|value: \d+ is not of type 'string'$"
    assert [one for one in found if profile != "odd" or not re.search(odd, one)] == []
    statuses = {status for _, status in seen}
    assert statuses >= {200, 202, 400, 404}
    reads = {address for address, _ in seen}
    served = {f"{method} {anonymous(path)}" for method, path in _routes(built)}
    assert served - reads <= {address for address in served if address.endswith(NOT_READ)}


def _routes(built: sandbox.WorkivaStandIn) -> list[tuple[str, str]]:
    """Return the routes of the newer generation that the contract names."""
    found = [(route.method, route.resource.canonical) for route in built.app.router.routes() if route.resource]
    return [
        (method, path)
        for method, path in found
        if method in ("GET", "POST") and not path.startswith(("/platform", "/iam", "/__"))
    ]


def test_the_stand_in_serves_nothing_that_the_vendor_does_not() -> None:
    assert {f"{method} {anonymous(path)}" for method, path in _routes(stand_in())} <= set(operations())
