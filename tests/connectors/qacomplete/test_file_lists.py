"""Attachments: their lists, in all profiles and from servers that answer what nobody expects."""

from collections import Counter
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import File, Switches, build, demo_company, generate, generate_files
from migrator.core.model import Attachment
from migrator.core.notes import NoteCode
from migrator.core.refs import PREFIX
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, records_of, scripted
from tests.support.qacomplete_files import files_of, one_file, opened, trouble_of

PROJECT = "/v1/projects/12"


@pytest.mark.parametrize("profile", get_args(Profile))
async def test_the_companys_files_are_listed_in_every_profile(profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), demo_company())
    async with serve(stand_in.app) as url, open_source(url) as source:
        files = await files_of(source)
    assert sorted(map(int, files)) == [file.id for file in stand_in.data.files]
    assert [files[str(file.id)].title for file in stand_in.data.files] == [file.name for file in stand_in.data.files]
    kinds = Counter(file.about.kind for file in files.values())
    assert kinds == {"test": 12, "test_set": 1, "requirement": 1, "defect": 1, "release": 1}
    assert {key: file.step for key, file in files.items() if file.step} == {"4": 2}
    assert files["4"].about == files["1"].about
    assert (files["1"].size, files["1"].media_type) == (None, None)


async def test_what_is_known_of_a_file() -> None:
    async with opened(demo_company()) as (_, source):
        files = await files_of(source)
        [first, *_] = await records_of(source, "attachments")
    screen, order, wiki, share = files["1"], files["4"], files["10"], files["11"]
    assert (screen.ref.kind, screen.ref.ids, screen.about.ids) == ("file", ("12", "1"), ("12", "1001"))
    assert screen.author is not None
    assert screen.author.name == "Jon Vik"
    assert screen.created_at is not None
    assert screen.created_at.isoformat() == "2018-09-03T14:20:00-06:00"
    assert screen.texts["comments"].value == "<p>as it should be</p>"
    assert order.texts["title"].value == "What the customer sees"
    assert (wiki.title, wiki.address) == ("https://wiki.acme.example/pay", "https://wiki.acme.example/pay")
    assert (share.title, share.address) == (r"\\server\share\plan.doc", None)
    assert orjson.loads(first.raw)["file_name"] == "screen.png"


async def test_only_what_counts_files_is_asked_for_them() -> None:
    async with opened(demo_company()) as (stand_in, source):
        await records_of(source, "attachments")
        asked = sum(count for call, count in stand_in.log.counts.items() if call.endswith("/files"))
        holders = {(file.code, file.item_id) for file in stand_in.data.files}
    assert asked == len(holders)


async def test_our_receipts_are_not_part_of_the_history() -> None:
    data = one_file()
    test = data.tests[0].id
    async with opened(data) as (_, source):
        before, cases = await files_of(source), await records_of(source, "tests")
        data.files.append(File(2, 12, "Tests", test, f"{PREFIX}SHOP-1.json", bytes_=b"{}"))
        data.files.append(File(3, 12, "Tests", test, f"{PREFIX.upper()}2.json", bytes_=b"{}"))
        assert await files_of(source) == before
        # the counter moves, the case does not
        after = await records_of(source, "tests")
    assert [record.entity for record in after] == [record.entity for record in cases]


async def test_files_without_ids_keep_their_own_markers() -> None:
    switches = Switches(files_without_id=True)
    async with opened(demo_company(), switches) as (stand_in, source):
        files, again = await files_of(source), await files_of(source)
    assert files == again
    assert len(files) == len(stand_in.data.files)
    same_name = [file for file in files.values() if file.title == "screen.png" and file.about.ids[1] == "1003"]
    assert [file.extra["occurrence"] for file in same_name] == [0, 1]
    assert all(file.extra["file_id"] is None for file in files.values())


@pytest.mark.parametrize("status", [500, 404, 403])
async def test_a_list_that_cannot_be_read_is_named_and_costs_nobody_else_anything(status: int, tmp_path: Path) -> None:
    step = {"id": 7, "seq": 1, "step": "x", "nbr_files": 1}
    tests = [{"id": 1, "nbr_steps": 1, "test_steps": [step], "nbr_files": 0}, {"id": 2, "nbr_steps": 0, "nbr_files": 1}]
    empty: dict[str, Any] = {"results": []}
    answers: dict[str, Any] = {
        f"{PROJECT}/tests": {"metadata": {"result_set": {"total": 2}}, "results": tests},
        **{f"{PROJECT}/{name}": empty for name in ("releases", "requirements", "defects")},
        "/v2/projects/12/testsets": empty,
        f"{PROJECT}/TestSteps/7/files": web.Response(status=status),
        f"{PROJECT}/Tests/2/files": {"results": [{"id": 5, "file_name": "a.txt"}, None, {}]},
    }
    async with scripted(answers) as (source, _):
        records = await records_of(source, "attachments")
        unread = records[0]
        assert isinstance(unread.entity, Attachment)
        trouble = await trouble_of(source, unread.entity, tmp_path / "x")
    assert unread.entity.ref.ids[1:] == ("teststeps", "7", "unread")
    assert [(note.code, note.field) for note in unread.notes] == [(NoteCode.ITEMS_INCOMPLETE, "files")]
    assert str(status) in unread.notes[0].message
    assert trouble.reason == "missing"
    # rows that say nothing are kept, under markers of their own
    assert [record.entity.title for record in records[1:]] == ["a.txt", "File of test 2", "File of test 2"]
    assert not any(record.notes for record in records[1:])


async def test_attachments_can_be_left_out() -> None:
    async with opened(demo_company(), skip=("attachments",)) as (_, source):
        assert "attachments" not in source.abilities.streams
    async with opened(demo_company(), skip=("defects", "test_sets")) as (_, source):
        assert {file.about.kind for file in (await files_of(source)).values()} == {"test", "requirement", "release"}


def test_generated_files_are_the_same_for_the_same_seed() -> None:
    def made(seed: int) -> list[tuple[str, int, str]]:
        data = generate(5)
        generate_files(data, 20, sizes=(7,), seed=seed)
        return [(file.name, file.size, file.sha256()) for file in data.files]

    assert made(3) == made(3) != made(4)
    assert made(3)[-1][1] == 7
    with pytest.raises(ValueError, match="no tests"):
        generate_files(generate(0), 1)
