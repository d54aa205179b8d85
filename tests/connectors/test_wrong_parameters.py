"""Every parameter of the three OpenAPI documents, told what it cannot be: no stand-in takes it or falls over."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import yaml
from aiohttp import web
from yarl import URL

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.sandbox.store_runs import Run
from connectors.workiva import sandbox as workiva
from migrator.standin.serve import serve
from tests.connectors.test_schemas import LOADER, REFERENCE, SERVICES

pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="the OpenAPI documents lie outside the project")
METHODS = {"get", "post", "put", "patch", "delete"}
NO_NUMBERS = ("x", "", "1.5", "true", "[]", "1_0", "\u0663", "1 2", "9" * 5000)
NO_FILTERS: tuple[Any, ...] = (5, None, [], {}, True, "id >")
NO_PLACES = ("x", "0", "-1", "1.5", "\u0663", "1_0", "9" * 5000, "[]")
NO_WORDS = {"boolean": ("x", "", "1", "None"), "integer": NO_NUMBERS}
GRAMMARS = {
    "Filter": ("id >", "(id = 1", "id ! 1", "in {", "'"),
    "$filter": ("", "nonsense", "id eq", "type eq 'x' and nonsense", "type eq 'x' or"),
    "$orderBy": ("nonsense", "id sideways", ","),
    "$expand": ("nonsense", "attachments,nonsense"),
    "$next": ("!", "x", "JTI0b2Zmc2V0PS0x", "JG9mZnNldD0tMQ", "JG9mZnNldD14"),
}
"""Parameters that the documents call texts, and that have a grammar."""


@dataclass(frozen=True)
class Place:
    """A stand-in with something in it.

    Args:
        known: path parameters that lead there.
        usual: path → what it has to be told.
    """

    app: web.Application
    known: Mapping[str, str]
    usual: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    not_served: frozenset[str] = frozenset()


def in_qa_sphere() -> Place:
    stand_in = qasphere.build()
    project = stand_in.store.add_project("SHOP", "Shop")
    project.runs[1] = Run(1, "Nightly", "live", [])
    return Place(stand_in.app, {"project_id": "SHOP", "run_id": "1"})


def in_qacomplete() -> Place:
    data = qacomplete.demo_company()
    shop = data.projects[0].id
    app = qacomplete.build(data=data, switches=qacomplete.Switches(error_body="json")).app
    test, test_set, run = (
        next(one.id for one in held if one.project_id == shop) for held in (data.tests, data.test_sets, data.runs)
    )
    known = {
        "DeptId": 1,
        "ProjectId": shop,
        "EntityCode": "Tests",
        "EntityId": test,
        "testsets": test_set,
        "testruns": run,
    }
    return Place(app, {name: str(value) for name, value in known.items()})


def in_workiva() -> Place:
    stand_in = workiva.build()
    form, phase, matrix, sample = next(
        (form, phase, matrix, sample)
        for form in stand_in.data.forms
        for phase in form.phases
        for matrix in phase.matrices
        for sample in matrix.samples
    )
    record = stand_in.data.records[0]
    known = {"testFormId": form.id, "testPhaseId": phase.id, "matrixId": matrix.id, "sampleId": sample.id}
    known |= {"recordId": record.id, "typeId": record.type}
    files = frozenset({"/files"})  # evidence lies on samples, and nothing of a workspace's files is read
    return Place(stand_in.app, known, {"/graph/records": {"$filter": f"type eq '{record.type}'"}}, files)


PLACES: Mapping[str, Callable[[], Place]] = {
    "qasphere": in_qa_sphere,
    "qacomplete": in_qacomplete,
    "workiva": in_workiva,
}


def wrong_values(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a parameter cannot be."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "array":
        yield from wrong_values(name, schema["items"], schemas)
    elif name in GRAMMARS:
        yield from GRAMMARS[name]
    elif "enum" in schema:
        yield from ("nope", "", schema["enum"][0] + "x")
    elif schema.get("format") == "date-time":
        yield from ("nope", "", "2024-13-01T00:00:00Z", "5")
    else:
        yield from NO_WORDS.get(schema["type"], ())
        if "minimum" in schema:
            yield str(schema["minimum"] - 1)
        if "maximum" in schema:
            yield str(schema["maximum"] + 1)


@dataclass(frozen=True)
class Operation:
    """One of a document's operations, with its parameters in full."""

    method: str
    path: str
    parameters: list[dict[str, Any]]
    schemas: Mapping[str, Any]

    def at(self, known: Mapping[str, str]) -> str:
        """Return its path to what is there; empty where nobody said what that is."""
        kind = self.path.split("/")[-3] if self.path.endswith("/items") else ""
        known = {"Id": known[kind], **known} if kind in known else known
        names = re.findall(r"{(\w+)}", self.path)
        return re.sub(r"{(\w+)}", lambda found: known[found[1]], self.path) if set(names) <= set(known) else ""


