"""What the client asks and the stand-in answers, held against the written contract of the API."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from aiohttp import web
from aiohttp.typedefs import Handler
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from connectors.qacomplete.config import QACompleteSettings
from connectors.qacomplete.connector import open_receipts
from connectors.qacomplete.sandbox import BASE_PATH, PASSWORD, USERNAME, QACompleteStandIn, build, demo_company
from migrator.core.refs import Ref
from migrator.http.settings import HttpSettings
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from migrator.testing.sources import all_records
from tests.support.qacomplete import open_source
from tests.support.rig import ROOT
from tests.support.workiva import Notebook

CONTRACT = ROOT.parent / "shared" / "reference" / "qacomplete.openapi.yaml"
HOME = "urn:contract"
LOOSE = re.compile(r"'[^']*' is not of type '(integer|boolean)'|None is not of type 'array'")
"""In the profile *odd* numbers and flags come as text (§3.5) and empty lists as null, harsher than the contract."""
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the contract lies outside the project")


@dataclass(frozen=True)
class Exchange:
    """A read and its answer: path below the base URL, names of the query, JSON."""

    path: str
    query: frozenset[str]
    answered: Any


def recorded(stand_in: QACompleteStandIn) -> list[Exchange]:
    exchanges: list[Exchange] = []

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if isinstance(answer, web.Response) and isinstance(answer.body, bytes) and answer.status == 200:
            path = request.path.removeprefix(BASE_PATH)
            exchanges.append(Exchange(path, frozenset(request.query), json.loads(answer.body)))
        return answer

    stand_in.app.middlewares.insert(0, record)
    return exchanges


@cache
def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CONTRACT.read_text())
    return document


@cache
def validator(pointer: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource(HOME, DRAFT202012.create_resource(contract()))
    return Draft202012Validator({"$ref": f"{HOME}#{pointer}"}, registry=registry)


@cache
def operations() -> list[tuple[re.Pattern[str], str, frozenset[str]]]:
    """Return path, template and names of the query of every read; fixed paths before those with places."""
    found = []
    for template, item in sorted(contract()["paths"].items(), key=lambda pair: pair[0].count("{")):
        if "get" in item:
            pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in _parts(template))
            names = frozenset(_named(row) for row in item["get"].get("parameters", []))
            found.append((re.compile(pattern, re.IGNORECASE), template, names))
    return found


def _parts(template: str) -> list[str]:
    return re.split(r"(\{[^}]*\})", template)


def _named(row: dict[str, Any]) -> str:
    reference = str(row.get("$ref", ""))
    return str(
        contract()["components"]["parameters"][reference.rpartition("/")[2]]["name"] if reference else row["name"]
    )


def violations(exchange: Exchange) -> Iterator[str]:
    """Say what of a read the contract does not know."""
    known = [(template, names) for pattern, template, names in operations() if pattern.fullmatch(exchange.path)]
    if not known:
        yield f"{exchange.path} is no read"
        return
    template, names = known[0]
    if unknown := exchange.query - names:
        yield f"{template} has no {', '.join(unknown)}"
    escaped = template.replace("~", "~0").replace("/", "~1")
    schema = validator(f"/paths/{escaped}/get/responses/200/content/application~1json/schema")
    for error in schema.iter_errors(exchange.answered):
        yield f"{template} at {error.json_path}: {error.message}"


@pytest.mark.parametrize("profile", get_args(Profile))
async def test_every_read_of_a_whole_company_is_in_the_contract(profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), demo_company())
    exchanges = recorded(stand_in)
    async with serve(stand_in.app) as url, open_source(url) as source:
        await all_records(source, "12")
    said = {violation for exchange in exchanges for violation in violations(exchange)}
    strange = {words for words in said if profile != "odd" or not LOOSE.search(words)}
    assert strange == set()
    read = {
        template for exchange in exchanges for pattern, template, _ in operations() if pattern.fullmatch(exchange.path)
    }
    for wanted in ("/testruns", "/testruns/{Id}/items", "/files", "/notes", "/linkeditems", "/testsets/{Id}/items"):
        assert any(template.endswith(wanted) for template in read), wanted


async def test_adding_a_file_is_in_the_contract(tmp_path: Path) -> None:
    stand_in = build(StandInOptions(), demo_company())
    page, test = tmp_path / "page", stand_in.data.tests[0]
    page.write_bytes(b"moved")
    fields: set[str] = set()
    answers: list[Any] = []

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        fields.update(re.findall(r'name="(\w+)"', (await request.read()).decode()))
        answer = await handler(request)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.body, bytes)
        answers.append(json.loads(answer.body))
        return answer

    stand_in.app.middlewares.append(record)
    async with serve(stand_in.app) as url:
        settings = QACompleteSettings.model_validate(
            {"base_url": url + BASE_PATH, "username": USERNAME, "password": PASSWORD, "timezone": "America/Denver"}
        )
        owner = Ref(connector="qacomplete", instance="acme", kind="test", ids=(str(test.project_id), str(test.id)))
        async with open_receipts(settings, HttpSettings(timeout=5), False) as receipts:
            await receipts.put(owner, "qasphere-receipt-1.html", page, Notebook())
    path = "/v1/projects/{ProjectId}/{EntityCode}/{EntityId}/files"
    written = contract()["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(written["required"]) <= fields <= set(written["properties"])
    pointer = f"/paths/{path.replace('/', '~1')}/post/responses/200/content/application~1json/schema"
    (answer,) = answers
    assert list(validator(pointer).iter_errors(answer)) == []


def test_an_answer_beside_the_contract_is_seen() -> None:
    assert list(violations(Exchange("/v1/projects/12/nothing", frozenset(), {})))
    assert list(violations(Exchange("/v2/projects/12/testruns", frozenset({"sort"}), {"metadata": {}, "results": []})))
    page = {
        "metadata": {"result_set": {"count": 1, "offset": 0, "limit": 25, "total": 1}},
        "results": [{"status_code": 7}],
    }
    assert list(violations(Exchange("/v2/projects/12/testruns", frozenset(), page)))
