"""Dates: read as they are meant, or named with what stands there."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.convert.dates import read_date, unread_dates
from migrator.core.notes import NoteCode
from tests.support.qacomplete import listed, records_of, scripted

DENVER = ZoneInfo("America/Denver")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2018-09-03T14:20:00.1234567", "2018-09-03T14:20:00.123456-06:00"),
        (" 2018-12-03T14:20:00 ", "2018-12-03T14:20:00-07:00"),
        ("2018-09-03T14:20:00Z", "2018-09-03T14:20:00+00:00"),
        ("2018-11-04T01:30:00", "2018-11-04T01:30:00-06:00"),
        ("/Date(1536006000000)/", "2018-09-03T14:20:00-06:00"),
        (r"\/Date(1536006000000-0600)\/", "2018-09-03T14:20:00-06:00"),
        ("/Date(1536006000000+0200)/", "2018-09-03T14:20:00-06:00"),
        ("/Date(1541320200000)/", "2018-11-04T01:30:00-07:00"),
        ("0001-01-01T00:00:00.0000000", None),
        ("00001-01-01T00:00:00.0000000", None),
        ("1900-01-01T00:00:00.0000000", None),
        ("/Date(-62135596800000)/", None),
        ("", None),
        ("  ", None),
        ("9/3/2018 2:20:00 PM", ValueError),
        ("9999-12-31T23:59:59", ValueError),
        ("/Date(999999999999999)/", ValueError),
        ("100000000000000000000-01-01", ValueError),
        ("yesterday", ValueError),
    ],
)
def test_a_date_is_read_or_not(text: str, date: str | type[Exception] | None) -> None:
    if isinstance(date, type):
        with pytest.raises((date, OverflowError)):
            read_date(text, DENVER)
        assert unread_dates({"date_created": text}, DENVER) == {"date_created": text}
    else:
        assert read_date(text, DENVER) == (datetime.fromisoformat(date) if date else None)
        assert unread_dates({"DateCreated": text}, DENVER) == {}


@given(st.text())
def test_whatever_stands_there_is_read_or_named(text: str) -> None:
    unread = unread_dates({"date_closed": text, "title": text, "date_created": None}, DENVER)
    assert set(unread) <= {"date_closed"}


async def test_a_date_that_cannot_be_read_leaves_a_note_and_is_not_asked_for_again() -> None:
    rows = [
        {"id": 1, "title": "One", "date_created": "9/3/2018 2:20:00 PM", "date_updated": "/Date(1536006000000)/"},
        {"id": 2, "title": "Two", "date_created": "2018-09-03T14:20:00"},
    ]
    async with scripted({"/v1/projects/12/defects": listed(rows)}) as (source, _):
        first, second = await records_of(source, "defects")
    assert [(note.code, note.field, note.original) for note in first.notes] == [
        (NoteCode.DATE_UNREADABLE, "date_created", "9/3/2018 2:20:00 PM")
    ]
    assert second.notes == ()


async def test_a_test_with_such_a_date_is_not_read_again() -> None:
    row = {"id": 1, "title": "One", "nbr_steps": 0, "date_created": "some day"}
    async with scripted({"/v1/projects/12/tests": listed([row])}) as (source, _):
        page = await source.page("tests", "12", None)
    assert [note.code for note in page.records[0].notes] == [NoteCode.DATE_UNREADABLE]
    assert [bool(one.fingerprint) for one in page.listed] == [True]
