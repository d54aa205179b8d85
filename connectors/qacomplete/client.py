"""QAComplete's attachments for programs of others: list, add, download."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from connectors.qacomplete.api import QACompleteApi, UnexpectedAnswer
from connectors.qacomplete.config import SAAS_BASE_URL, SAAS_SOAP_URL
from connectors.qacomplete.content.soap import SoapAuth, SoapContent
from connectors.qacomplete.convert.files import FileAddress
from connectors.qacomplete.read.children import whole_list
from connectors.qacomplete.wire.items import WireFile
from migrator.core.ports.source import Content
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.multipart import file_part
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport

_TIMEOUT = 120.0
_MAX_BYTES = 50 * 1024 * 1024


class QAComplete:
    """Attachments of releases, defects, requirements, tests, test sets and test steps (``qacomplete-api.md`` §7). Use
    it as an async context manager.

    ``code``: the entity code, such as ``Tests``, ``Bugs`` or ``TestSteps`` (§5). Methods raise what ``Transport.call``
    raises; what adds or removes is sent once, ``OutcomeUnknown`` when its answer is lost.
    """

    def __init__(
        self,
        username: str,
        password: str,
        *,
        base_url: str = SAAS_BASE_URL,
        soap_url: str = SAAS_SOAP_URL,
        soap_app_code: str = "agSP",
        concurrency: int = 4,
        http: HttpSettings | None = None,
    ) -> None:
        secret = SecretStr(password)
        governor = Governor(rate=None, slots=concurrency, name="QAComplete")
        connect = partial(Transport, governor=governor, settings=http or HttpSettings(), timeout=_TIMEOUT)
        rest = connect(base_url, auth=BasicAuth(username, secret), name="QAComplete", setting="base_url")
        soap = connect(soap_url, auth=SoapAuth(secret), name="QAComplete's SOAP service", setting="soap_url")
        self._transports = (rest, soap)
        self._api = QACompleteApi(rest)
        self._content = SoapContent(soap, username, secret, soap_app_code)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for transport in self._transports:
            await self._opened.enter_async_context(transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    async def files(self, project: int, code: str, item: int) -> Sequence[WireFile]:
        """Return an item's attachments; ``UnexpectedAnswer`` when the list does not add up."""
        whole = await whole_list(partial(self._api.files, str(project), code, item))
        if whole.trouble:
            raise UnexpectedAnswer(f"the files of {code} {item} cannot be listed", cause=whole.trouble)
        return [WireFile.model_validate(row) for row in whole.rows]

    async def add_file(
        self, project: int, code: str, item: int, file: Path, *, title: str = "", comments: str = ""
    ) -> None:
        """Attach a file. Sent once: ``OutcomeUnknown`` when the answer is lost. The list is what proves it (§7.1).

        ``title``: at most 255 characters, default the file's name; ``comments`` in HTML.
        """
        part = file_part(file)
        await self._api.add_file(str(project), code, item, part, title=title or file.name, comments=comments)

    async def add_link(
        self, project: int, code: str, item: int, link: str, *, title: str = "", comments: str = ""
    ) -> None:
        """Attach a web address or a UNC path. That it can be done is documented (§7.3), how is not: it is sent as
        ``Link``, as the sister operation of automations has it. Look at the list afterwards."""
        await self._api.add_file(str(project), code, item, None, title=title or link, comments=comments, link=link)

    async def change_file(
        self, project: int, code: str, item: int, file: int, *, title: str | None = None, comments: str | None = None
    ) -> None:
        """Change an attachment's title or comments; None leaves what is there."""
        texts = {"Title": title, "Comments": comments}
        await self._api.change_file(str(project), code, item, file, {k: v for k, v in texts.items() if v is not None})

    async def replace_file(
        self,
        project: int,
        code: str,
        item: int,
        file: int,
        content: Path,
        *,
        title: str | None = None,
        comments: str = "",
    ) -> None:
        """Put other bytes, title and comments in the place of an attachment's; its id stays. ``title``: default the
        file's name. That it is a PUT is documented, the fields are assumed to be those of adding one."""
        texts = {"Title": title or content.name, "Comments": comments}
        await self._api.replace_file(str(project), code, item, file, file_part(content), texts)

    async def remove_file(self, project: int, code: str, item: int, file: int) -> None:
        """Delete an attachment, for good. 404: there is none, or not any more."""
        await self._api.remove_file(str(project), code, item, file)

    async def download(
        self, project: int, code: str, item: int, file: WireFile, target: Path, *, max_bytes: int = _MAX_BYTES
    ) -> Content:
        """Put a file at ``target`` by the SOAP service (§7.2), as it is stored there: perhaps in a ZIP.

        ``ContentTrouble`` when there are no bytes, or more than ``max_bytes``.
        """
        name = file.file_name or file.title or ""
        place = FileAddress(str(project), code, item, name, file.attachment_id or file.id, 0)
        return await self._content.fetch(place, target, max_bytes)
