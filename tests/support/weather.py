"""Bad weather: servers that echo the credentials they were asked with, in everything that they answer."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tests.support.planted import API_KEY, CLIENT_SECRET, HOOK_PATH, PASSWORD, PROXY_PASSWORD, SPELLINGS

World = Literal["qacomplete", "workiva", "proxy", "tunnel"]
Side = Literal["source", "store", "destination", "webhook", "proxy"]
Form = Literal[
    "json", "html", "text", "xml", "fault", "reason", "operation", "broken", "wrong", "redirect", "empty", "rows",
]  # fmt: skip
_FIXED: dict[Side, tuple[str, ...]] = {
    "store": (),
    "destination": (API_KEY,),
    "webhook": (HOOK_PATH,),
    "proxy": (PROXY_PASSWORD,),
}
_PROSE = ("description", "notes", "comment", "step", "expected_result", "expectedresult", "value")
_FILL = "x" * 350


@dataclass(frozen=True)
class Weather:
    """What goes wrong: ``methods`` of ``side`` whose path or SOAP action holds ``where`` are answered with an echo."""

    name: str
    world: World
    side: Side
    methods: str
    where: str
    form: Form = "json"
    status: int = 400

    def meets(self, side: Side, request: web.Request, *, rows: bool = False) -> bool:
        """Whether a request is answered so; in ``rows`` the true answer is only added to."""
        if rows != (self.form == "rows"):
            return False
        asked = f"{request.path} {request.headers.get('SOAPAction', '')}"
        return side == self.side and request.method in self.methods.split() and self.where in asked


@dataclass
class Sky:
    """The weather of the moment, how often it struck, and what every side was sent. ``learned``: secrets that were
    given on the way, such as access tokens."""

    world: World
    now: Weather | None = None
    echoed: int = 0
    learned: set[str] = field(default_factory=set)
    sent: dict[Side, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def own(self, side: Side) -> tuple[str, ...]:
        """Return the secrets that belong to a side."""
        if side == "source":
            return (CLIENT_SECRET,) if self.world == "workiva" else (PASSWORD,)
        return _FIXED[side]

    def over(self, side: Side) -> Middleware:
        """Return the middleware that makes the weather over a side."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            is_form = request.content_type.startswith("multipart")  # a form is read once
            self.sent[side].append(f"{request.path_qs}\n".encode() + (b"" if is_form else await request.read()))
            if self.now and self.now.meets(side, request):
                await request.read()
                token = request.headers.get("Authorization", "").partition(" ")[2]
                if token:
                    self.learned.add(token)
                return self.answer(side, token, *request.query.values())
            answer = await handler(request)
            if self.now and self.now.form == "rows" and self.now.meets(side, request, rows=True):
                answer = self.echoing(side, answer, request.headers.get("Authorization", ""))
            if request.path.endswith("/oauth2/token") and isinstance(answer, web.Response):
                self.learn(answer)
            return answer

        return middleware

    def learn(self, answer: web.Response) -> None:
        if answer.text and '"access_token": "' in answer.text:
            self.learned.add(answer.text.partition('"access_token": "')[2].partition('"')[0])

    def echoing(self, side: Side, answer: web.StreamResponse, header: str) -> web.StreamResponse:
        """Return a good answer, in every text of which stands what this side knows."""
        if not isinstance(answer, web.Response) or answer.content_type != "application/json" or not answer.text:
            return answer
        if self.world == "workiva":
            header = ""  # an access token is worth nothing after ten minutes, and not looked for in data
        elif header:
            self.learned.add(header.partition(" ")[2])
        before, rows = self.echoed, json.loads(answer.text)
        found = _with(self.said(side, header), rows)
        if found == rows:
            self.echoed = before
        answer.text = json.dumps(found)
        return answer

    def said(self, side: Side, *carried: str) -> str:
        """Return a message with everything that this side knows, in the next spelling, before and behind the place at
        which messages are cut."""
        spell = list(SPELLINGS.values())[self.echoed % len(SPELLINGS)]
        self.echoed += 1
        secrets = [text for text in (*self.own(side), *carried) if text]
        everything = " ".join(spell(text) for text in secrets)
        pad = _FILL[: 40 + self.echoed * 37 % len(_FILL)]
        return f"refused {everything} for {pad} {everything} and more"

    def answer(self, side: Side, *carried: str) -> web.Response:
        assert self.now is not None
        content_type, write = _FORMS[self.now.form]
        said, status = self.said(side, *carried), self.now.status
        if self.now.form == "reason":
            return web.Response(status=status, reason=said, text="")
        if self.now.form == "redirect":
            return web.Response(status=302, headers={"Location": f"https://elsewhere.example/{said!a}"})
        answer = web.Response(text=write(said), status=_FIXED_STATUS.get(self.now.form, status))
        answer.content_type = content_type
        return answer


def _with(said: str, value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with(said, inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with(said, inner, key) for inner in value]
    return f"{value} {said}" if isinstance(value, str) and key.lower() in _PROSE else value


def _row(said: str) -> str:
    rows = [{"title": said}]
    return json.dumps({"message": said, "results": rows, "data": rows, "projects": rows, "files": rows, "ids": said})


def _operation(said: str) -> str:
    detail = {"code": "Conversion", "message": said, "target": said}
    return json.dumps({"id": "1", "status": "failed", "details": [detail], "originalRequest": said})


def _fault(said: str) -> str:
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
        f"<faultcode>soap:Server</faultcode><faultstring>{escape(said)}</faultstring><faultactor>psWS</faultactor>"
        f"<detail><Description Text={quoteattr(said)} /></detail></soap:Fault></soap:Body></soap:Envelope>"
    )


_FORMS: dict[Form, tuple[str, Callable[[str], str]]] = {
    "json": (
        "application/json",
        lambda said: json.dumps({"message": said, "error": {"message": said}, "error_description": said}),
    ),
    "wrong": ("application/json", _row),
    "operation": ("application/json", _operation),
    "broken": ("application/json", lambda said: f'{{"message": "{said}'),
    "empty": ("application/json", lambda _said: "{}"),
    "html": ("text/html", lambda said: f"<html><head><title>{said}</title></head><body>{said}</body></html>"),
    "fault": ("text/xml", _fault),
    "xml": ("application/xml", lambda said: f"<Error><Code>Denied</Code><Message>{escape(said)}</Message></Error>"),
    "text": ("text/plain", lambda said: said),
    "reason": ("text/plain", str),
    "redirect": ("text/plain", str),
}
_FIXED_STATUS: dict[Form, int] = {"wrong": 200, "operation": 200, "broken": 200, "empty": 200, "fault": 500}


def hook(sky: Sky) -> web.Application:
    """Return a chat's webhook."""

    async def take(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(middlewares=[sky.over("webhook")])
    app.router.add_route("*", "/{rest:.*}", take)
    return app


@asynccontextmanager
async def refusing_proxy(sky: Sky) -> AsyncIterator[str]:
    """Serve a proxy that lets nobody through, and tells everybody what it was told; yield host and port."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"CONNECT"):  # in the clear it sees everything, which allow_plain_http permits
                sky.sent["proxy"].append(head)
            told = [line.split(b" ")[-1].decode() for line in head.splitlines() if b"uthorization" in line]
            sky.learned.update(told)
            said = sky.said("proxy", *told)
            status = sky.now.status if sky.now else 407
            body = f"<html><head><title>{said}</title></head></html>"
            writer.write(
                f"HTTP/1.1 {status} {said}\r\nContent-Type: text/html\r\nContent-Length: {len(body.encode())}\r\n"
                f"Connection: close\r\n\r\n{body}".encode()
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
