"""Items beside tests, read from servers that answer what nobody expects."""

from collections import Counter
from typing import Any

import orjson
import pytest
from aiohttp import web

from migrator.core import model
from migrator.core.errors import TemporaryError
from migrator.core.notes import NoteCode
from tests.support.qacomplete import Query, listed, records_of, scripted
from tests.support.qacomplete_items import markers_of

PROJECT = "/v1/projects/12"
LISTS = {
    "releases": f"{PROJECT}/releases",
    "configurations": "/v2/projects/12/configurations",
    "requirements": f"{PROJECT}/requirements",
    "defects": f"{PROJECT}/defects",
    "test_sets": "/v2/projects/12/testsets",
}
EMPTY: dict[str, Any] = {"metadata": {"result_set": {"total": 0}}, "results": []}


def server(**lists: Any) -> dict[str, Any]:
    """Answer these lists, all others without rows."""
    return {path: lists.get(name, EMPTY) for name, path in (LISTS | {"light_tests": "/v2/projects/12/tests"}).items()}


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize(
    "answer", [{"results": None}, {"metadata": {"result_set": {}}}, {"metadata": None, "results": []}]
)
async def test_null_lists_are_empty(stream: str, answer: dict[str, Any]) -> None:
    async with scripted(server(**{stream: answer})) as (source, _):
        assert await markers_of(source, stream) == []
        assert await markers_of(source, "notes") == await markers_of(source, "links") == []


@pytest.mark.parametrize("stream", LISTS)
async def test_an_odd_row_costs_nobody_else_anything(stream: str) -> None:
    odd = {
        "Id": "2",
        "Title": 7,
        "custom_fields": {"a": 1},
        "is_active": [],
        "status": {},
        "date_created": 5,
        "nbr_tests": "0",
    }
    rows = [{"id": 1, "title": "One", "nbr_tests": 0}, odd, {"id": 3}]
    answers = server(**{stream: listed(rows)}) | {f"{PROJECT}/testsets/3/items": EMPTY}
    async with scripted(answers) as (source, _):
        found = await records_of(source, stream)
    assert [record.entity.ref.ids[1] for record in found] == ["1", "2", "3"]
    assert [record.entity.title for record in found][:2] == ["One", "7"]
    assert [[(note.code, note.original) for note in record.notes] for record in found] == [
        [],
        [(NoteCode.DATE_UNREADABLE, "5")],
        [],
    ]


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("bad", [None, 7, [], {}, {"id": 0}])
async def test_a_row_without_an_id_is_named_and_the_page_not_taken(stream: str, bad: object) -> None:
    async with scripted(server(**{stream: listed([{"id": 1, "nbr_tests": 0}, bad])})) as (source, _):
        with pytest.raises(TemporaryError, match=f"row 2 of the {stream.replace('_', ' ')}"):
            await source.page(stream, "12", None)


@pytest.mark.parametrize("status", [500, 404, 403, 401])
async def test_one_set_whose_tests_cannot_be_read_stays_with_a_note(status: int) -> None:
    answers = server(test_sets=listed([{"id": 1, "title": "Smoke"}, {"id": 2}]))
    answers |= {f"{PROJECT}/testsets/1/items": web.Response(status=status), f"{PROJECT}/testsets/2/items": EMPTY}
    async with scripted(answers) as (source, _):
        first, second = await records_of(source, "test_sets")
    assert (first.entity.title, second.notes) == ("Smoke", ())
    assert [(note.code, note.field) for note in first.notes] == [(NoteCode.ITEMS_INCOMPLETE, "items")]
    assert str(status) in first.notes[0].message


@pytest.mark.parametrize(
    ("rows", "total", "said"),
    [
        ([{"id": 1, "test_id": 5}], 3, "counts 3 and gives 1"),
        ([{"id": 1, "test_id": 5}, {"id": 2}], None, "name no test"),
        ([{"id": 1, "test_id": 5}, None], None, "name no test"),
    ],
)
async def test_places_of_a_set_that_are_missing_are_noted(rows: list[Any], total: int | None, said: str) -> None:
    answers = server(test_sets=listed([{"id": 1, "nbr_tests": 9}]))
    answers[f"{PROJECT}/testsets/1/items"] = listed(rows, total=total)
    async with scripted(answers) as (source, _):
        [record] = await records_of(source, "test_sets")
    assert said in record.notes[0].message
    assert record.notes[0].original == "1"
    assert len(orjson.loads(record.raw)["items"]) == len(rows)


async def test_a_short_list_that_moves_is_read_again() -> None:
    reads = Counter[str]()

    def moving(query: Query) -> dict[str, Any]:
        reads["items"] += 1
        rows = [{"id": number, "test_id": number} for number in range(1, 4)]
        return listed(rows[1:] if reads["items"] == 1 else rows, total=3)(query)

    answers = server(test_sets=listed([{"id": 1}])) | {f"{PROJECT}/testsets/1/items": moving}
    async with scripted(answers) as (source, _):
        [record] = await records_of(source, "test_sets")
    assert record.notes == ()
    assert isinstance(record.entity, model.TestSet)
    assert len(record.entity.items) == 3


async def test_a_server_that_gives_the_first_page_for_ever_comes_to_an_end() -> None:
    same = {"results": [{"id": 1, "test_id": 5}]}
    answers = server(test_sets=listed([{"id": 1}])) | {f"{PROJECT}/testsets/1/items": same}
    async with scripted(answers) as (source, seen):
        [record] = await records_of(source, "test_sets")
    assert isinstance(record.entity, model.TestSet)
    assert len(record.entity.items) == 1
    assert len([path for path in seen if "/items" in path]) == 2


