"""Which of the results in doubt are in QA Sphere: one read of the run's cases, and single reads where that leaves it
open."""

from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.drafts import ResultDraft
from migrator.core.ports.destination import HistoryReader
from migrator.core.records import Operation
from migrator.core.refs import stated_marker
from migrator.core.views import Created
from migrator.engine.linked_files import as_seen
from migrator.engine.load.lookup import Found
from state.store import Store


class ResultLookUp:
    """Looks results up in one project."""

    def __init__(self, store: Store, reader: HistoryReader, code: str) -> None:
        self._store = store
        self._reader = reader
        self._code = code

    async def look_up(self, run: str, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Return by id the results that are there; None: QA Sphere does not give it back.

        A case that is still open and had no result of ours needs no second read.
        """
        run_entry = self._store.ledger.entries([run]).get(run)
        if run_entry is None:
            return {operation.id: None for operation in operations}
        run_id = int(run_entry.id)
        rows = await self._reader.run_cases(self._code, run_id)
        statuses = {row.id: row.status for row in rows}
        earlier = {sent.case for sent in self._store.history.sent_of_run(run)}
        by_case: dict[str, list[Operation]] = {}
        for operation in operations:
            by_case.setdefault(_draft(operation).case, []).append(operation)
        entries = self._store.ledger.entries(list(by_case))
        answers: dict[int, Found | None] = {}
        for case, chain in by_case.items():
            ident = entries[case].id
            leaves_open = any(_draft(operation).status == "open" for operation in chain)
            untouched = statuses.get(ident, "open") == "open" and case not in earlier and not leaves_open
            if not untouched and ident in statuses:
                answers |= await self._single(run_id, ident, chain)
        return answers

    async def _single(self, run_id: int, case_id: str, chain: Sequence[Operation]) -> Mapping[int, Found | None]:
        views = await self._reader.results(self._code, run_id, case_id)
        if views is None:
            return {operation.id: None for operation in chain}
        found = {stated_marker(view.comment): view for view in views}
        return {
            operation.id: Found(operation, Created(str(view.id)), as_seen(_draft(operation), view.comment))
            for operation in chain
            if (view := found.get(operation.marker))
        }


def _draft(operation: Operation) -> ResultDraft:
    return cast(ResultDraft, operation.draft)
