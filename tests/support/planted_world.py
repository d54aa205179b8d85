"""A small company, its services under a sky with weather, and a config that is full of planted secrets."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from connectors.workiva import sandbox as workiva
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support.planted import API_KEY, CLIENT_SECRET, HOOK_PATH, KEY_PASSWORD, PASSWORD, PROXY_PASSWORD
from tests.support.weather import Sky, World, hook, refusing_proxy

SECRET_FILE = "password.txt"
_PNG = b"\x89PNG\r\n\x1a\n" + b"planted picture"


class Servers:
    """The services of one world. ``urls``: by side; the names of the proxied ones lead nowhere but to the proxy."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sky = Sky(world)
        self.urls: dict[str, str] = {}
        self.tests = shop()
        self.forms = controls()

    def edit(self) -> None:
        """Let somebody work at the source."""
        test = self.tests.tests[0]
        test.title, test.date_updated, test.version = "Pay later", "2030-01-01T00:00:00.0000000", test.version + 1
        for sample in self.forms.samples()[:1]:
            sample.results = dict.fromkeys(sample.results, "FAIL")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            destination = qasphere.build(keys=qasphere.KNOWN_KEYS | {"admin": API_KEY})
            destination.store.add_custom_field("source_id", "Source ID")
            destination.app.middlewares.insert(0, self.sky.over("destination"))
            self.urls["destination"] = await stack.enter_async_context(serve(destination.app))
            self.urls["webhook"] = await stack.enter_async_context(serve(hook(self.sky)))
            if self.world == "workiva":
                self.urls["source"] = await stack.enter_async_context(self._workiva())
            else:
                source = qacomplete.build(StandInOptions(), self.tests, password=PASSWORD)
                source.app.middlewares.insert(0, self.sky.over("source"))
                self.urls["source"] = await stack.enter_async_context(serve(source.app))
            if self.world in ("proxy", "tunnel"):
                address = await stack.enter_async_context(refusing_proxy(self.sky))
                self.urls["proxy"] = f"http://proxy-user:{quote(PROXY_PASSWORD, safe='')}@{address}"
                scheme = "http" if self.world == "proxy" else "https"
                self.urls |= {side: f"{scheme}://{side}.example" for side in ("source", "destination")}
            yield

    @asynccontextmanager
    async def _workiva(self) -> AsyncIterator[str]:
        switches = workiva.Switches(polls_per_second=None, polls_needed=0, transfer="presigned")
        source = workiva.build(StandInOptions(), self.forms, switches, secret=CLIENT_SECRET)
        source.app.middlewares.insert(0, self.sky.over("source"))
        source.store.middlewares.insert(0, self.sky.over("store"))
        self.sky.learned.add("s3cr3t/signed=")
        async with workiva.serving(source) as url:
            yield url

    def config(self, code: str) -> dict[str, Any]:
        """Return a config in which no secret stands."""
        source: dict[str, Any] = {
            "connector": "qacomplete",
            "instance": "acme",
            "base_url": f"{self.urls['source']}{qacomplete.BASE_PATH}",
            "soap_url": f"{self.urls['source']}{qacomplete.SOAP_PATHS[0]}",
            "username": qacomplete.USERNAME,
            "password_file": SECRET_FILE,
            "timezone": "America/Denver",
        }
        if self.world == "workiva":
            source = {
                "connector": "workiva",
                "instance": "acme",
                "base_url": self.urls["source"],
                "client_id": workiva.CLIENT_ID,
                "client_secret": "${WORKIVA_CLIENT_SECRET}",
                "requests_per_second": 10_000,
                "polls_per_second": 10_000,
            }
        http: dict[str, Any] = {"timeout": 5, "client_cert_password": "${PLANTED_KEY_PASSWORD}"}
        if "proxy" in self.urls:
            http |= {"proxy": "${PLANTED_PROXY}", "allow_plain_http": True}
        return {
            "workspace": "workspace",
            "source": source,
            "destination": {
                "base_url": self.urls["destination"],
                "api_key": "${QASPHERE_API_KEY}",
                "requests_per_second": 10_000,
                "settle_seconds": 0.1,
            },
            "projects": [{"source": "*" if self.world == "workiva" else "12", "destination": code, "title": "Shop"}],
            "notify": {"url": "${PLANTED_HOOK}"},
            "http": http,
            "keep_files": True,
        }

    def environment(self) -> dict[str, str]:
        """Return the variables that the config names, and those that ``init`` asks for."""
        return {
            "QACOMPLETE_USER": qacomplete.USERNAME,
            "QACOMPLETE_PASSWORD": PASSWORD,
            "QASPHERE_API_KEY": API_KEY,
            "WORKIVA_CLIENT_ID": workiva.CLIENT_ID,
            "WORKIVA_CLIENT_SECRET": CLIENT_SECRET,
            "PLANTED_PROXY": self.urls.get("proxy", ""),
            "PLANTED_KEY_PASSWORD": KEY_PASSWORD,
            "PLANTED_HOOK": self.urls["webhook"] + HOOK_PATH,
        }

    def write_config(self, folder: Path, code: str) -> Path:
        (folder / SECRET_FILE).write_text(f"{PASSWORD}\n", encoding="utf-8")
        path = folder / "config.yaml"
        path.write_text(yaml.safe_dump(self.config(code)), encoding="utf-8")
        return path


