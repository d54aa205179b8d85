"""Verify: files that were found in QA Sphere are fetched from the source, so that there is something to compare with.

A load knows the sums of what it has uploaded; a new workspace adopts files by their names and has seen no bytes.
"""

from collections.abc import Callable
from typing import cast

import anyio

from migrator.core.drafts import FileDraft
from migrator.core.errors import AuthenticationError, ContentTrouble, TemporaryError
from migrator.core.events import Progressed, Said
from migrator.core.plural import number
from migrator.core.ports.destination import DestinationReader
from migrator.core.refs import editions_of
from migrator.core.views import StoredFile
from migrator.engine.context import Context
from migrator.engine.files.fetch import Fetcher
from migrator.engine.files.spool import FileRoute
from migrator.engine.verify.findings import Finding

_MADE_ANEW = "the source makes it anew at each request, so its bytes now need not be those of then"

_MOST_FAILURES = 20
"""So many files in a row that the source does not give at the moment: it is not about the files any more."""


class SumReader:
    """Reads the sums of the files of one project that nobody knows. ``left``: ids in QA Sphere of files that are not to
    be compared. One instance, one reading."""

    def __init__(
        self,
        context: Context[DestinationReader],
        route: FileRoute,
        report: Callable[[Finding], None],
        left: frozenset[str],
    ) -> None:
        self._context = context
        self._route = route
        self._report = report
        self._rows = (row for row in context.store.files.each_without_sum(context.project) if row[1].id not in left)
        self._fetcher = Fetcher(context.store, route.source, route.spool, context.project)
        self._failed_in_a_row = 0
        self._number = 0
        # why the source is not asked any more
        self._down = ""

    def say(self) -> None:
        """Say how many there are, instead of reading them."""
        if count := sum(1 for _ in self._rows):
            words = f"{number(count, 'file')} found in QA Sphere by name, without a sum to compare with"
            self._context.listener(Said(f"{words}; `migrator verify --files all` fetches them from the source"))

    async def read(self) -> None:
        """Fetch each and record its sum, so that it is compared as all others; report as ``no_base`` those that the
        source does not give."""
        async with anyio.create_task_group() as group:
            for _ in range(self._route.at_once):
                group.start_soon(self._work)

    async def _work(self) -> None:
        while not self._context.stop.requested() and (row := next(self._rows, None)):
            self._number += 1
            why = self._down or await self._learn(row[0], self._number)
            if why:
                self._report(_unbased(*row, why))
            waiting = self._route.waiting_for()
            self._context.listener(Progressed("read files", self._context.project, self._number, None, waiting))

    async def _learn(self, marker: str, number: int) -> str:
        """Return why the sum of a file stays unknown; empty when it was recorded."""
        if editions_of(marker):
            return _MADE_ANEW
        holding = self._context.store.ledger.holdings([marker]).get(marker)
        if holding is None:
            return "nobody knows what was uploaded"
        try:
            content = await self._fetcher.look(cast(FileDraft, holding.draft), number)
        except AuthenticationError as error:
            self._down = str(error)
        except ContentTrouble as error:
            return str(error)
        except TemporaryError as error:
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= _MOST_FAILURES:
                self._down = str(error)
            return str(error)
        else:
            self._failed_in_a_row = 0
            self._context.store.files.put_sum(marker, content.size, content.sha256)
        return self._down


def _unbased(marker: str, file: StoredFile, why: str) -> Finding:
    return Finding("no_base", "file", marker, file.id, file.name, "sha256", "the sum of what the source has", why)
