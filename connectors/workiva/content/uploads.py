"""Uploads: a file becomes an attachment of a phase, a matrix or a sample (§9). Once, however often it is asked for."""

from collections.abc import Collection, Sequence
from pathlib import Path as FilePath

from connectors.workiva.api import Path, WorkivaApi
from connectors.workiva.content.operations import Operations, StartAgain
from connectors.workiva.wire import WireAttachment
from migrator.core.errors import Rejected, TemporaryError
from migrator.core.ports.destination import Hooks
from migrator.core.ports.source import Memory
from migrator.http.multipart import file_part
from migrator.http.origins import AddressRules, resolved
from migrator.http.transport import Reply, Transport

_MEDIA_TYPE = "application/octet-stream"
_OWNER_DEPTHS = (2, 3, 4)


class Uploads:
    """Sends files. ``trusted``: hosts beside the API's own that get the token with the bytes."""

    def __init__(
        self, api: WorkivaApi, transport: Transport, operations: Operations, *, trusted: Collection[str]
    ) -> None:
        self._api = api
        self._transport = transport
        self._operations = operations
        self._trusted = tuple(trusted)
        self._earlier = 0

    def waiting_for(self) -> str:
        """Say how many uploads are asked about whose bytes were leaving when an earlier process ended."""
        longest = self._operations.longest
        return f"what became of {self._earlier} earlier uploads, up to {longest:g} s" if self._earlier else ""

    async def send(self, owner: Path, file: FilePath, name: str, memory: Memory) -> str:
        """Attach a file under ``name``, and return the attachment's id. ``owner``: the ids from the form down.

        An attachment of that name is taken for this one, so a name must say which file it is. ``OutcomeUnknown``
        when the start may have taken effect (nothing hangs there without bytes, so it may be asked for again),
        ``TemporaryError`` and ``Rejected`` as usual, the latter also when Workiva did not take the file.
        """
        if len(owner) not in _OWNER_DEPTHS:
            raise ValueError("only phases, matrices and samples take attachments")
        if (known := memory.recall()) is not None:
            self._earlier += 1
            try:
                found = await self._outcome(owner, name, known, memory)
            finally:
                self._earlier -= 1
            if found is not None:
                return found
        if found := await self._listed(owner, name):
            return found
        path = f"{self._api.path(owner)}/attachmentUpload"
        reply = await self._api.begin(path, {"fileName": name}, repeatable=False)
        try:
            address = self._operations.address(reply)
        except StartAgain as end:
            raise Rejected(f"Workiva cannot take the file {name}", cause=str(end)) from end

        async def intend() -> None:
            # right before the first byte leaves: until then another upload may begin at once, afterwards it is asked
            # what this one has come to
            memory.keep(address)

        await self._transport.put(
            self._target(reply, address),
            file_part(file, name, _MEDIA_TYPE),
            trusted=self._trusted,
            hooks=Hooks(before_send=intend, sent=lambda: None),
        )
        await self._operations.first_wait(reply)
        found = await self._outcome(owner, name, address, memory)
        if found is None:
            raise Rejected(
                f"Workiva did not take the file {name}",
                cause=f"no attachment of that name hangs on {self._api.path(owner)} after its upload",
                next_step="run the same command again; it looks before it sends",
            )
        return found

    async def _outcome(self, owner: Path, name: str, address: str, memory: Memory) -> str | None:
        """Ask until the operation ends, and return the attachment it made, if any."""
        try:
            await self._operations.finished(address)
        except StartAgain as end:
            if not end.is_over:
                raise TemporaryError(
                    f"Workiva has not taken the file {name} yet",
                    cause=str(end),
                    next_step="run the same command again later; it asks on before it sends anything again",
                ) from end
        # what hangs there decides, not what the operation says
        memory.keep(None)
        return await self._listed(owner, name)

    async def listed(self, owner: Path) -> Sequence[WireAttachment]:
        """Return what hangs on a phase, a matrix or a sample."""
        return [WireAttachment.model_validate(row) for row in await self._api.whole(self._api.attachments(owner))]

    async def _listed(self, owner: Path, name: str) -> str | None:
        return next((row.id for row in await self.listed(owner) if row.file_name == name), None)

    def _target(self, reply: Reply, address: str) -> str:
        """Return where the bytes go; from https only to https."""
        link = reply.document.get("uploadUrl") if isinstance(reply.document, dict) else None
        where = resolved(address, str(link or ""))
        rules = AddressRules(self._transport.base_url, self._trusted)
        refusal = rules.refusal(where) if link else "it gives no uploadUrl"
        if refusal:
            raise Rejected("Workiva would not say where to send the file", cause=refusal)
        return where
