"""Tokens planted as credentials, and servers that echo them in bad weather: none is found in anything that leaves."""

import asyncio
import base64
import html
import json
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import yaml
import zstandard
from aiohttp import web
from typer.testing import CliRunner

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from migrator.cli.guard import guarded
from migrator.cli.main import app
from migrator.core.redact import remember
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve

PASSWORD = 'Pl&nted<"token"/of+Üsers=%'
KEY = 'pl"nted<k&y>/of+sphere=%17'
NAME = "ada@acme.example"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "html": html.escape,
    "percent": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}


def every_spelling(secret: str) -> set[bytes]:
    found = {spell(secret) for spell in SPELLINGS.values()}
    found |= {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), quote(secret, safe=""))}
    found |= {base64.b64encode(f"{NAME}:{secret}".encode()).decode(), json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {text.encode() for text in found}


@dataclass
class Weather:
    """What goes wrong: the first ``methods`` of ``side`` that meet ``path`` are answered with an echo."""

    side: str = ""
    methods: tuple[str, ...] = ()
    path: str = ""
    status: int = 400
    form: str = "json"
    spelling: str = "plain"

    def meets(self, side: str, request: web.Request) -> bool:
        return side == self.side and request.method in self.methods and self.path in request.path

    def answer(self, secret: str) -> web.Response:
        said = f"refused {SPELLINGS[self.spelling](secret)} for {'x' * 380} {SPELLINGS[self.spelling](secret)} and more"
        if self.form == "json":
            return web.json_response({"message": said, "error": {"message": said}}, status=self.status)
        page = f"<html><head><title>{said}</title></head><body>{said}</body></html>"
        return web.Response(text=page, status=self.status, content_type="text/html")


@dataclass
class Front:
    """Both services behind one door that knows the planted credentials and makes the weather."""

    urls: dict[str, str] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    echoed: int = 0

    async def run(self, ready: threading.Event, over: threading.Event) -> None:
        destination = qasphere.build(StandInOptions())
        destination.store.add_custom_field("source_id", "Source ID")
        source = qacomplete.build(StandInOptions(), small_company())
        async with serve(source.app) as source_url, serve(destination.app) as destination_url:
            behind = {"source": source_url, "destination": destination_url}
            async with aiohttp.ClientSession(auto_decompress=False) as session:
                doors = {side: self.door(side, behind[side], session) for side in behind}
                async with serve(doors["source"]) as one, serve(doors["destination"]) as other:
                    self.urls = {"source": one, "destination": other}
                    ready.set()
                    await asyncio.to_thread(over.wait)

    def door(self, side: str, url: str, session: aiohttp.ClientSession) -> web.Application:
        real = {
            "source": "Basic " + base64.b64encode(f"{qacomplete.USERNAME}:{qacomplete.PASSWORD}".encode()).decode(),
            "destination": f"Bearer {qasphere.ADMIN_KEY}",
        }[side]

        async def take(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            if self.weather.meets(side, request):
                self.echoed += 1
                return self.weather.answer(PASSWORD if side == "source" else KEY)
            for planted, true in ((PASSWORD, qacomplete.PASSWORD), (NAME, qacomplete.USERNAME)):
                body = body.replace(html.escape(planted, quote=False).encode(), true.encode())
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
            headers["Authorization"] = real
            async with session.request(
                request.method, url + str(request.rel_url), data=body, headers=headers, allow_redirects=False
            ) as got:
                kept = {name: value for name, value in got.headers.items() if name.lower() not in _OWN}
                return web.Response(status=got.status, body=await got.read(), headers=kept)

        door = web.Application(client_max_size=2**28)
        door.router.add_route("*", "/{rest:.*}", take)
        return door


_OWN = {"host", "content-length", "transfer-encoding", "authorization", "connection", "server", "date"}


def small_company() -> qacomplete.SeedData:
    """Two projects, one of them small, with history and files."""
    return qacomplete.demo_company()


@contextmanager
def served() -> Iterator[Front]:
    front, ready, over = Front(), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(front.run(ready, over)), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield front
    finally:
        over.set()
        thread.join(30)


def config_for(front: Front, folder: Path, code: str) -> Path:
    config = {
        "workspace": "workspace",
        "source": {
            "connector": "qacomplete",
            "instance": "acme",
            "base_url": f"{front.urls['source']}/rest-api/service/api",
            "soap_url": f"{front.urls['source']}/psws/psws.asmx",
            "username": NAME,
            "password_file": "password.txt",
            "timezone": "America/Denver",
        },
        "destination": {
            "base_url": front.urls["destination"],
            "api_key": "${PLANTED_KEY}",
            "requests_per_second": 100_000,
            "settle_seconds": 0.2,
        },
        "projects": [{"source": "13", "destination": code, "title": "App"}],
        "http": {"timeout": 5},
    }
    folder.mkdir()
    (folder / "password.txt").write_text(f"{PASSWORD}\n", encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def run(path: Path, *arguments: str) -> tuple[int, bytes]:
    ended = CliRunner().invoke(app, ["--config", str(path), *arguments], env={"PLANTED_KEY": KEY})
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.stdout_bytes + ended.stderr_bytes


def unpacked(folder: Path) -> dict[str, bytes]:
    """Everything that a workspace holds, with every cell of the database as it reads."""
    found = {
        str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and "migration.db" not in path.name
    }
    database = sqlite3.connect(folder / "migration.db")
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for number, row in enumerate(database.execute(f"SELECT * FROM {table}")):
            found[f"{table} {number}"] = b"\n".join(_cell(cell) for cell in row)
    database.close()
    return found


def _cell(cell: Any) -> bytes:
    if isinstance(cell, bytes):
        return zstandard.ZstdDecompressor().decompress(cell) if cell[:4] == b"\x28\xb5\x2f\xfd" else cell
    return str(cell).encode()


WEATHERS = [
    *(Weather("destination", ("POST",), "tcase", 400, "json", spelling) for spelling in SPELLINGS),
    *(Weather("destination", ("POST",), "tcase", 422, "html", spelling) for spelling in SPELLINGS),
    *(Weather("destination", ("POST", "GET"), "project", 403, "json", spelling) for spelling in SPELLINGS),
    *(Weather("source", ("GET",), "tests", 400, "json", spelling) for spelling in SPELLINGS),
    *(Weather("source", ("GET",), "projects", 401, "html", spelling) for spelling in SPELLINGS),
    *(Weather("source", ("GET",), "users", 404, "html", spelling) for spelling in SPELLINGS),
]


def test_nothing_that_leaves_holds_a_planted_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # a service in trouble is asked again, after pauses that are not what is tested here
    monkeypatch.setattr("migrator.http.policy._delay", lambda *_: 0.0)
    needles = every_spelling(PASSWORD) | every_spelling(KEY)
    searched = echoed = 0
    with served() as front:
        for number, weather in enumerate([Weather(), *WEATHERS]):
            front.weather, front.echoed = weather, 0
            path = config_for(front, tmp_path / str(number), f"AP{number}")
            out = path.parent / "out"
            out.mkdir()
            commands = [
                ("run", "--limit", "20"),
                ("status", "--failed", "--json"),
                ("report", "--html", f"{out}/r.html", "--crosswalk", f"{out}/c.csv", "--archive", f"{out}/a.ndjson"),
            ]
            if not number:
                commands = [
                    ("config", "show"),
                    ("check",),
                    ("plan", "--json"),
                    *commands,
                    ("verify",),
                    ("sync",),
                    ("retry",),
                ]
            sinks = {f"{number} {' '.join(command[:2])}": run(path, *command)[1] for command in commands}
            sinks |= unpacked(path.parent / "workspace")
            sinks |= {str(file): file.read_bytes() for file in out.iterdir()}
            assert front.echoed or not number, weather
            hits = [(name, needle) for name, text in sinks.items() for needle in needles if needle in text]
            assert hits == [], (weather, hits[:3])
            searched += len(sinks)
            echoed += front.echoed
    said = f"{len(WEATHERS)} kinds of bad weather, {echoed} echoes, {searched} texts searched: 0 hits"
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")


def test_a_traceback_on_the_terminal_has_no_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(["in-the-traceback"])
    monkeypatch.setenv("MIGRATOR_DEBUG", "1")

    def fail() -> None:
        raise ValueError(f"in-the-traceback {'x' * 480}")

    with pytest.raises(BaseException, match="1"):
        guarded(fail, as_json=False)
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "in-the" not in said
