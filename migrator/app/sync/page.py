"""What happened in a round of ``sync``, turned into its page and into the same as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from migrator.app.reports.from_workspace import ReportData
from migrator.app.sync.health import moment
from migrator.app.sync.report import SyncReport
from migrator.config import Config
from migrator.engine.plan.cases.compare import CUSTOM
from migrator.report.news import next_step
from migrator.report.sync import HEADINGS, UPDATED, Section, SyncPage, Told
from migrator.report.values import Row
from state.workspace import Workspace

_SHOWN = 200
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """A round. Times in seconds since the epoch. ``finished`` False: it goes on.

    Args:
        rows: what was written.
        results: title of a run and number of its new results.
        more: written items that are only counted.
        earlier: the JSON of the report before, empty without one.
    """

    began_at: float
    ended_at: float
    finished: bool
    report: SyncReport
    rows: Sequence[Row]
    results: Sequence[tuple[str, int]]
    more: int
    earlier: Mapping[str, Any]


def document_of(happened: Happened, config: Config) -> dict[str, Any]:
    """Return the JSON: that of ``sync --json``, and what was written, item by item."""
    return happened.report.model_dump() | {
        "source": f"{config.connector}@{config.instance}",
        "destination": config.destination.base_url,
        "began": moment(happened.began_at),
        "ended": moment(happened.ended_at),
        "finished": happened.finished,
        "changes": [_change(row) for row in happened.rows],
        "results": [{"run": title, "count": count} for title, count in happened.results],
        "more_changes": happened.more,
        "more_results": sum(happened.report.written.get("result", {}).values()) - sum(n for _, n in happened.results),
    }


def page_of(happened: Happened, config: Config, workspace: Workspace) -> SyncPage:
    """Return the page; what is on both sides of conflicts and renamed items is asked of the workspace."""
    report = happened.report
    told = {name: _told(getattr(report, name), happened.earlier.get(name)) for name in HEADINGS}
    data = ReportData(config, workspace)
    markers = {item.marker for items in told.values() for item in items[:_SHOWN] if item.marker}
    rows = {marker: data.row(item) for marker, item in workspace.items.of(sorted(markers)).items()}
    updated = tuple(_of_row(row) for row in happened.rows if row.fate == "updated")
    return SyncPage(
        began_at=happened.began_at,
        ended_at=happened.ended_at,
        finished=happened.finished,
        facts=(
            ("from", f"{config.connector} {config.instance}"),
            ("to", config.destination.base_url),
            ("settings", f"conflicts: {config.sync.conflicts}, deletions: {config.sync.deletions}"),
        ),
        written=report.written,
        updated=Section("updated", UPDATED, updated, "before", "now"),
        created=tuple(_of_row(row) for row in happened.rows if row.fate != "updated"),
        more=happened.more,
        results=tuple(happened.results),
        sections=tuple(
            Section(name, heading, tuple(_whole(name, item, rows.get(item.marker)) for item in told[name][:_SHOWN]),
                    more=max(0, len(told[name]) - _SHOWN))
            for name, heading in HEADINGS.items()
        ),
        is_balanced=report.balanced,
    )  # fmt: skip


def written_row(row: Row, kept: set[tuple[str, str]]) -> Row:
    """Return the row with the fields alone that were written. ``kept``: marker and field of notes on conflicts that QA
    Sphere has won."""
    fields = {_shown_field(field) for marker, field in kept if marker == row.marker}
    changes = tuple(change for change in row.changes if not change.theirs and change.field not in fields)
    return replace(row, changes=changes)


def _shown_field(field: str) -> str:
    """Return how reports name a field of a note (``migrator.report.fields``)."""
    if field.startswith(CUSTOM):
        return f"custom field {field.removeprefix(CUSTOM)}"
    return "draft" if field == "is_draft" else field


def _change(row: Row) -> dict[str, Any]:
    return {
        "project": row.project,
        "kind": row.kind,
        "title": row.title,
        "marker": row.marker,
        "fate": row.fate,
        "code": row.code,
        "url": row.address,
        "source_url": row.old_address,
        "fields": [{"field": change.field, "before": change.left, "after": change.right} for change in row.changes],
    }


def _of_row(row: Row) -> Told:
    closed = row.kind == "run" and row.fate == "updated" and not row.changes
    return Told(
        row.kind, row.title, row.marker,
        state=row.fate if row.fate == "adopted" else "", reason="it is closed now" if closed else "",
        code=row.code, address=row.address, old_address=row.old_address, changes=row.changes,
    )  # fmt: skip


def _told(entries: Sequence[Entry], earlier: object) -> list[Told]:
    """Return the entries of a list of the report, new ones first. ``earlier``: the same list of the report before."""
    known = {_identity(entry) for entry in earlier} if isinstance(earlier, list) else None
    told = [
        Told(
            kind=entry.get("kind", ""),
            title=entry.get("title") or entry.get("message", ""),
            marker=entry.get("marker", ""),
            state=entry.get("state", ""),
            reason=entry["cause"],
            next_step=entry.get("next_step", ""),
            field=entry.get("field", ""),
            # the title of what has left stands there already
            value=entry.get("original", "") if entry.get("field") else "",
            is_new=known is not None and _identity(entry) not in known,
        )
        for entry in entries
    ]
    return sorted(told, key=lambda item: not item.is_new)


def _identity(entry: Any) -> tuple[str, ...]:
    names = ("kind", "marker", "field", "cause", "original", "message")
    return tuple(str(entry.get(name, "")) for name in names) if isinstance(entry, dict) else ()


def _whole(name: str, item: Told, row: Row | None) -> Told:
    """Return the entry with what the workspace knows of its item."""
    if name == "failures":
        item = replace(item, next_step=next_step(item.state))
    if row is None:
        return item
    both = name == "conflicts" or (name == "by_hand" and bool(row.changes) and row.kind != "case")
    return replace(
        item,
        code=row.code,
        address=row.address,
        old_address=row.old_address,
        changes=row.changes if both else (),
        # the two values say it already
        value="" if name == "by_hand" and both else item.value,
        field="" if name == "by_hand" and both else item.field,
        state="" if name in ("conflicts", "gone") else item.state,
    )
