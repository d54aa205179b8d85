"""Results that another workspace has sent into a run that this one knows: a restored backup, a copy, a colleague.

Their markers say of what they are, and not which edition of it; so what they say is compared with what was to be sent.
"""

from collections.abc import Sequence
from typing import cast

from migrator.core.drafts import ResultDraft
from migrator.core.records import Holding, LedgerEntry, Operation
from migrator.core.refs import stated_marker
from migrator.core.views import ResultView
from migrator.engine.linked_files import as_seen
from migrator.engine.result_words import as_said, is_as_written, says
from state.store import Store

OTHER_WORDS = "no base: result {id} has its marker, but other words or another status"


class SentElsewhere:
    """Enters them into the ledger of one project."""

    def __init__(self, store: Store, project: str) -> None:
        self._store = store
        self._project = project

    def enter(self, operation: Operation, editions: Sequence[ResultView]) -> str:
        """Enter the editions of a result that are there, oldest first, in place of sending it. When the newest does not
        say what was to be sent, the next plan decides; return the reason then."""
        newest, wanted = editions[-1], cast(ResultDraft, operation.draft)
        is_same = says(as_seen(wanted, newest.comment), newest)
        markers = [stated_marker(view.comment) for view in editions]
        known = self._store.ledger.entries(markers)
        with self._store.journal.atomic():
            for view, marker in zip(editions, markers, strict=True):
                if marker not in known:
                    self._put(operation, marker, view, is_same=is_same and view is newest)
            if is_same:
                found = operation.marker if operation.marker in markers else markers[-1]
                self._store.journal.found_as(operation, found, wanted.source_marker)
                return ""
            reason = OTHER_WORDS.format(id=newest.id)
            self._store.journal.given_up(operation, "conflict", reason)
        return reason

    def _put(self, operation: Operation, marker: str, view: ResultView, *, is_same: bool) -> None:
        draft = cast(ResultDraft, operation.draft)
        written, wished = as_said(draft.model_copy(update={"marker": marker}), view), None
        if marker == operation.marker and is_as_written(sent := as_seen(draft, view.comment), view):
            written, wished = sent, None if sent == draft else draft
        entry = LedgerEntry(marker, "result", str(view.id), None, draft.digest, operation.stamp if is_same else None)
        self._store.ledger.put(self._project, Holding(entry, written, None, wished))
        self._store.history.put_sent(self._project, [(written, view.id)])
