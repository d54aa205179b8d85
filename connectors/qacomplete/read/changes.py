"""What of a list has to be looked at: all rows, or by the date filter those that have changed since the last time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.read.filters import DateStyle, since
from connectors.qacomplete.read.lists import Lists, Rows
from migrator.core.base import digest_of
from migrator.core.errors import Rejected
from migrator.core.ports.source import Earlier

DATED = frozenset(("tests", "light_tests", "test_sets", "requirements", "defects", "releases"))
"""The lists whose rows have ``date_updated``, and that a client has filtered by it or that document it (§12)."""
_LONG = 10
"""Pages from which on a list is not read whole for a few changes."""
_STYLES: tuple[DateStyle, ...] = ("iso", "us")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
# on the 31st, so that a server that takes day for month refuses them
_NEVER_YET = datetime(9998, 12, 31)  # noqa: DTZ001 - the server compares local times without a zone
_ALWAYS = datetime(1900, 1, 31)  # noqa: DTZ001
# covers the hour that the autumn repeats, servers whose clocks differ, and what changed while the list was read
_OVERLAP = timedelta(days=1)
_FIELD = "DateUpdated"


class ChangedLists:
    """Reads lists page by page. The date filter is used only where it has been seen to work, in this process.

    Args:
        zone: of the server's dates.
        skew: tells by how many seconds its clock is ahead of ours, None when unknown.
    """

    def __init__(self, lists: Lists, zone: ZoneInfo, skew: Callable[[], float | None]) -> None:
        self._lists = lists
        self._zone = zone
        self._skew = skew
        self._styles: dict[tuple[str, str], DateStyle | None] = {}

    async def page(self, name: str, project: str, cursor: str | None, earlier: Earlier | None) -> Rows:
        """Return one page of a list, or of what has changed in it, with the total of the whole list: what is known and
        what has changed have to come to that. The cursor carries the filter and the total."""
        where, total, inner = _parts(cursor)
        if not where:
            rows = await self._lists.page(name, project, inner or None)
            if cursor is not None or earlier is None or name not in DATED:
                return rows
            total = rows.total or 0
            where = await self._condition(name, project, earlier, total) or ""
            if not where:
                return rows
        rows = await self._lists.page(name, project, inner or None, where=where)
        ahead = rows.cursor and f"{where}|{total}|{rows.cursor}"
        return replace(rows, cursor=ahead, total=total, filtered=True)

    async def _condition(self, name: str, project: str, earlier: Earlier, total: int) -> str | None:
        """Return a condition for what may have changed; None when the whole list must or had better be read."""
        newest = _moment(earlier.mark(name))
        if newest is None or total < _LONG * self._lists.page_size:
            return None
        if (project, name) not in self._styles:
            self._styles[project, name] = await self._understood(name, project, total)
        style = self._styles[project, name]
        if style is None:
            return None
        # a date of the future, which an import can leave behind, must not hide what changes until then
        where = since(_FIELD, min(newest, self._server_time()) - _OVERLAP, style)
        try:
            changed = await self._lists.total(name, project, where)
        except Rejected:
            return None
        # the row that the mark is from is among them: else the server compares otherwise than we think
        return where if changed and changed < total // 2 else None

    async def _understood(self, name: str, project: str, total: int) -> DateStyle | None:
        """Return the spelling of dates by which the server filters this list rightly (§10.2); None without one."""
        for style in _STYLES:
            try:
                none = await self._lists.total(name, project, since(_FIELD, _NEVER_YET, style))
                everything = await self._lists.total(name, project, since(_FIELD, _ALWAYS, style))
            except Rejected:
                continue
            if (none, everything) == (0, total):
                return style
        return None

    def _server_time(self) -> datetime:
        now = datetime.now(UTC) + timedelta(seconds=self._skew() or 0)
        return now.astimezone(self._zone).replace(tzinfo=None)


def _moment(mark: str | None) -> datetime | None:
    """Return a mark as a moment of the server's local time; None for what is none."""
    try:
        return datetime.fromisoformat(mark[:19]) if mark else None
    except ValueError:
        return None


def _parts(cursor: str | None) -> tuple[str, int, str]:
    """Return filter, total and the list's own cursor; no filter when the whole list is read."""
    where, _, rest = (cursor or "").partition("|")
    total, _, inner = rest.partition("|")
    return (where, int(total), inner) if rest else ("", 0, cursor or "")


def marks(name: str, rows: Rows) -> dict[str, str]:
    """Return the newest ``date_updated`` of some rows as the server writes it, which sorts by time, under their list's
    name; nothing when no row has a date."""
    dates = [str(row.get("date_updated") or "") for _, row in rows.rows]
    newest = max((date for date in dates if _DATE.match(date)), default="")
    return {name: newest} if newest else {}


def unlisted(convert: Converter, kind: str, project: str, rows: Rows) -> str:
    """Return what begins the markers of a list's items, when the list was asked only for what has changed."""
    return convert.ref(kind, project, "").marker if rows.filtered else ""


def fingerprint(row: Mapping[str, Any]) -> str:
    """Return a digest of a row as its list gives it, with the counters of what hangs on it."""
    return digest_of(row)[:32]


def unchanged_since(earlier: Earlier | None, prints: Mapping[str, str]) -> frozenset[str]:
    """Return the items, given with their fingerprints, that are as they were at the earlier reading."""
    if earlier is None:
        return frozenset()
    before = earlier.fingerprints(sorted(prints))
    return frozenset(marker for marker, found in prints.items() if before.get(marker) == found)