async def test_long_lists_of_notes_are_read_page_by_page() -> None:
    rows = [{"id": str(number), "description": f"No {number}"} for number in range(1, 451)]
    answers = server(defects=listed([{"id": 6}])) | {f"{PROJECT}/Bugs/6/notes": listed(rows)}
    async with scripted(answers) as (source, _):
        assert await markers_of(source, "notes") == [str(number) for number in range(1, 451)]


@pytest.mark.parametrize("stream", ["notes", "links"])
@pytest.mark.parametrize("status", [500, 404, 403])
async def test_what_cannot_be_read_of_one_item_is_listed_by_name(stream: str, status: int) -> None:
    path = "notes" if stream == "notes" else "linkeditems"
    answers = server(requirements=listed([{"id": 5}, {"id": 6}]))
    answers |= {
        f"{PROJECT}/FunctionalSpecs/5/{path}": web.Response(status=status),
        f"{PROJECT}/FunctionalSpecs/6/{path}": {"results": [{"id": 1, "link_id": 1, "description": "x"}]},
    }
    async with scripted(answers) as (source, _):
        unread, other = await records_of(source, stream)
    assert unread.entity.ref.marker.endswith(f":{stream[:-1]}:12/requirement/5/unread")
    assert [(note.code, note.field, note.marker) for note in unread.notes] == [
        (NoteCode.ITEMS_INCOMPLETE, stream, unread.entity.ref.marker)
    ]
    assert str(status) in unread.notes[0].message
    assert other.notes == ()


@pytest.mark.parametrize("stream", ["notes", "links", "test_sets"])
async def test_an_outage_is_not_taken_for_unreadable_items(stream: str) -> None:
    """Otherwise a whole page would lose what hangs on its items, and say that the source would not give it."""
    reads = Counter[str]()

    def once(query: Query) -> object:
        reads["list"] += 1
        return listed([{"id": 1}, {"id": 2}])(query) if reads["list"] == 1 else web.Response(status=503)

    answers: dict[str, Any] = server(requirements=once) if stream != "test_sets" else server(test_sets=once)
    for ident in (1, 2):
        for path in (
            f"FunctionalSpecs/{ident}/notes",
            f"FunctionalSpecs/{ident}/linkeditems",
            f"testsets/{ident}/items",
        ):
            answers[f"{PROJECT}/{path}"] = web.Response(status=503)
    async with scripted(answers) as (source, _):
        with pytest.raises(TemporaryError):
            await source.page(stream, "12", None)


@pytest.mark.parametrize("row", [None, "odd", 7, [], {}, {"link_id": None}, {"entity_code": "Bugs"}])
async def test_rows_of_notes_and_links_that_say_nothing_are_kept(row: object) -> None:
    answers = server(requirements=listed([{"id": 5}]))
    answers |= {
        f"{PROJECT}/FunctionalSpecs/5/notes": {"results": [row, {"id": 1}]},
        f"{PROJECT}/FunctionalSpecs/5/linkeditems": {"results": [row, {"link_id": 1}]},
    }
    async with scripted(answers) as (source, _):
        for stream in ("notes", "links"):
            odd, good = await records_of(source, stream)
            assert orjson.loads(odd.raw) == (row if isinstance(row, dict) else {"row": row})
            assert good.entity.ref.ids[1] == "1"


async def test_a_list_of_items_that_moves_is_reported_where_it_is_walked() -> None:
    rows = [{"id": number, "nbr_notes": 0} for number in range(1, 302)]
    async with scripted(server(requirements=listed(rows))) as (source, _):
        first = await source.page("notes", "12", None)
        del rows[10]
        second = await source.page("notes", "12", first.next_cursor)
    assert (first.moved, second.moved) == (False, True)


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred requirements with screenshots pasted into them are more than one answer may hold."""
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 40_000)
    rows = [{"id": number, "title": f"No. {number}", "description": "x" * 2000} for number in range(1, 61)]

    def page(query: Query) -> dict[str, Any]:
        few = rows[query["offset"] : query["offset"] + query["limit"]]
        return {"metadata": {"result_set": {"total": len(rows)}}, "results": few}

    async with scripted(server(requirements=page)) as (source, seen):
        found = await records_of(source, "requirements")
    assert [record.entity.title for record in found] == [row["title"] for row in rows]
    assert sum("limit=200" in path for path in seen) == 1


async def test_a_row_that_is_too_large_by_itself_ends_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 1000)
    answer = listed([{"id": 1, "title": "x" * 2000}])
    async with scripted(server(requirements=answer)) as (source, seen):
        with pytest.raises(TemporaryError, match="larger than 1000 bytes"):
            await records_of(source, "requirements")
    assert len(seen) < 30


async def test_a_list_of_one_item_that_does_not_end_is_that_items_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ignores the offset, counts nothing, and writes the time into every row."""
    monkeypatch.setattr("connectors.qacomplete.read.children._MOST_PAGES", 20)
    count = 0

    def page(_query: Query) -> dict[str, Any]:
        nonlocal count
        count += 1
        return {"results": [{"id": 1, "note": "Seen", "now": count}]}

    rows = [{"id": 1, "title": "One", "nbr_notes": 1}]
    answers = server(requirements=listed(rows)) | {f"{PROJECT}/FunctionalSpecs/1/notes": page}
    async with scripted(answers) as (source, _):
        [unread] = await records_of(source, "notes")
    assert count < 50
    assert ["does not end" in note.message for note in unread.notes] == [True]
