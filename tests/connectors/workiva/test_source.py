"""Reading: links of every kind, expansions that cannot be trusted, items that come and go, rights that are missing."""

from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from connectors.workiva import sandbox
from connectors.workiva.sandbox.handlers import ReadHandlers
from migrator.core.errors import AuthenticationError, ConfigError, TemporaryError
from migrator.core.model import Attachment, Folder, Result, TestCase, TestRun
from migrator.core.ports.source import Record
from migrator.testing.readings import Reading
from migrator.testing.sources import all_records, by_marker
from tests.support.workiva import opened, serving, stand_in


async def entities(built: sandbox.WorkivaStandIn, **settings: Any) -> dict[str, Record]:
    async with serving(built, **settings) as workiva:
        return by_marker(await all_records(workiva.source, "*"))


def kinds(records: dict[str, Record]) -> Counter[str]:
    return Counter(record.entity.ref.kind for record in records.values())


def small(**more: int) -> sandbox.SeedData:
    return sandbox.generate(2, phases=2, matrices=2, samples=3, attachments=8, **more)


async def calm() -> dict[str, Record]:
    return await entities(stand_in(small()), item_url="https://w.example/{path}")


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("links", ["absolute", "path", "query", "bare"])
@pytest.mark.parametrize("page_size", [1, 2, 100])
async def test_every_kind_of_link_leads_to_everything(links: str, page_size: int) -> None:
    built = stand_in(small(), links=links, page_size=page_size)
    found = await entities(built, item_url="https://w.example/{path}")
    assert {marker: record.entity for marker, record in found.items()} == {
        marker: record.entity for marker, record in (await calm()).items()
    }
    assert set(built.log.statuses) == {200}


@pytest.mark.parametrize(("links", "said"), [("foreign", "leads to another place"), ("loop", "goes round in circles")])
async def test_links_that_lead_astray_end_the_list_with_an_error(links: str, said: str) -> None:
    built = stand_in(small(), links=links, page_size=1)
    with pytest.raises(TemporaryError, match=said):
        await entities(built)
    assert built.log.counts.total() < 10


async def test_a_row_that_is_shown_twice_counts_once() -> None:
    data = small()
    matrix = data.forms[0].phases[0].matrices[0]
    matrix.samples.append(matrix.samples[0])
    assert kinds(await entities(stand_in(data)))["sample"] == 24


async def test_a_row_without_an_id_is_not_passed_over() -> None:
    data = small()
    data.forms[1].phases[0].matrices[1].id = ""
    with pytest.raises(TemporaryError, match="a row that has no id"):
        await entities(stand_in(data))


async def test_a_page_can_be_read_again_when_its_neighbour_failed() -> None:
    built = stand_in(small(), page_size=1)
    async with serving(built) as workiva:
        source = workiva.source
        first = await source.page("samples", "*", None)
        second = await source.page("samples", "*", first.next_cursor)
        assert await source.page("samples", "*", first.next_cursor) == second


@pytest.mark.parametrize("level", ["phases", "matrices", "samples"])
async def test_a_list_of_one_parent_that_is_empty_once_is_asked_again(
    level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = getattr(ReadHandlers, level)
    asked: list[str] = []

    async def answered(self: ReadHandlers, request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"data": []}) if len(asked) == 1 else await answer(self, request)

    whole = await calm()
    monkeypatch.setattr(ReadHandlers, level, answered)
    async with serving(stand_in(small()), item_url="https://w.example/{path}") as workiva:
        assert by_marker(await all_records(workiva.source, "*")).keys() == whole.keys()
    # lists of neighbours are read beside it
    assert asked[0] in asked[1:3]


# --- expansions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "switches",
    [
        {"ids_in_expansions": False},
        {"nulls": True},
        {"nulls": True, "ids_in_expansions": False, "links_expand": False, "page_size": 1},
        {"links_expand": False, "page_size": 1},
        {"expands": False},
    ],
    ids=str,
)
async def test_no_attachment_is_lost_whatever_expansions_show(switches: dict[str, Any]) -> None:
    found = await entities(stand_in(small(), **switches), item_url="https://w.example/{path}")
    assert {marker: record.entity for marker, record in found.items()} == {
        marker: record.entity for marker, record in (await calm()).items()
    }


