"""What all routes share: generations, tokens, scopes, pages, and the shape of errors (§1-§4)."""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qs, urlencode

import anyio
from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.workiva.sandbox.switches import Switches
from migrator.standin.limits import Limit, limit_of

T = TypeVar("T")
VERSIONS = {"": "2026-01-01", "/platform/v1": "2022-01-01"}
_PHRASES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
    409: "Conflict", 413: "PayloadTooLarge",
    429: "TooManyRequests", 500: "InternalServerError", 502: "BadGateway", 503: "ServiceUnavailable",
}  # fmt: skip


class Refused(Exception):
    """The request is refused with this status. ``target``: what it is about."""

    def __init__(self, status: int, message: str, target: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.target = target
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Token:
    client: str
    scopes: frozenset[str]
    until: float


class TokenService:
    """Gives tokens and checks them. ``clients``: id → secret and scopes."""

    def __init__(self, switches: Switches, clients: dict[str, tuple[str, frozenset[str]]]) -> None:
        self.switches = switches
        self._clients = clients
        self._tokens: dict[str, _Token] = {}
        self._limits: dict[str, Limit] = {}
        self.tokens_given = 0

    def expire_tokens(self) -> None:
        """Make every token that was given invalid at once."""
        self._tokens.clear()

    def token_of(self, prefix: str) -> Handler:
        """Return the handler of a generation's token path; the other generation finds nothing there (§1)."""

        async def token(request: web.Request) -> web.StreamResponse:
            self._of_generation(request, prefix)
            return await self._token(request)

        return token

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        fields = {name: str(value) for name, value in form.items()}
        if (
            request.content_type != "application/x-www-form-urlencoded"
            or fields.get("grant_type") != "client_credentials"
        ):
            return _iam_error(400, "invalid_request")
        secret, scopes = self._clients.get(fields.get("client_id", ""), ("", frozenset[str]()))
        if not secret or fields.get("client_secret") != secret:
            return _iam_error(401, "unauthorized_client")
        asked = frozenset(fields.get("scope", "").split())
        if not asked <= scopes:
            return _iam_error(400, "invalid_scope")
        token, lasts = secrets.token_urlsafe(24), self.switches.token_seconds
        self._tokens[token] = _Token(fields["client_id"], asked or scopes, anyio.current_time() + lasts)
        self.tokens_given += 1
        answer = {"access_token": token, "expires_in": lasts, "scope": " ".join(sorted(asked or scopes))}
        return web.json_response({**answer, "token_type": "bearer"})

    @web.middleware
    async def refusals(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer what is refused in the vendor's shape."""
        try:
            return await handler(request)
        except Refused as refused:
            answer = error_answer(refused.status, str(refused), refused.target)
            if refused.retry_after is not None:
                answer.headers["Retry-After"] = f"{refused.retry_after:g}"
            return answer
        except web.HTTPException as error:
            return error_answer(error.status, "there is nothing here that could be done like this")

    def admit(self, request: web.Request, prefix: str, scope: str | None) -> str:
        """Return the client that asks; refuse the wrong generation, token or scope (§1, §2)."""
        self._of_generation(request, prefix)
        return self._client(request, scope)

    def admit_any(self, request: web.Request) -> None:
        """Refuse who has no token; for the private areas, which belong to no generation."""
        self._client(request, None)

    @staticmethod
    def _of_generation(request: web.Request, prefix: str) -> None:
        version = request.headers.get("X-Version")
        if version is not None and version not in VERSIONS.values():
            raise Refused(400, f"unknown version {version}", "X-Version")
        if version != VERSIONS[prefix] and not (prefix and version is None):
            raise Refused(404, "there is nothing here in this version")

    def _client(self, request: web.Request, scope: str | None) -> str:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        token = self._tokens.get(text)
        if scheme.lower() != "bearer" or token is None or token.until <= anyio.current_time():
            raise Refused(401, "the token is missing, unknown or has expired")
        if scope is not None and scope not in token.scopes:
            raise Refused(403, f"the token lacks the scope {scope}")
        return token.client

    def pace(self, client: str) -> None:
        """Refuse more questions about operations than the limit allows (§7)."""
        rate = self.switches.polls_per_second
        if rate is None:
            return
        limit = self._limits.setdefault(client, limit_of(rate, "log"))
        if not limit.allows(anyio.current_time()):
            raise Refused(429, "too many requests", retry_after=1 / rate if self.switches.polls_name_pause else None)

    # --- lists --------------------------------------------------------------------------------------------------------

    def expansion(self, request: web.Request, known: set[str]) -> set[str]:
        """Return the values of ``$expand``; refuse unknown ones (§4)."""
        asked = {part.strip() for part in request.query.get("$expand", "").split(",") if part.strip()}
        if asked - known or (asked and not self.switches.expands):
            raise Refused(400, f"cannot expand {', '.join(sorted(asked))}", "$expand")
        return asked

    def page(self, request: web.Request, items: list[T]) -> tuple[list[T], str | None]:
        """Return the items of the page that is asked for, and the link to the next one (§4)."""
        size, offset = self.switches.page_size, self._offset(request)
        if self.switches.sized:
            size = min(size, int(request.query.get("$maxpagesize", size)))
        following = offset + size
        return items[offset:following], self._link(request, following) if following < len(items) else None

    def listed(self, rows: list[dict[str, Any]], link: str | None) -> web.Response:
        """Answer a page of rows."""
        document: dict[str, Any] = {"data": rows}
        if link is not None:
            document["@nextLink"] = link
        elif self.switches.nulls:
            document["@nextLink"] = None
        return to_json(document)

    @staticmethod
    def _offset(request: web.Request) -> int:
        cursor = request.query.get("$next")
        if cursor is None:
            return 0
        try:
            decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), validate=True).decode()
            return int(parse_qs(decoded)["$offset"][0])
        except (binascii.Error, UnicodeDecodeError, KeyError, ValueError):
            raise Refused(400, "the cursor is not valid", "$next") from None

    def _link(self, request: web.Request, offset: int) -> str:
        style = self.switches.links
        offset = 0 if style == "loop" else offset
        text = urlencode({"$limit": self.switches.page_size, "$offset": offset})
        cursor = base64.b64encode(text.encode()).decode().rstrip("=")
        kept = {name: value for name, value in request.query.items() if name != "$next"}
        if not self.switches.links_expand:
            kept.pop("$expand", None)
        query = "?" + urlencode({**kept, "$next": cursor})
        if style == "bare":
            return cursor
        if style == "query":
            return query
        if style == "path":
            return request.path + query
        origin = "https://elsewhere.example" if style == "foreign" else str(request.url.origin())
        return origin + request.path + query


def error_answer(status: int, message: str, target: str = "") -> web.Response:
    """Return an error (§3)."""
    document = {"code": f"{status}{_PHRASES.get(status, 'Error')}", "message": message, "version": "2026-01-01"}
    document["documentationUrl"] = "https://developers.workiva.example/errors"
    return web.json_response({**document, "target": target} if target else document, status=status)


def _iam_error(status: int, error: str) -> web.Response:
    return web.json_response({"error": error, "error_description": "see the API grant"}, status=status)


def missing(what: str) -> NoReturn:
    """Refuse because something is not there."""
    raise Refused(404, f"there is no such {what}")


async def document_of(request: web.Request) -> Any:
    """Return the JSON of a request; refuse what is none."""
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON", "body") from None


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return the JSON object of a request; refuse anything else."""
    document = await document_of(request)
    if not isinstance(document, dict):
        raise Refused(400, "the body is not an object", "body")
    return document


def to_json(document: dict[str, Any], status: int = 200) -> web.Response:
    """Answer compact JSON."""
    return web.json_response(document, status=status, dumps=lambda value: json.dumps(value, separators=(",", ":")))
