"""What a round did not read is not known to be deleted: it stays where it is, and a note says that it was not read."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox.item_handlers import ItemHandlers
from tests.end_to_end.test_pages import MAKE, company, pages
from tests.support.rig import Rig, rig

KINDS = ["attachments", "notes", "links", "requirements", "defects", "releases", "test_sets"]


def shown(running: Rig) -> dict[str, Any]:
    """What stands in QA Sphere: cases with their files and requirements, and pages."""
    cases = {
        case.title: (case.precondition, case.steps, case.requirements, [file["fileName"] for file in case.files])
        for case in running.shop.cases
    }
    return cases | pages(running)


def codes(notes: list[dict[str, Any]], code: str) -> int:
    return sum(note["count"] for note in notes if note["code"] == code)


async def test_lists_beneath_items_that_are_refused_later_take_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: set[str] = set()
    for name in ("notes", "links", "set_items"):
        answer = getattr(ItemHandlers, name)

        async def answered(handlers: ItemHandlers, request: web.Request, name: str = name, answer: Any = answer) -> Any:
            if name in refused:
                return web.json_response({"message": "no"}, status=403)
            return await answer(handlers, request)

        monkeypatch.setattr(ItemHandlers, name, answered)
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        first = await running.run()
        assert not codes(first.notes, "items_incomplete")
        before = shown(running)
        refused |= {"notes", "links", "set_items"}
        second = await running.run()
        assert shown(running) == before
        assert codes(second.notes, "items_incomplete")
        assert codes(second.notes, "only_archived") == codes(first.notes, "only_archived")
        assert second.balanced
        refused.clear()
        third = await running.run()
        assert shown(running) == before
        assert not codes(third.notes, "items_incomplete")
        assert (await running.verify()).wrong == 0


async def test_what_is_skipped_later_stays_and_each_kind_has_a_note(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        before = shown(running)
        running.settings["source"] = {"skip": KINDS}
        skipped = await running.run()
        assert shown(running) == before
        assert codes(skipped.notes, "kind_skipped") == len(KINDS)
        assert skipped.balanced
        report = await running.sync()
        assert shown(running) == before
        assert not report.deletions
        del running.settings["source"]
        again = await running.run()
        assert shown(running) == before
        assert not codes(again.notes, "kind_skipped")
        assert (await running.verify()).wrong == 0


async def test_what_is_skipped_before_the_first_load_stays_out(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.plan()
        running.settings["source"] = {"skip": ["attachments", "notes", "links", "requirements"]}
        first = await running.run()
        assert not pages(running).keys() & {"Requirements 2017.html"}
        assert not any(case.files for case in running.shop.cases if not case.is_draft)
        assert codes(first.notes, "kind_skipped") == 4
