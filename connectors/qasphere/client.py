"""The client as others use it: an address and a key, everything else inside."""

from types import TracebackType
from typing import Literal, Self

from pydantic import SecretStr

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.config import QASphereSettings
from connectors.qasphere.open import make_transport
from migrator.http.settings import HttpSettings


class QASphere(QASphereApi):
    """QA Sphere's public API. Use it as an async context manager.

    ``url``: ``https://COMPANY.REGION.qasphere.com``. Calls are paced to ``requests_per_second``, at most
    ``concurrency`` at a time, and wait together when the server asks for a pause. Reads, folder upserts, closing a run
    and uploads are repeated after trouble on the way; creates are not: ``OutcomeUnknown`` says that one may or may not
    have taken effect. ``read_only``: every write is refused before it leaves.

    ``ValidationError`` for settings that cannot be, ``ConfigError`` for an address that is no web address.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        requests_per_second: float = 20,
        concurrency: int = 16,
        auth_scheme: Literal["bearer", "apikey"] = "bearer",
        read_only: bool = False,
        http: HttpSettings | None = None,
    ) -> None:
        settings = QASphereSettings(
            base_url=url,
            api_key=SecretStr(key),
            requests_per_second=requests_per_second,
            concurrency=concurrency,
            auth_scheme=auth_scheme,
        )
        super().__init__(make_transport(settings, http or HttpSettings()), read_only=read_only)

    @classmethod
    def of(cls, settings: QASphereSettings, http: HttpSettings) -> Self:
        """Return the client for the blocks of a config."""
        return cls(
            settings.base_url,
            settings.api_key.get_secret_value(),
            requests_per_second=settings.requests_per_second,
            concurrency=settings.concurrency,
            auth_scheme=settings.auth_scheme,
            http=http,
        )

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)
