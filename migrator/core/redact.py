"""Keeping secrets out of everything that leaves: one list of all that this process has come to know, which only grows.

Whoever learns a secret tells it here (``remember``): the config, credentials that are renewed, addresses that are
signed. Whoever lets a text out asks here (``hidden``), before anything of it is cut: database, reports, terminal, log,
webhook, health file. A secret of fewer than ``SHORTEST`` characters is none: hiding it would hide everything.

What a service answers as data is kept and sent on, so that it is searched for fewer secrets (``without_secrets``):
those of the config (``remember_lasting``), if no word of a text can be one.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from migrator.core.spelling import Spelling, decoded, holds_codes, spellings_of

HIDDEN = "•••"
HIDDEN_IN_DATA = "•••secret hidden•••"
SHORTEST = 4
_STRONG, _STRONG_IF_MIXED = 12, 8
_SIGNATURE = 12
_ROOM = 64 * 1024
_SIGNED = re.compile(r"sig|token|credential|secret|key|auth|password", re.IGNORECASE)
_ADDRESS = re.compile(r"\w+://[^@/?]*/?")
_CLASSES = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")))

T = TypeVar("T")


class Secrets:
    """Secrets in every spelling. ``mask``: what stands in their place."""

    def __init__(self, mask: str = HIDDEN) -> None:
        self._mask = mask
        self._known: set[str] = set()
        self._spellings: list[Spelling] = []

    def remember(self, secrets: Iterable[str]) -> None:
        """Take in secrets; those that are known cost next to nothing."""
        new = {secret for secret in secrets if len(secret) >= SHORTEST} - self._known
        if not new:
            return
        self._known |= new
        found = (spelling for secret in new for spelling in spellings_of(secret, SHORTEST))
        # another list: other threads, which write into the log, may go through this one
        self._spellings = sorted([*self._spellings, *found], key=lambda spelling: len(spelling.text), reverse=True)

    def forget(self) -> None:
        """Know none, as a new process."""
        self._known.clear()
        self._spellings = []

    def hidden(self, text: str) -> str:
        """Return the text with every spelling of every secret hidden, longer ones first."""
        plain = decoded(text) if self._known else text
        for spelling in self._spellings:
            if spelling.core in text or spelling.core in plain:
                text = spelling.pattern.sub(self._mask, text)
        return text

    def may_be_in(self, body: bytes | bytearray) -> bool:
        """Whether one may stand in a body: cheap, and never wrong when it says no."""
        return any(spelling.core_bytes in body for spelling in self._spellings) or (
            bool(self._known) and holds_codes(body)
        )


_SECRETS = Secrets()
_LASTING = Secrets(HIDDEN_IN_DATA)
remember: Callable[[Iterable[str]], None] = _SECRETS.remember
hidden: Callable[[str], str] = _SECRETS.hidden


def remember_lasting(secrets: Iterable[str]) -> None:
    """Remember secrets of the config; those that are no words are hidden in data, too."""
    known = list(secrets)
    remember(known)
    _LASTING.remember(filter(is_strong, known))


def is_strong(secret: str) -> bool:
    """Whether a secret is none that a text holds by chance: 12 characters, or 8 of three kinds; no mere address."""
    if _ADDRESS.fullmatch(secret):
        return False
    kinds = sum(bool(kind.search(secret)) for kind in _CLASSES)
    return len(secret) >= _STRONG or (len(secret) >= _STRONG_IF_MIXED and kinds >= 3)


def without_secrets(document: T, body: bytes | bytearray) -> T:
    """Return an answer's ``document`` with the strong secrets of the config hidden. ``body``: its bytes."""
    return _hidden_in(document, _LASTING.hidden) if _LASTING.may_be_in(body) else document


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
    return _hidden_in(value, hidden)  # type: ignore[no-any-return]


def _hidden_in(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {key: _hidden_in(inner, hide) for key, inner in value.items()}
    return [_hidden_in(inner, hide) for inner in value] if isinstance(value, list | tuple) else value
