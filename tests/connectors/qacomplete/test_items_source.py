"""Items beside tests, read from the stand-in in all profiles, with rights missing and kinds left out."""

from typing import get_args

import orjson
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qacomplete.sandbox import Switches, build
from connectors.qacomplete.sandbox.switches import Area
from migrator.core import model
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError
from migrator.core.notes import NoteCode
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, records_of
from tests.support.qacomplete_items import calls, markers_of, sample


@pytest.mark.parametrize("profile", get_args(Profile))
async def test_the_sample_is_read_whole_in_every_profile(profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), sample())
    async with serve(stand_in.app) as url, open_source(url) as source:
        found = {stream: await markers_of(source, stream) for stream in source.abilities.streams}
        notes = [note for stream in found for record in await records_of(source, stream) for note in record.notes]
    assert found["releases"] == ["301", "302", "303", "304"]
    assert found["configurations"] == ["401", "402"]
    assert found["requirements"] == ["501", "502", "503"]
    assert found["defects"] == ["601", "602"]
    assert found["test_sets"] == ["701", "702", "703"]
    assert sorted(found["notes"]) == ["801", "802", "803", "804", "805", "806"]
    # 907 ties two tests together, and tests are not asked for links
    assert sorted(found["links"]) == ["901", "902", "903", "904", "905", "906"]
    assert {note.code for note in notes} == {NoteCode.STEPS_INCOMPLETE}


async def test_what_is_read_of_the_sample() -> None:
    async with serve(build(data=sample()).app) as url, open_source(url) as source:
        streams = ("releases", "defects", "test_sets", "notes", "links")
        found = {r.entity.ref.ids[1]: r for stream in streams for r in await records_of(source, stream)}
    spring, sprint, closed = found["301"].entity, found["302"].entity, found["601"].entity
    assert isinstance(spring, model.Milestone)
    assert isinstance(sprint, model.Milestone)
    assert (spring.title, spring.parent, sprint.parent) == ("Spring & summer", None, spring.ref)
    assert isinstance(closed, model.Defect)
    # Denver's clocks change a week after Europe's
    assert closed.closed_at is not None
    assert closed.closed_at.isoformat() == "2022-10-30T02:30:00-06:00"
    smoke = found["701"].entity
    assert isinstance(smoke, model.TestSet)
    assert [(item.case.ids[1], item.active) for item in smoke.items] == [
        ("1001", True),
        ("1002", True),
        ("1001", True),
        ("1003", False),
    ]
    sixty = found["702"].entity
    assert isinstance(sixty, model.TestSet)
    assert len(sixty.items) == 60
    note, link = found["804"].entity, found["905"].entity
    assert isinstance(note, model.Comment)
    assert (note.about.kind, note.about.ids[1]) == ("test", "1001")
    assert isinstance(link, model.Link)
    assert [end.kind for end in (link.first, link.second) if end] == ["defect", "test"]


async def test_the_vendors_json_stands_beside_every_item() -> None:
    async with serve(build(data=sample()).app) as url, open_source(url) as source:
        sets = [orjson.loads(record.raw) for record in await records_of(source, "test_sets")]
        [first, *_] = [orjson.loads(record.raw) for record in await records_of(source, "links")]
    assert [(whole["test_set"]["id"], len(whole["items"])) for whole in sets] == [(701, 4), (702, 60), (703, 0)]
    assert first["link_id"] == 901
    assert first["linked_entity_code"] == "FunctionalSpecs"


async def test_only_items_that_count_notes_are_asked_for_them() -> None:
    stand_in = build(data=sample())
    async with serve(stand_in.app) as url, open_source(url) as source:
        await records_of(source, "notes")
        assert calls(stand_in, "/{item}/notes") == 5
        await records_of(source, "test_sets")
        # the third set is empty and says so
        assert calls(stand_in, "/testsets/{item}/items") == 2


RIGHTS: list[tuple[Area, tuple[str, ...]]] = [
    ("Releases", ("releases", "notes", "links", "attachments")),
    ("Requirements", ("requirements", "notes", "links", "attachments")),
    ("Defects", ("defects", "notes", "links", "attachments")),
    ("Test Sets", ("test_sets", "notes", "links", "attachments")),
    ("Test Library", ("tests", "configurations", "runs", "results", "notes", "attachments")),
]


@pytest.mark.parametrize(("area", "refused"), RIGHTS)
async def test_a_missing_right_is_named(area: Area, refused: tuple[str, ...]) -> None:
    stand_in = build(data=sample(), switches=Switches(denied=frozenset({area})))
    async with serve(stand_in.app) as url, open_source(url) as source:
        for stream in source.abilities.streams:
            if stream in refused:
                with pytest.raises(AuthenticationError) as caught:
                    await records_of(source, stream)
                assert f"Read right on {area}" in caught.value.next_step
                # without tests there is nothing to migrate
                offered = area != "Test Library" or stream in ("configurations", "runs", "results")
                assert ("source.skip" in caught.value.next_step) is offered
            else:
                await records_of(source, stream)


async def test_a_bad_request_is_no_missing_right() -> None:
    stand_in = build(data=sample())

    @web.middleware
    async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.lower().endswith("/tests"):
            return web.json_response({"message": "no such field"}, status=400)
        return await handler(request)

    stand_in.app.middlewares.insert(0, refusing)
    async with serve(stand_in.app) as url, open_source(url) as source:
        with pytest.raises(AuthenticationError, match="refuses to list") as caught:
            await records_of(source, "tests")
        assert (caught.value.code, "Read right" in caught.value.next_step) == (ErrorCode.REFUSED, False)


@pytest.mark.parametrize(
    ("skip", "links"),
    [
        (("defects",), ["901", "902", "903", "904"]),
        (("requirements",), ["901", "903", "905", "906"]),
        (("requirements", "defects"), ["903"]),
    ],
)
async def test_what_is_skipped_is_not_asked_for_and_costs_no_other_link(
    skip: tuple[str, ...], links: list[str]
) -> None:
    areas: dict[str, Area] = {"defects": "Defects", "requirements": "Requirements"}
    stand_in = build(data=sample(), switches=Switches(denied=frozenset(areas[name] for name in skip)))
    async with serve(stand_in.app) as url, open_source(url, skip=skip) as source:
        assert not set(skip) & set(source.abilities.streams)
        assert sorted(await markers_of(source, "links")) == links
        assert "805" in await markers_of(source, "notes")
