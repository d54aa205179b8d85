"""What a round of ``sync`` leaves behind, collected while it goes on: the next plan forgets what was replaced."""

import time
from collections import Counter

from migrator.app.reports.dated import free_name
from migrator.app.reports.from_workspace import ReportData
from migrator.app.reports.write import FOLDER
from migrator.app.runtime.session import Session
from migrator.app.sync.files import newest_document, prune_reports, write_both
from migrator.app.sync.page import Happened, document_of, page_of, written_row
from migrator.app.sync.report import SyncReport, Written, sync_report
from migrator.core.errors import CeilingReached, MigratorError
from migrator.core.events import Said
from migrator.core.notes import NoteCode
from migrator.report.sync import sync_html
from migrator.report.values import Row
from state.database import is_damage
from state.rows import DatabaseError

LISTED = 1000
"""Written items that a report names, updates first; the rest is counted. More than that is a first migration."""
_WRITTEN = ("migrated", "updated", "adopted")


class Account:
    """One round. ``attention``: what needed a person after the round before (``SyncReport.attention``); None: leave no
    report."""

    def __init__(self, session: Session, attention: str | None) -> None:
        self.written: Written = {}
        self.refused: dict[str, CeilingReached] = {}
        self._done: list[str] = []
        self._began_at = time.time()
        self._rows: list[Row] = []
        self._results: list[tuple[str, int]] = []
        self._session = session
        self._attention = attention
        self._is_unsaved = False
        self._path = free_name(session.config.workspace / FOLDER, "sync", self._began_at)

    def add(self, project: str) -> None:
        """Take in what the round of a project has written."""
        self._done.append(project)
        workspace = self._session.workspace
        counts = {
            kind: Counter({fate: fates[fate] for fate in _WRITTEN if fates.get(fate)})
            for kind, fates in workspace.books.fates(project).items()
        }
        counts = {kind: count for kind, count in counts.items() if count}
        if not counts:
            return
        self._is_unsaved = True
        for kind, count in counts.items():
            self.written[kind] = self.written.get(kind, Counter()) + count
        if self._attention is None:
            return
        data = ReportData(self._session.config, workspace)
        kept = {(note.marker, note.field) for note in workspace.notes.with_codes([NoteCode.CONFLICT_KEPT])}
        found = workspace.items.written(project, max(0, LISTED - len(self._rows)))
        self._rows += [written_row(data.row(item), kept) for item in found]
        self._results += workspace.items.written_results(project, max(0, LISTED - len(self._results)))

    def keep(self) -> None:
        """Write the report as of now, if something in it would be lost by a kill: the next round does not know it."""
        if self._is_unsaved and self._attention is not None:
            self._save(self._report(), finished=False)

    def finish(self) -> SyncReport:
        """Return what the command answers; leave the report if it is news."""
        report = self._report()
        stopped = self._session.stop.requested()
        is_news = bool(self.written) if stopped else report.is_news(self._attention or "")
        if self._attention is not None and is_news and self._save(report, finished=not stopped):
            return report.model_copy(update={"report": str(self._path)})
        return report

    def _report(self) -> SyncReport:
        return sync_report(self._session.workspace, self.written, self.refused, self._done)

    def _save(self, report: SyncReport, *, finished: bool) -> bool:
        """Write both files and say where; whether that succeeds decides nothing about the round."""
        config, say = self._session.config, self._session.listener
        report = report.model_copy(update={"report": str(self._path)})
        # results are named by their run
        total = sum(sum(fates.values()) for kind, fates in self.written.items() if kind != "result")
        happened = Happened(
            self._began_at, time.time(), finished, report, self._rows, self._results, total - len(self._rows),
            newest_document(self._path),
        )  # fmt: skip
        try:
            page = page_of(happened, config, self._session.workspace)
            write_both(self._path, sync_html(page), document_of(happened, config))
        except (MigratorError, OSError, DatabaseError) as error:
            if is_damage(error):
                raise
            say(Said(f"the sync report could not be written: {error}"))
            return False
        self._is_unsaved = False
        if finished:
            say(Said(f"sync report: {self._path}"))
        try:
            prune_reports(self._path)
        except OSError as error:
            say(Said(f"old sync reports could not be deleted: {error}"))
        return True
