"""Which results of a run are in QA Sphere: one read of the run's cases, and single reads where that leaves it open."""

from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.drafts import ResultDraft
from migrator.core.ports.destination import HistoryReader
from migrator.core.records import Operation
from migrator.core.refs import stated_marker, variant
from migrator.core.views import Created, ResultView
from migrator.engine.linked_files import as_seen
from migrator.engine.load.lookup import Found
from migrator.engine.result_words import says
from state.store import Store


class ResultLookUp:
    """Looks results up in one project."""

    def __init__(self, store: Store, reader: HistoryReader, code: str) -> None:
        self._store = store
        self._reader = reader
        self._code = code

    async def look_up(self, run: str, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Return by id the results that are there; None: QA Sphere does not give it back."""
        answers: dict[int, Found | None] = {}
        for operation, views in await self._seen(run, operations):
            if views is None:
                answers[operation.id] = None
            for view in views or ():
                if stated_marker(view.comment) == operation.marker:
                    written = as_seen(_draft(operation), view.comment)
                    answers[operation.id] = Found(operation, Created(str(view.id)), written)
        return answers

    async def editions(
        self, run: str, operations: Sequence[Operation]
    ) -> Sequence[tuple[Operation, Sequence[ResultView] | None]]:
        """Return the results that are there, whoever sent them: all editions of each, oldest first; None: QA Sphere
        does not give it back.

        One that is to be a new edition is there when the newest says the same: another workspace may have called it
        otherwise.
        """
        found: list[tuple[Operation, Sequence[ResultView] | None]] = []
        for operation, views in await self._seen(run, operations):
            draft, editions = _draft(operation), None
            if views is not None:
                source = (draft.source_marker, variant(draft.source_marker, ""))
                editions = sorted((view for view in views if _is_of(view, *source)), key=lambda view: view.id)
                if not editions:
                    continue
                is_there = operation.marker in {stated_marker(view.comment) for view in editions}
                if not is_there and not says(as_seen(draft, editions[-1].comment), editions[-1]):
                    continue
            found.append((operation, editions))
        return found

    async def _seen(
        self, run: str, operations: Sequence[Operation]
    ) -> Sequence[tuple[Operation, Sequence[ResultView] | None]]:
        """Return operations with the results of their cases, of those that may be there.

        A case that is still open and had no result of ours needs no second read.
        """
        run_entry = self._store.ledger.entries([run]).get(run)
        if run_entry is None:
            return [(operation, None) for operation in operations]
        run_id = int(run_entry.id)
        rows = await self._reader.run_cases(self._code, run_id)
        statuses = {row.id: row.status for row in rows}
        earlier = {sent.case for sent in self._store.history.sent_of_run(run)}
        by_case: dict[str, list[Operation]] = {}
        for operation in operations:
            by_case.setdefault(_draft(operation).case, []).append(operation)
        entries = self._store.ledger.entries(list(by_case))
        seen: list[tuple[Operation, Sequence[ResultView] | None]] = []
        for case, chain in by_case.items():
            ident = entries[case].id
            leaves_open = any(_draft(operation).status == "open" for operation in chain)
            untouched = statuses.get(ident, "open") == "open" and case not in earlier and not leaves_open
            if not untouched and ident in statuses:
                views = await self._reader.results(self._code, run_id, ident)
                seen += [(operation, views) for operation in chain]
        return seen


def _is_of(view: ResultView, source: str, editions: str) -> bool:
    marker = stated_marker(view.comment)
    return marker == source or marker.startswith(editions)


def _draft(operation: Operation) -> ResultDraft:
    return cast(ResultDraft, operation.draft)
