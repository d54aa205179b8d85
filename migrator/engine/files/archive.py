"""The offline archive: files of items that have no place for files in QA Sphere, such as requirements and defects."""

from collections.abc import Iterator
from itertools import islice

import anyio

from migrator.core.drafts import FILE_NAME_LIMIT, FileDraft, FromAttachment
from migrator.core.errors import ContentTrouble, TemporaryError
from migrator.core.events import Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.model import Attachment
from migrator.core.records import Round
from migrator.engine.files.fetch import Fetcher, note_of
from migrator.engine.files.spool import FileRoute
from migrator.engine.stop import Stop
from state.store import Store

_CHUNK = 200


class ArchiveKeeper:
    """Downloads what no case lists into the archive of the workspace, each file once."""

    def __init__(self, store: Store, project: str, route: FileRoute, listener: Listener, stop: Stop) -> None:
        self._store = store
        self._project = project
        self._at_once = route.at_once
        self._spool = route.spool
        self._fetcher = Fetcher(store, route.source, route.spool, project)
        self._listener = listener
        self._stop = stop
        self._number = 0
        self._done = 0

    async def keep(self, current: Round) -> None:
        """Fetch what is not kept yet. What cannot be had is noted; what cannot be had now comes in a later run."""
        rest = self._rest(current)
        first = next(rest, None)
        if first is None:
            return
        self._spool.prepare()
        self._listener(PhaseStarted("keep files", self._project))

        async def work() -> None:
            for attachment in rest:
                if self._stop.requested():
                    return
                await self._fetch(attachment)

        await self._fetch(first)
        async with anyio.create_task_group() as group:
            for _ in range(self._at_once):
                group.start_soon(work)
        self._listener(PhaseEnded("keep files", self._project, self._done))

    def _rest(self, current: Round) -> Iterator[Attachment]:
        """Yield the round's attachments that belong to no case that was migrated, and are not kept."""
        attachments = self._store.archive.entities(current, Attachment)
        while chunk := list(islice(attachments, _CHUNK)):
            markers = [attachment.ref.marker for attachment in chunk]
            known = {**self._store.files.fetched(markers), **self._store.files.stored(markers)}
            states = self._store.journal.operation_states(markers, "create")
            yield from (one for one in chunk if one.ref.marker not in known and one.ref.marker not in states)

    async def _fetch(self, attachment: Attachment) -> None:
        marker = attachment.ref.marker
        # in the archive it is named by its digest; its ending tells whether a web page may come
        name = attachment.title.replace("/", "_")[-FILE_NAME_LIMIT:].strip() or "attachment"
        content = FromAttachment(marker=marker)
        draft = FileDraft(marker=marker, owner=attachment.about.marker, name=name, content=content)
        self._number += 1
        try:
            fetched = await self._fetcher.fetch(draft, self._number)
        except ContentTrouble as trouble:
            self._store.journal.put_notes(self._project, marker, [note_of(draft, trouble)])
        except TemporaryError:
            return
        else:
            self._spool.remove(fetched.sha256)
            self._done += 1
            self._listener(Progressed("keep files", self._project, self._done, None))
