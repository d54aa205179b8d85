"""The bytes of attachments: whoever provides them, what arrives is checked here."""

from pathlib import Path
from typing import Protocol

from anyio import to_thread

from connectors.qacomplete.content.part_file import discard
from connectors.qacomplete.content.unzip import unwrapped
from connectors.qacomplete.convert.files import FileAddress, address_of, lies_elsewhere
from migrator.core.errors import (
    AnswerSpoilt,
    ContentReason,
    ContentTrouble,
    MigratorError,
    Rejected,
)
from migrator.core.model import Attachment
from migrator.core.ports.source import Content

_REFUSALS: dict[int | None, ContentReason] = {404: "missing", 410: "missing", 401: "refused", 403: "refused"}


class Provider(Protocol):
    """Puts the bytes of a file at ``target``, whole, or leaves nothing there. Raises what a call raises."""

    async def fetch(self, place: FileAddress, target: Path, max_bytes: int) -> Content:
        """Return what arrived."""
        ...

    async def check(self) -> str:
        """Prove as far as that is cheap that bytes can be had, and say where they come from."""
        ...


class NoContent:
    """``attachments: none``."""

    async def fetch(self, place: FileAddress, target: Path, max_bytes: int) -> Content:  # noqa: ARG002 - a provider's
        """Say that nothing is read."""
        raise ContentTrouble(
            f"the bytes of {place.name} are not read",
            "missing",
            cause="source.attachments is none",
            next_step="set source.attachments to soap, rest or folder, then run again",
        )

    async def check(self) -> str:
        """Say that nothing is read."""
        return "no bytes are read: source.attachments is none"


class Contents:
    """Fetches attachments from one provider."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @property
    def gives_files(self) -> bool:
        """Whether any bytes are read."""
        return not isinstance(self._provider, NoContent)

    async def check(self) -> str:
        """Prove as far as that is cheap that bytes can be had, and say where they come from."""
        return await self._provider.check()

    async def fetch(self, attachment: Attachment, target: Path, max_bytes: int) -> Content:
        """Put the file at ``target``; as ``FileSource.fetch``. What the server had wrapped into a ZIP is unwrapped."""
        name = attachment.title
        if lies_elsewhere(attachment):
            raise ContentTrouble(f"{name} is only an address", "missing", cause="QAComplete does not hold its bytes")
        place = address_of(attachment)
        if place is None:
            raise ContentTrouble(name, "missing", cause="QAComplete did not list what it holds")
        try:
            content = await self._provider.fetch(place, target, max_bytes)
            return await unwrapped(target, name, content, max_bytes)
        except (Rejected, AnswerSpoilt) as error:
            raise as_content_trouble(name, error) from error
        except BaseException:
            discard(target)
            raise


def as_content_trouble(name: str, error: Rejected | AnswerSpoilt) -> ContentTrouble:
    """Return what a refusal, or an answer that was spoilt every time, means for one file."""
    reason = error.reason if isinstance(error, AnswerSpoilt) else _REFUSALS.get(error.status, "unreadable")
    return content_trouble(name, reason, error)


def content_trouble(name: str, reason: ContentReason, error: MigratorError) -> ContentTrouble:
    """Return the trouble of a file, with its cause."""
    return ContentTrouble(f"QAComplete does not give {name}", reason, cause=str(error))


async def beginning(path: Path, length: int) -> bytes:
    """Return the first bytes of a file."""

    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(length)

    return await to_thread.run_sync(read)
