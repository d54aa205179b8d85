"""Dates as QAComplete writes them (``qacomplete-api.md`` §3.4): local times of the server, or moments as .NET has them;
pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

# one documented sample has five digits
_NEVER_WRITTEN = re.compile(r"0+1-01-01|1900-01-01")
# beyond these no moment can be told in another zone
_YEARS = range(1901, 9999)
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# milliseconds since 1970; the offset says where it was written, and changes nothing
_OF_NET = re.compile(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/")
_FIELDS = frozenset(
    (
        "datecreated", "dateupdated", "dateopened", "dateclosed", "eststartdate", "estfinishdate", "datestarted",
        "datefinished", "lastrundate",
    )
)  # fmt: skip


def read_date(text: str, zone: ZoneInfo) -> datetime | None:
    """Return a date with the server's offset; None for none at all and for what §3.4 writes instead.

    An hour that the clocks show twice counts as its first occurrence. ``ValueError`` and
    ``OverflowError`` for what is no date, or one of an impossible year.
    """
    stripped = text.strip()
    if not stripped or _NEVER_WRITTEN.match(stripped):
        return None
    if found := _OF_NET.fullmatch(stripped):
        date = _EPOCH + timedelta(milliseconds=int(found[1]))
        if date.year == 1:
            return None
    else:
        date = datetime.fromisoformat(stripped)
    if date.year not in _YEARS:
        raise ValueError(f"the year is {date.year}")
    if found:
        local = date.astimezone(zone).replace(tzinfo=None)
        return date.astimezone(_offset(local, zone, fold=date.astimezone(zone).fold))
    return date.replace(tzinfo=_offset(date, zone)) if date.tzinfo is None else date


def unread_dates(row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """Return the dates of a row that cannot be read, as they are written, by field."""
    found = {}
    for key, value in row.items():
        if key.replace("_", "").lower() in _FIELDS and value is not None:
            try:
                read_date(str(value), zone)
            except (ValueError, OverflowError):
                found[key] = str(value)
    return found


def _offset(local: datetime, zone: ZoneInfo, fold: int = 0) -> tzinfo:
    """Return the offset at a local time, in whole minutes: what JSON can carry, so that stored dates stay equal."""
    offset = local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()
    return timezone(round(offset / _MINUTE) * _MINUTE)