@pytest.mark.parametrize("shown", [1, 3, 10])
async def test_a_shortened_expansion_hides_no_attachment(shown: int) -> None:
    data = small()
    for owner, count in (
        (data.samples()[0], 27),
        (data.forms[1].phases[0], 4),
        (data.forms[1].phases[1].matrices[0], 2),
    ):
        owner.attachments = [sandbox.Attachment(f"a{n}", f"a{n}") for n in range(count)]
    built = stand_in(data, expanded_attachments=shown)
    assert kinds(await entities(built))["attachment"] == 27 + 4 + 2 + 7


LISTS = "/testForms/{form}/testPhases/{phase}/matrices/{matrix}/samples/{sample}/attachments"


async def test_only_owners_that_show_an_attachment_are_asked_for_their_list() -> None:
    built = stand_in(small())
    await entities(built)
    asked = {call: count for call, count in built.log.counts.items() if call.endswith("/attachments")}
    assert asked == {f"GET {LISTS}": 8}


async def test_what_nobody_can_say_is_noted() -> None:
    data = small()
    data.forms[0].attachments = [sandbox.Attachment("x", "narrative.docx")]
    found = await entities(stand_in(data, expands=False))
    notes = [note for record in found.values() for note in record.notes]
    assert {note.code.value for note in notes} == {"items_incomplete", "export_not_taken", "links_to_api"}
    notes = [note for note in notes if note.code.value == "items_incomplete"]
    assert {note.marker for note in notes} == {f"workiva@acme:form:{form.id}" for form in data.forms}


@pytest.mark.parametrize(("item_url", "count"), [("", 0), ("https://app.acme.example/forms/{form}", 2)])
async def test_links_to_the_api_are_called_so(item_url: str, count: int) -> None:
    """Given an address that people can open, nothing is to be said."""
    settings = {"item_url": item_url} if item_url else {}
    data = sandbox.generate(2, phases=1, matrices=1, samples=1)
    async with serving(stand_in(data), **settings) as workiva:
        records = await all_records(workiva.source, "*")
    codes = [note.code.value for record in records for note in record.notes]
    assert codes.count("links_to_api") == 2 - count


async def test_receipts_are_no_evidence() -> None:
    data = small()
    receipt = sandbox.Attachment("r", "qasphere-receipt-2026.txt")
    before = kinds(await entities(stand_in(data)))
    data.samples()[0].attachments.append(receipt)
    data.forms[0].phases[0].attachments.append(receipt)
    assert kinds(await entities(stand_in(data))) == before


# --- rights, and what comes and goes ----------------------------------------------------------------------------------


async def test_a_form_that_may_not_be_read_is_named_with_the_way_out() -> None:
    data = small()
    data.denied = {data.forms[1].id}
    with pytest.raises(AuthenticationError) as caught:
        await entities(stand_in(data))
    assert data.forms[1].id in caught.value.message
    assert "source.skip" in caught.value.next_step
    found = await entities(stand_in(data), skip=[data.forms[1].id])
    assert kinds(found)["form"] == 1


async def test_a_grant_that_only_writes_is_named() -> None:
    async with serving(stand_in(small()), client_id=sandbox.WRITER_ID) as workiva:
        with pytest.raises(AuthenticationError, match="may not read test forms") as caught:
            await workiva.source.check()
    assert "graph:read" in caught.value.cause


async def test_a_grant_that_reads_is_enough() -> None:
    assert kinds(await entities(stand_in(small()), client_id=sandbox.READER_ID))["sample"] == 24


async def test_what_vanishes_while_it_is_read_is_told_to_the_engine() -> None:
    built = stand_in(small(), page_size=2)
    async with serving(built, concurrency=1) as workiva:
        first = await workiva.source.page("samples", "*", None)
        del built.data.forms[1]
        cursor, moved = first.next_cursor, [first.moved]
        while cursor is not None:
            page = await workiva.source.page("samples", "*", cursor)
            cursor = page.next_cursor
            moved.append(page.moved)
    assert (moved[0], moved[-1]) == (False, True)