def operations(name: str) -> Iterator[Operation]:
    document = yaml.load((REFERENCE / SERVICES[name].document).read_text("utf-8"), LOADER)
    shared, schemas = document["components"].get("parameters", {}), document["components"]["schemas"]
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            given = [*item.get("parameters", []), *item[method].get("parameters", [])]
            whole = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in given]
            yield Operation(method, path, whole, schemas)


@dataclass(frozen=True)
class Client:
    """Asks a stand-in. ``base``: its address, with what all of its paths begin with."""

    session: aiohttp.ClientSession
    base: str

    async def ask(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> tuple[int, str]:
        """Return status and content type; what is in the path or query goes as it is."""
        text = "&".join(f"{quote(name)}={quote(value)}" for name, value in query.items())
        address = URL(f"{self.base}{quote(path)}" + (f"?{text}" if text else ""), encoded=True)
        async with self.session.request(method, address, json=body) as answer:
            await answer.read()
            return answer.status, answer.content_type


@asynccontextmanager
async def client_of(name: str, place: Place) -> AsyncIterator[Client]:
    async with serve(place.app) as url:
        headers = await SERVICES[name].credentials(url)
        async with aiohttp.ClientSession(headers=headers) as session:
            yield Client(session, url + SERVICES[name].base)


def is_refused(answer: tuple[int, str]) -> bool:
    return 400 <= answer[0] < 500 and answer[1] == "application/json"


@pytest.mark.parametrize("name", PLACES)
async def test_query_parameters_of_a_wrong_kind_are_refused_in_json(name: str) -> None:
    place = PLACES[name]()
    taken: list[str] = []
    async with client_of(name, place) as client:
        for one in operations(name):
            queries = [parameter for parameter in one.parameters if parameter["in"] == "query"]
            if not queries or one.path in place.not_served:
                continue
            path, usual = one.at(place.known), place.usual.get(one.path, {})
            body = {"Filter": ""} if one.method == "post" else None
            # what is refused below is refused for its parameter
            assert (await client.ask(one.method, path, usual, body))[0] == 200, one.path
            for parameter in queries:
                for value in wrong_values(parameter["name"], parameter["schema"], one.schemas):
                    answer = await client.ask(one.method, path, {**usual, parameter["name"]: value}, body)
                    if not is_refused(answer):
                        taken.append(f"{one.method} {one.path} {parameter['name']}={value[:20]!r}: {answer}")
    assert not taken, "\n".join(taken)


@pytest.mark.parametrize("name", PLACES)
async def test_paths_that_lead_nowhere_are_refused_in_json(name: str) -> None:
    place = PLACES[name]()
    taken: list[str] = []
    async with client_of(name, place) as client:
        for one in operations(name):
            for parameter in re.findall(r"{(\w+)}", one.path):
                for value in NO_PLACES:
                    path = one.at(
                        {**dict.fromkeys(re.findall(r"{(\w+)}", one.path), "1"), **place.known, parameter: value}
                    )
                    answer = await client.ask(one.method, path, place.usual.get(one.path, {}))
                    if not is_refused(answer):
                        taken.append(f"{one.method} {one.path} {parameter}={value[:20]!r}: {answer}")
    assert not taken, "\n".join(taken)


async def test_searches_of_qacomplete_take_a_text_as_filter_and_nothing_else() -> None:
    place = in_qacomplete()
    async with client_of("qacomplete", place) as client:
        for one in operations("qacomplete"):
            if one.path.endswith("/search"):
                for body in ({"criteria": 5}, {}, *({"Filter": value} for value in NO_FILTERS)):
                    assert is_refused(await client.ask("post", one.at(place.known), {}, body)), (one.path, body)
