"""What goes into the ``Authorization`` header."""

import base64
from typing import Literal, Protocol, runtime_checkable

from pydantic import SecretStr

from migrator.core.redact import remember_lasting


class Auth(Protocol):
    """Knows the header of one account, and what must never be shown."""

    def headers(self) -> dict[str, str]:
        """Return the headers to send with every call."""
        ...

    def secrets(self) -> tuple[str, ...]:
        """Return the texts to hide everywhere."""
        ...


@runtime_checkable
class RenewingAuth(Auth, Protocol):
    """Credentials that expire: looked at right before each request leaves, and renewed when one is refused."""

    async def prepare(self) -> None:
        """Make sure that ``headers`` are good now; raises what a call raises when that fails."""
        ...

    async def renew(self, refused: dict[str, str]) -> bool:
        """Make sure that ``headers`` are others than these, which were answered with 401; return whether they were
        fetched now, and not by somebody else before."""
        ...


class BasicAuth:
    """HTTP Basic with a UTF-8 login and password (``qacomplete-api.md`` §2)."""

    def __init__(self, username: str, password: SecretStr) -> None:
        self._pair = f"{username}:{password.get_secret_value()}"
        self._password = password
        remember_lasting(self.secrets())

    def headers(self) -> dict[str, str]:
        """Return the header."""
        return {"Authorization": f"Basic {self._token()}"}

    def secrets(self) -> tuple[str, ...]:
        """Return the password, and the pair that Basic encodes, as it is and encoded."""
        return (self._pair, self._password.get_secret_value(), self._token())

    def _token(self) -> str:
        return base64.b64encode(self._pair.encode()).decode()


class KeyAuth:
    """An API key behind a scheme word; QA Sphere takes ``Bearer`` and the older ``ApiKey`` (§1.2)."""

    def __init__(self, scheme: Literal["Bearer", "ApiKey"], key: SecretStr) -> None:
        self._scheme = scheme
        self._key = key

    def headers(self) -> dict[str, str]:
        """Return the header."""
        return {"Authorization": f"{self._scheme} {self._key.get_secret_value()}"}

    def secrets(self) -> tuple[str, ...]:
        """Return the key."""
        return (self._key.get_secret_value(),)