async def test_a_cursor_to_something_that_is_gone_is_told_to_the_engine() -> None:
    built = stand_in(small())
    async with sandbox.serving(built) as url, opened(url, concurrency=1) as workiva:
        page = await workiva.source.page("phases", "*", None)
        del built.data.forms[1]
        async with opened(url, concurrency=1) as another:
            moved = await another.source.page("phases", "*", page.next_cursor)
    assert (moved.moved, moved.records, moved.next_cursor) == (True, (), None)


async def test_a_generation_that_is_not_there_is_named() -> None:
    async with sandbox.serving(stand_in(small())) as url, opened(f"{url}/platform/v1") as workiva:
        with pytest.raises(ConfigError, match="there is no Workiva API") as caught:
            await workiva.source.check()
    assert "source.api_version" in caught.value.next_step


# --- what comes out ---------------------------------------------------------------------------------------------------


async def test_every_level_becomes_what_it_should() -> None:
    found = await entities(stand_in())
    assert kinds(found) == {
        "workspace": 1, "form": 4, "phase": 5, "matrix": 7, "run": 5, "overview": 11, "sample": 19, "result": 19,
        "attachment": 21,
    }  # fmt: skip
    everything = [record.entity for record in found.values()]
    refs = {entity.ref for entity in everything}
    folders = [one for one in everything if isinstance(one, Folder)]
    assert {one.parent for one in folders if one.parent} <= refs
    assert {one.folder for one in everything if isinstance(one, TestCase)} <= refs
    results = [one for one in everything if isinstance(one, Result)]
    assert {one.case for one in results} <= refs
    assert {one.run for one in results} <= refs
    assert {one.about for one in everything if isinstance(one, Attachment)} <= refs
    assert [run.title for run in everything if isinstance(run, TestRun)][:2] == [
        "FIN-07 Manual journal entries \u2013 Interim",
        "FIN-07 Manual journal entries \u2013 Year end",
    ]
    for run in (one for one in everything if isinstance(one, TestRun)):
        positions = sorted(one.position for one in results if one.run == run.ref)
        assert positions == list(range(len(positions)))


# --- pages that are too large -----------------------------------------------------------------------------------------


def heavy() -> sandbox.SeedData:
    data = sandbox.generate(1, phases=1, matrices=1, samples=30)
    for sample in data.samples():
        sample.data = dict.fromkeys(sample.data, "x" * 400)
    return data


@pytest.mark.parametrize("links", ["absolute", "bare"])
async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(
    links: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await entities(stand_in(heavy()), item_url="https://w.example/{path}")
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 20_000)
    found = await entities(stand_in(heavy(), sized=True, links=links), item_url="https://w.example/{path}")
    assert {marker: one.entity for marker, one in found.items()} == {
        marker: one.entity for marker, one in expected.items()
    }


async def test_a_list_that_takes_no_size_ends_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 20_000)
    built = stand_in(heavy())
    with pytest.raises(TemporaryError, match="larger than 20000 bytes"):
        await entities(built)
    assert built.log.counts.total() < 40


async def test_in_later_rounds_only_samples_that_show_other_attachments_are_asked() -> None:
    built = stand_in(small(), page_size=2)
    samples = [sample for sample in built.data.samples() if sample.attachments]
    async with serving(built) as workiva:
        reading = await Reading("*", "samples").whole(workiva.source)
        built.log.counts.clear()
        await reading.again(workiva.source)
        assert built.log.counts[f"GET {LISTS}"] == 0
        samples[0].attachments.append(sandbox.Attachment("late", "late.pdf"))
        samples[1].attachments.clear()
        await reading.again(workiva.source)
        assert built.log.counts[f"GET {LISTS}"] == 1
        fresh = await Reading("*", "samples").whole(workiva.source)
    assert reading.entities() == fresh.entities()
    assert sum(one.kind == "attachment" for one in fresh.entities().values()) == 8
