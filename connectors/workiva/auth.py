"""Tokens: ten minutes long, fetched once for everybody, read when a request leaves (``workiva-api.md`` §2)."""

from collections.abc import Callable
from typing import Any

import anyio

from connectors.workiva.config import WorkivaSettings
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, ConfigError, Rejected
from migrator.http.transport import Transport

_AHEAD = 60.0
_AHEAD_SHARE = 0.1
_UNSAID = 600.0
_SCOPE = "graph:read"


class VersionOnly:
    """What the call for a token carries: the generation, and no credentials in the headers."""

    def __init__(self, settings: WorkivaSettings) -> None:
        self._headers = {"X-Version": settings.api_version}
        self._secret = settings.client_secret.get_secret_value()

    def headers(self) -> dict[str, str]:
        """Return the header; every call to the API's own host carries it (§1)."""
        return dict(self._headers)

    def secrets(self) -> tuple[str, ...]:
        """Return the client secret."""
        return (self._secret,)


class TokenAuth:
    """Implements ``RenewingAuth``. ``transport`` carries the calls for tokens; ``clock`` in seconds."""

    def __init__(
        self, settings: WorkivaSettings, transport: Transport, clock: Callable[[], float] = anyio.current_time
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._lock = anyio.Lock()
        self._tokens: list[str] = []
        self._good_until = 0.0
        self.scopes: frozenset[str] = frozenset()

    def headers(self) -> dict[str, str]:
        """Return the token of the moment, and the generation."""
        version = {"X-Version": self._settings.api_version}
        return version | ({"Authorization": f"Bearer {self._tokens[-1]}"} if self._tokens else {})

    def secrets(self) -> tuple[str, ...]:
        """Return the client secret and every token that may still be good."""
        return (self._settings.client_secret.get_secret_value(), *self._tokens)

    async def prepare(self) -> None:
        """Fetch a token when there is none or it is about to expire."""
        if self._clock() < self._good_until:
            return
        async with self._lock:
            if self._clock() >= self._good_until:
                await self._fetch()

    async def renew(self, refused: dict[str, str]) -> bool:
        """Fetch another token, unless somebody has done so since; return whether it was fetched now."""
        async with self._lock:
            if refused != self.headers():
                return False
            await self._fetch()
            return True

    async def _fetch(self) -> None:
        answer = await self._asked()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise self._elsewhere("the answer holds no access_token")
        scope = answer.get("scope")
        self.scopes = frozenset(scope.replace(",", " ").split()) if isinstance(scope, str) else frozenset()
        if self.scopes and _SCOPE not in self.scopes:
            raise AuthenticationError(
                f"the Workiva API grant of {self._settings.client_id} may not read test forms",
                code=ErrorCode.PERMISSION,
                cause=f"it grants {' '.join(sorted(self.scopes))}, but not {_SCOPE}",
                next_step="give the grant that scope, or set source.client_id to one that has it",
            )
        lasts = answer.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) and lasts > 0 else _UNSAID
        self._tokens = [*self._tokens[-1:], token]
        self._good_until = self._clock() + seconds - min(_AHEAD, seconds * _AHEAD_SHARE)

    async def _asked(self) -> Any:
        fields = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
        }
        try:
            return (
                await self._transport.ask("POST", self._settings.token_path, fields=fields, repeatable=True)
            ).document
        except AuthenticationError as error:
            raise self._refused(error.cause) from error
        except Rejected as error:
            if error.status in (400, 403):  # which code goes with which cause is not stated (§2)
                raise self._refused(error.cause) from error
            raise self._elsewhere(error.cause) from error

    def _refused(self, cause: str) -> AuthenticationError:
        return AuthenticationError(
            "Workiva refused the API grant",
            cause=cause,
            next_step="check source.client_id and source.client_secret, when the grant expires, and its IP allow-list",
        )

    def _elsewhere(self, cause: str) -> ConfigError:
        return ConfigError(
            f"there is no Workiva API of {self._settings.api_version} at {self._settings.base_url}",
            code=ErrorCode.WRONG_SERVICE,
            cause=cause,
            next_step="check source.base_url (or source.region) and source.api_version",
        )
