"""Telling a webhook what ``sync`` did. Whether it can be told never decides how a round ends."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from migrator.config import NotifySettings
from migrator.core.errors import MigratorError
from migrator.core.redact import hidden, hidden_in, remember
from migrator.http.answers import nothing
from migrator.http.governor import Governor
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

_TIMEOUT = 10.0
_LIMITS = RetryLimits(attempts=3, connect_attempts=3, total=30.0, throttled_total=30.0)


class _SecretPath:
    """No credentials beside the address, whose path is one."""

    def __init__(self, path: str) -> None:
        self._path = path

    def headers(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def secrets(self) -> tuple[str, ...]:
        """Return the path with its query."""
        return (self._path,) if self._path.strip("/") else ()


async def notify(settings: NotifySettings, http: HttpSettings, message: Mapping[str, Any]) -> str:
    """POST the message as JSON, a few times if need be. Return why it could not be delivered; empty when it was."""
    url = settings.url.get_secret_value()
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    path = url.removeprefix(origin)
    remember([path] if path.strip("/") else [])
    try:
        async with Transport(
            origin,
            auth=_SecretPath(path),
            governor=Governor(rate=None, slots=1, name="the webhook"),
            settings=http,
            name="the webhook",
            timeout=_TIMEOUT,
            setting="notify.url",
            limits=_LIMITS,
        ) as transport:
            body = orjson.dumps(hidden_in(dict(message)))
            await transport.exchange(path, body, headers={"Content-Type": "application/json"}, reader=nothing)
    except MigratorError as error:
        return hidden(str(error))
    return ""
