"""Keeping secrets out of everything that leaves: one list of all that this process has come to know, which only grows.

Whoever learns a secret tells it here (``remember``): the config, credentials that are renewed, addresses that are
signed. Whoever lets a text out asks here (``hidden``), before anything of it is cut: database, reports, terminal, log,
webhook, health file. A secret of fewer than ``SHORTEST`` characters is none: hiding it would hide everything.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

HIDDEN = "•••"
SHORTEST = 4
_SIGNATURE = 12
_ROOM = 64 * 1024
_SIGNED = re.compile(r"sig|token|credential|secret|key|auth|password", re.IGNORECASE)
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")

T = TypeVar("T")


class Secrets:
    """Secrets in every spelling."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def remember(self, secrets: Iterable[str]) -> None:
        """Take in secrets; those that are known cost next to nothing."""
        new = {secret for secret in secrets if len(secret) >= SHORTEST} - self._known
        if not new:
            return
        self._known |= new
        found = {spelling for secret in self._known for spelling in spellings(secret)}
        self._pattern = re.compile("|".join(re.escape(text) for text in sorted(found, key=len, reverse=True)))

    def hidden(self, text: str) -> str:
        """Return the text with every spelling of every secret hidden, longer ones first."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


_SECRETS = Secrets()
remember: Callable[[Iterable[str]], None] = _SECRETS.remember
hidden: Callable[[str], str] = _SECRETS.hidden


def beginning(text: str, size: int) -> str:
    """Return the first ``size`` characters of a foreign text without secrets, none of which is cut before it is
    seen."""
    return hidden(text[: size + _ROOM])[:size]


def remember_addresses(*urls: str) -> None:
    """Remember the passwords in addresses, and what signs them, such as the one that a storage gives for an upload."""
    for parts in map(urlsplit, urls):
        if parts.query:
            signs = (value for name, value in parse_qsl(parts.query) if _SIGNED.search(name))
            remember(value for value in signs if len(value) >= _SIGNATURE)
        if parts.password:
            word = unquote(parts.password)
            pair = f"{unquote(parts.username or '')}:{word}"
            # as a header carries it; which code page is up to the library
            tokens = [base64.b64encode(pair.encode(name, "replace")).decode() for name in ("latin-1", "utf-8")]
            remember([parts.password, word, pair, *tokens])


def hidden_in(value: T) -> T:
    """Return a JSON-like value with the secrets in its texts hidden; keys stay."""
    return _hidden_in(value)  # type: ignore[no-any-return]


def _hidden_in(value: Any) -> Any:
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, Mapping):
        return {key: _hidden_in(inner) for key, inner in value.items()}
    return [_hidden_in(inner) for inner in value] if isinstance(value, list | tuple) else value


def spellings(secret: str) -> set[str]:
    """Return the secret as text, percent-encoded in both cases, escaped for JSON and HTML, and in base64: as it is, and
    as whoever takes one code page for another makes it."""
    found = _spellings(secret, secret.encode(errors="surrogatepass"))
    if not secret.isascii():
        wide, narrow, plain = (secret.encode(name, "replace") for name in ("utf-8", "latin-1", "ascii"))
        for data in (wide, narrow, plain):
            for text in (data.decode("latin-1"), data.decode("utf-8", "replace")):
                # a text of question marks is nobody's secret any more
                if len(text.replace("?", "").replace("\ufffd", "")) >= SHORTEST:
                    found |= _spellings(text, data)
    return found


def _spellings(secret: str, data: bytes) -> set[str]:
    encoded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()}
    quoted = {quote(data, safe=""), quote(data), quote_plus(data)}
    quoted |= {_ESCAPED.sub(lambda found: found[0].lower(), text) for text in quoted}
    jsons = {json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False)}
    jsons |= {text.replace("/", "\\/") for text in jsons}
    htmls = {html.escape(secret, quote=False), html.escape(secret), html.escape(secret).replace("&#x27;", "&#39;")}
    htmls |= {text.replace("&quot;", "&#34;") for text in htmls}
    htmls |= {text.encode("ascii", "xmlcharrefreplace").decode() for text in htmls}
    return {secret, *encoded, *(text.rstrip("=") for text in encoded), *quoted, *jsons, *htmls}