@contextmanager
def served(world: World) -> Iterator[Servers]:
    """Serve a world from a thread of its own while the block runs."""
    servers, ready, over = Servers(world), threading.Event(), threading.Event()

    async def run() -> None:
        async with servers.running():
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(30), "the services do not start"
    try:
        yield servers
    finally:
        over.set()
        thread.join(30)


def shop() -> qacomplete.SeedData:
    """Return one of each kind of item."""
    steps = [qacomplete.Step(71, 1, "Open", "Opens"), qacomplete.Step(72, 2, "Pay", "Paid")]
    tests = [qacomplete.Test(number, 12, f"Pay {number}", folder_id=7, steps=list(steps)) for number in (1, 2)]
    run = qacomplete.TestRun(
        901, 12, 701, "Smoke", "Passed", "2023-03-06T08:00:00.0", "2023-03-06T09:00:00.0", release_id=301,
        items=[qacomplete.RunItem(90_100 + test.id, test.id, test.title, test.id) for test in tests],
    )  # fmt: skip
    return qacomplete.SeedData(
        projects=[qacomplete.Project(12, "Shop")],
        users=[qacomplete.User(1, "Ada", "Berg", "ada@acme.example")],
        folders=[qacomplete.Folder(7, 12, "Checkout")],
        tests=tests,
        releases=[qacomplete.Release(301, 12, "Spring")],
        configurations=[qacomplete.Configuration(401, 12, "Firefox")],
        requirements=[qacomplete.Requirement(501, 12, "Must pay")],
        defects=[qacomplete.Defect(601, 12, "Wrong sum")],
        test_sets=[qacomplete.TestSet(701, 12, "Smoke", items=[qacomplete.SetItem(1, 1, 1)])],
        notes=[qacomplete.Note(801, 12, "Tests", 1, "Seen")],
        links=[qacomplete.Link(901, 12, "FunctionalSpecs", 501, "Tests", 1)],
        runs=[run],
        files=[
            qacomplete.File(1, 12, "Tests", 1, "a.png", bytes_=_PNG),
            qacomplete.File(2, 12, "Tests", 2, "b.txt", bytes_=b"words"),
        ],
    )


def controls() -> workiva.SeedData:
    """Return a form with one matrix, whose samples have files."""
    form = workiva.Form(workiva.ident("form"), "FIN-07")
    phase = workiva.Phase(workiva.ident("phase"), "Interim")
    matrix = workiva.Matrix(workiva.ident("matrix"), "Journals", [workiva.Column("d1", "Journal", "D1")])
    matrix.result_columns = [workiva.Column("r1", "Approved", "TA1", testable=True)]
    for number in (1, 2):
        file = workiva.Attachment.of(workiva.ident("file", number), f"{number}.txt", f"file {number}".encode())
        sample = workiva.Sample(workiva.ident("sample", number), {"d1": f"JE-{number}"}, {"r1": "PASS"}, [file])
        matrix.samples.append(sample)
    phase.matrices.append(matrix)
    form.phases.append(phase)
    return workiva.SeedData([form])
