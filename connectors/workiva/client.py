"""Workiva's attachments for programs of others: upload to phases, matrices and samples, and list."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import SecretStr

from connectors.workiva.config import WorkivaSettings
from connectors.workiva.connector import Workiva as Opened
from connectors.workiva.connector import open_workiva
from connectors.workiva.wire import WireAttachment
from migrator.core.ports.source import Memory, Notebook
from migrator.http.settings import HttpSettings


class Workiva:
    """Attachments of test forms' phases, matrices and samples (``workiva-api.md`` §9). Use it as an async context
    manager.

    ``owner``: the ids from the test form down: form and phase, then matrix, then sample.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        region: Literal["us", "eu", "apac"] | None = None,
        base_url: str = "",
        http: HttpSettings | None = None,
    ) -> None:
        self._settings = WorkivaSettings(
            client_id=client_id, client_secret=SecretStr(client_secret), region=region, base_url=base_url
        )
        self._http = http or HttpSettings()
        self._stack = AsyncExitStack()
        self._opened: Opened | None = None

    async def __aenter__(self) -> Self:
        self._opened = await self._stack.enter_async_context(open_workiva(self._settings, self._http, read_only=False))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def _inside(self) -> Opened:
        if self._opened is None:
            raise RuntimeError("open it first: async with Workiva(...) as workiva")
        return self._opened

    async def attachments(self, owner: Sequence[str]) -> Sequence[WireAttachment]:
        """Return the attachments: id and file name, nothing else is known (§6)."""
        return await self._inside.uploads.listed(tuple(owner))

    async def upload(self, owner: Sequence[str], file: Path, *, name: str = "", memory: Memory | None = None) -> str:
        """Attach a file and return the attachment's id; waits until Workiva has taken it (§9).

        An attachment of that name is taken for this one, so a name must say which file it is. ``memory`` keeps the
        address of an upload that was begun, so that a later process asks what became of it instead of sending again.
        ``Rejected`` when the file was not taken, ``TemporaryError`` when that is not known yet, ``ValueError`` for an
        owner that takes no files.
        """
        return await self._inside.uploads.send(tuple(owner), file, name or file.name, memory or Notebook())
