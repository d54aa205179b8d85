"""Reports as files: a plan or a run as HTML, and the crosswalk. Read from the workspace, without network."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from migrator.app.reports.archive import Manifest, write_archive
from migrator.app.reports.documents import plan_of_saved
from migrator.app.reports.from_workspace import ReportData
from migrator.app.reports.made import write_made
from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, MigratorError
from migrator.core.events import Listener, Said
from migrator.core.notes import UNMAPPED_FIELDS, UNMAPPED_VALUES
from migrator.report.crosswalk import as_csv, as_json
from migrator.report.html import html_report
from migrator.report.news import plan_news, run_news
from migrator.report.values import Cost, Crossing
from state.database import is_damage
from state.workspace import Workspace, open_workspace

FOLDER = "reports"
PLAN_FILE = "plan.html"
CROSSWALK_FILE = "crosswalk.csv"


@dataclass(frozen=True, slots=True)
class Written:
    """The files that ``report`` has written.

    Args:
        items: lines of the crosswalk.
        things: of the list of what was made.
    """

    html: Path | None = None
    crosswalk: Path | None = None
    items: int = 0
    archive: Path | None = None
    manifest: Manifest | None = None
    made: Path | None = None
    things: int = 0

    def document(self) -> dict[str, Any]:
        """Return the contract of ``report --json``: the archive's manifest, and the other files."""
        document: dict[str, Any] = self.manifest.model_dump() if self.manifest else {}
        if self.html:
            document["html"] = str(self.html)
        if self.crosswalk:
            document |= {"crosswalk": str(self.crosswalk), "items": self.items}
        if self.made:
            document |= {"made": str(self.made), "things": self.things}
        return document


def write_reports(
    config: Config, *, html: Path | None, crosswalk: Path | None, archive: Path | None, made: Path | None
) -> Written:
    """Write the files that are named. Raises ``ConfigError`` or ``StorageFull`` at the first that cannot be."""
    if html:
        write_run_report(config, html)
    items = write_crosswalk(config, crosswalk) if crosswalk else 0
    manifest = write_archive(config, archive) if archive else None
    things = write_made(config, made) if made else 0
    return Written(html, crosswalk, items, archive, manifest, made, things)


def write_plan_report(config: Config, path: Path) -> None:
    """Write the newest plan as one HTML file. ``ConfigError`` when there is none, or the file cannot be written."""
    with _reading(config) as workspace:
        saved = workspace.plans.find(None)
        if saved is None:
            raise ConfigError(
                "no plan has been made yet", code=ErrorCode.PLAN_MISSING, next_step="run `migrator plan` first"
            )
        plan = plan_of_saved(saved)
        data = ReportData(config, workspace)
        news = plan_news(
            plan.items, plan.actions, losing=sum(note["count"] for note in plan.notes), unmapped=len(plan.unmapped)
        )
        overview = data.overview(f"Plan {plan.plan_id}", news, plan)
        _write(path, html_report(overview, data.rows()))


def write_run_report(config: Config, path: Path) -> None:
    """Write what stands where as one HTML file, with timings. Raises like ``write_plan_report``."""
    with _reading(config) as workspace:
        books, data = workspace.books, ReportData(config, workspace)
        news = run_news(
            books.fates(),
            losing=sum(note.count for note in workspace.notes.groups()),
            unmapped=len(workspace.notes.unmapped(values=UNMAPPED_VALUES, fields=UNMAPPED_FIELDS)),
            imbalance=books.imbalances(),
            left_behind=workspace.leftovers.counts(),
            verified=workspace.acceptances.stands(),
        )
        plan_id = workspace.sums.plan_id()
        saved = workspace.plans.find(plan_id) if plan_id else None
        plan = plan_of_saved(saved) if saved else None
        overview = data.overview("Migration report", news, plan, timed=True)
        if plan is None and (cost := workspace.timings.cost()):
            overview = replace(overview, forecast=Cost.model_validate(cost))
        _write(path, html_report(overview, data.rows()))


def write_crosswalk(config: Config, path: Path) -> int:
    """Write old → new of every item there ever was, by the file's ending as CSV or JSON; return how many."""
    if path.suffix.lower() not in (".csv", ".json"):
        raise ConfigError(
            f"{path} ends neither in .csv nor in .json",
            code=ErrorCode.FILE_UNUSABLE,
            next_step="name the file CROSSWALK.csv or CROSSWALK.json",
        )
    with _reading(config) as workspace:
        written = 0

        def counted() -> Iterator[Crossing]:
            nonlocal written
            for crossing in ReportData(config, workspace).crossings():
                written += 1
                yield crossing

        # what proves that an acceptance report is still the one that was left
        left = workspace.acceptances.all()
        pages = [Crossing(kind="acceptance", title=page.name, reason=page.verdict, sha256=page.sha256) for page in left]
        form = as_csv if path.suffix.lower() == ".csv" else as_json
        _write(path, form(chain(counted(), pages)))
    return written


def left_report(config: Config, command: str) -> Path:
    """Return where a command that writes leaves its report."""
    return config.workspace / FOLDER / f"{command}.html"


def leave_run_report(config: Config, command: str, listener: Listener) -> None:
    """Write the run report into the workspace and say where; a report that cannot be written is no failed run,
    unless the workspace is damaged."""
    path = left_report(config, command)
    try:
        path.parent.mkdir(exist_ok=True)
        write_run_report(config, path)
    except (MigratorError, OSError) as error:
        if is_damage(error):
            raise
        listener(Said(f"the run report could not be written: {error}"))
    else:
        listener(Said(f"run report: {path}"))


@contextmanager
def _reading(config: Config) -> Iterator[Workspace]:
    """Open the workspace as it is now: what another process writes meanwhile is not seen."""
    with open_workspace(config.workspace, write=False) as workspace, workspace.db.atomic():
        yield workspace


def _write(path: Path, pieces: Iterable[str]) -> None:
    with whole_file(path) as file:
        for piece in pieces:
            file.write(piece.encode())
