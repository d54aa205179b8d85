"""Lists that lose a part, politely: the total agrees, a counter beside them does not, or another stream saw more."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete import sandbox
from connectors.qacomplete.sandbox.handlers import Handlers
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.model import Attachment
from migrator.core.notes import NoteCode
from migrator.core.ports.source import ListSize
from tests.support.qacomplete import Query, listed, scripted
from tests.support.rig import rig

PROJECT = "/v1/projects/12"
REQUIREMENTS = f"{PROJECT}/requirements"


def rows(count: int, **more: Any) -> list[Any]:
    return [{"id": number, "title": f"Pay {number}", "nbr_files": 0, **more} for number in range(1, count + 1)]


async def test_pages_say_how_much_of_their_list_they_are() -> None:
    async with scripted({REQUIREMENTS: listed(rows(300))}) as (source, _):
        first = await source.page("requirements", "12", None)
        second = await source.page("requirements", "12", first.next_cursor)
        beside = await source.page("attachments", "12", "FunctionalSpecs@")
    assert first.sizes == beside.sizes == (ListSize("requirements", "", 200),)
    assert second.sizes == (ListSize("requirements", "", 100, goes_on=True),)


@pytest.mark.parametrize("stream", ["requirements", "attachments"])
async def test_a_list_that_counts_more_than_it_gives_concludes_nothing(stream: str) -> None:
    async with scripted({REQUIREMENTS: listed(rows(40), total=50)}) as (source, _):
        cursor = None if stream == "requirements" else "FunctionalSpecs@"
        moved = False
        for _ in range(3):
            page = await source.page(stream, "12", cursor)
            moved, cursor = moved or page.moved, page.next_cursor
            if not (cursor or "").rpartition("@")[2]:
                break
    assert moved


@pytest.mark.parametrize("given", [0, 1])
async def test_files_that_an_item_counts_and_its_list_does_not_give_are_named(given: int) -> None:
    files = [{"id": 7, "file_name": "a.png"}]

    def answer(_query: Query) -> dict[str, Any]:
        return {"metadata": {"result_set": {"total": given}}, "results": files[:given]}

    async with scripted({REQUIREMENTS: listed(rows(1, nbr_files=2)), **beneath("files", answer)}) as (source, seen):
        page = await source.page("attachments", "12", "FunctionalSpecs@")
    assert sum("/files" in call for call in seen) == 2  # a list may be cut short once
    assert len(page.records) == given + 1
    [note] = page.records[-1].notes
    assert note.code == NoteCode.ITEMS_INCOMPLETE
    assert f"counts 2 and its list gives {given}" in note.message
    assert isinstance(page.records[-1].entity, Attachment)
    assert [one.fingerprint for one in page.listed] == [""]  # it is asked again in the next round


def beneath(what: str, answer: Any) -> dict[str, Any]:
    """Answer for every place where files or notes of the first requirement may be asked for."""
    return {f"{PROJECT}/FunctionalSpecs/1/{what}": answer, f"{PROJECT}/functionalspecs/1/{what}": answer}


async def test_lists_of_tests_have_to_agree_within_a_reading_and_with_the_round_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Handlers.tests
    shown: list[int] = []

    async def tests(handlers: Handlers, request: web.Request) -> web.Response:
        """Hide the tests from whoever asks after ``shown`` others did."""
        hides = bool(shown) and shown[0] <= 0
        shown[:] = [left - 1 for left in shown]
        if hides:
            return web.json_response({"metadata": {"result_set": {"total": 0}}, "results": []})
        return await real(handlers, request)

    monkeypatch.setattr(Handlers, "tests", tests)
    data = sandbox.generate(40)
    async with rig(tmp_path, data) as running:
        shown.append(2)
        with pytest.raises(CeilingReached, match="tests of project 12 held 40 once and 0 another time") as told:
            await running.run()
        assert told.value.code is ErrorCode.LIST_EMPTY
        assert running.writes() == 0
        shown.clear()
        await running.run()
        hidden = [data.tests.pop() for _ in range(9)]
        writes = running.writes()
        for _ in range(2):
            with pytest.raises(CeilingReached, match="holds 31, but held 40 the last time"):
                await running.run()
        assert running.writes() == writes
        data.tests += hidden
        await running.run()
        del data.tests[-8:]
        await running.run()


async def test_an_import_while_everything_is_read_is_no_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Handlers.tests
    data = sandbox.generate(40)
    arriving = [data.tests.pop() for _ in range(20)]
    asked: list[web.Request] = []
    is_later = False

    async def tests(handlers: Handlers, request: web.Request) -> web.Response:
        if is_later:
            asked.append(request)
        if len(asked) == 2:  # what was asked first was told of those before
            data.tests.extend(arriving)
        return await real(handlers, request)

    monkeypatch.setattr(Handlers, "tests", tests)
    async with rig(tmp_path, data) as running:
        await running.run()
        is_later = True
        for _ in range(2):
            await running.run()
        assert len(data.tests) == 40
        assert running.lost_and_doubled() == ([], [])
