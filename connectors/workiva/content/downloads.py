"""Downloads: an operation is started, asked about until it has ended, and what it points to is fetched (§8)."""

from collections.abc import Collection
from pathlib import Path as FilePath

import anyio

from connectors.workiva.api import WorkivaApi, is_refusal
from connectors.workiva.content.operations import Operations, StartAgain
from migrator.core.errors import AnswerSpoilt, ContentTrouble, Rejected, TemporaryError
from migrator.core.model import Attachment
from migrator.core.plural import number
from migrator.core.ports.source import Content, FileLimit, Memory
from migrator.core.ports.traffic import Traffic
from migrator.core.refs import EXPORT
from migrator.http.download import Downloaded, Pages, pages_for
from migrator.http.origins import AddressRules, resolved
from migrator.http.transport import Transport

_STARTS = 2
_EXPORT_IDS = 2
_OWNERS = {3: "phase", 4: "matrix", 5: "sample"}
"""What the attachment hangs on, by how many ids it has."""
_NEXT_STEP = "look at it in Workiva; then `migrator retry --files`"


_QUESTIONS = 3
"""How often an operation is asked about, as long as no ``apply`` has measured it."""


class Downloads:
    """Implements ``FileSource``. ``ahead``: how many operations at the same time; ``trusted``: hosts that may get the
    token, should they ask for it."""

    def __init__(
        self, api: WorkivaApi, transport: Transport, operations: Operations, *, ahead: int, trusted: Collection[str]
    ) -> None:
        self._api = api
        self._transport = transport
        self._operations = operations
        self._ahead = anyio.CapacityLimiter(ahead)
        self._trusted = tuple(trusted)
        self._begun: dict[str, str] = {}

    @property
    def at_once(self) -> int:
        """How many files are worth asking for side by side."""
        return int(self._ahead.total_tokens)

    @property
    def limit(self) -> FileLimit:
        """What a file costs: it is begun, asked about while it is made and when it is done, and fetched."""
        questions, calls = self._operations.rate, self._transport.governor.documented_rate
        by_questions = questions / _QUESTIONS
        by_calls = calls / 2 if calls else by_questions
        words = (
            f"{number(questions, 'question')} about operations a second"
            if by_questions <= by_calls
            else f"{number(calls or 0, 'request')} a second"
        )
        requests = {"begin a download": 1, "ask about an operation": _QUESTIONS, "fetch a file": 1}
        return FileLimit(requests=requests, files_per_second=min(by_questions, by_calls), words=words)

    def waiting_for(self) -> str:
        """Say what holds downloads up."""
        return self._operations.waiting_for()

    def questions(self) -> Traffic:
        """Return how many questions about operations were asked."""
        return self._operations.traffic()

    async def begin_export(self, export: Attachment, *, now: bool) -> str:
        """Begin an export that will be fetched later; return why Workiva makes none, empty when nothing says so.
        ``now`` False: what fails may be begun when it is fetched, because there is none that could stay instead."""
        try:
            reply = await self._api.begin(*self._beginning(export), repeatable=True)
            self._begun[export.ref.marker] = self._operations.address(reply)
        except Rejected as error:
            return error.cause
        except (StartAgain, TemporaryError) as error:
            return str(error) if now else ""  # fetching tries again, and says what became of it
        return ""

    async def fetch(self, attachment: Attachment, target: FilePath, *, max_bytes: int, memory: Memory) -> Content:
        """Download an attachment. The address of its operation is kept, so that another process asks on."""
        begin = self._beginning(attachment)
        async with self._ahead:  # first come, first served
            known = memory.recall() or self._begun.pop(attachment.ref.marker, None)
            starts = _STARTS
            if known is not None:
                starts += 1  # that one may be long gone
            while True:
                starts -= 1
                try:
                    known = known or await self._started(attachment, begin, memory)
                    return await self._finished(attachment, known, target, max_bytes, memory)
                except StartAgain as end:
                    known = None
                    memory.keep(None)
                    if starts <= 0:
                        raise self._trouble(attachment, end) from end

    async def fetch_picture(self, address: str, target: FilePath, *, max_bytes: int) -> Content:
        """Refuse every address: cells are plain text, so none can stand in one."""
        raise ContentTrouble(
            f"the picture at {address.partition('?')[0]} cannot be had",
            "no_image" if AddressRules(self._transport.base_url).gets_credentials(address) else "foreign",
            cause=f"texts of Workiva show no pictures; nothing was put at {target.name}, of at most {max_bytes} bytes",
        )

    def _beginning(self, attachment: Attachment) -> tuple[str, object]:
        """Return the path and the body of the call that begins the operation."""
        ids = attachment.ref.ids
        if _is_export(attachment):
            return f"{self._api.path(ids[:1])}/export", {"format": "xlsx"}
        if len(ids) not in _OWNERS or "named" in ids:
            raise ContentTrouble(
                f"the file {attachment.title!r} cannot be had from Workiva",
                "no_route",
                cause="its API shows the names of such files, but gives no way to download them",
                next_step="download it in Workiva and add it by hand",
            )
        return f"{self._api.attachments(ids[:-1])}{self._api.one(ids[-1])}/download", None

    async def _started(self, attachment: Attachment, begin: tuple[str, object], memory: Memory) -> str:
        try:
            reply = await self._api.begin(*begin, repeatable=True)  # another operation does no harm (§8)
        except Rejected as error:
            if _is_export(attachment):
                # nobody asked for it, so it is no failure that the grant or the service gives none
                raise self._trouble(attachment, StartAgain("no_route", error.cause)) from error
            gone = is_refusal(error, 404, 410)
            raise self._trouble(attachment, StartAgain("missing" if gone else "refused", error.cause)) from error
        address = self._operations.address(reply)
        memory.keep(address)
        await self._operations.first_wait(reply)
        return address

    async def _finished(
        self, attachment: Attachment, address: str, target: FilePath, max_bytes: int, memory: Memory
    ) -> Content:
        operation = await self._operations.finished(address)
        if not operation.resource:
            raise StartAgain("missing", "the operation has completed, but does not say where the file is")
        where = resolved(address, operation.resource)
        if refusal := AddressRules(self._transport.base_url, self._trusted).refusal(where):
            raise StartAgain("foreign", f"the file's address is not asked: {refusal}")
        pages = pages_for(attachment.title)
        try:
            found = await self._fetched(where, target, max_bytes, pages)
        except AnswerSpoilt as error:
            raise StartAgain(error.reason, error.cause) from error
        except Rejected as error:  # the address lives a short time only
            raise StartAgain("missing" if is_refusal(error, 404, 410) else "refused", error.cause) from error
        memory.keep(None)
        return Content(found.size, found.sha256, found.content_type)

    async def _fetched(self, url: str, target: FilePath, max_bytes: int, pages: Pages) -> Downloaded:
        """Fetch without the token beyond the API's own host; with it where the host is trusted and asks for it."""
        try:
            return await self._transport.download(url, target, max_bytes=max_bytes, pages=pages)
        except Rejected as error:
            if not self._trusted or not is_refusal(error, 401, 403):
                raise
        return await self._transport.download(url, target, max_bytes=max_bytes, pages=pages, trusted=self._trusted)

    def _trouble(self, attachment: Attachment, end: StartAgain) -> ContentTrouble:
        owner = "test form" if _is_export(attachment) else _OWNERS.get(len(attachment.ref.ids), "test form")
        return ContentTrouble(
            f"the file {attachment.title!r} of a {owner} cannot be had from Workiva",
            end.reason,
            cause=str(end),
            next_step=_NEXT_STEP,
        )


def _is_export(attachment: Attachment) -> bool:
    ref = attachment.ref
    return ref.kind == EXPORT or (len(ref.ids) == _EXPORT_IDS and ref.ids[-1] == EXPORT)
