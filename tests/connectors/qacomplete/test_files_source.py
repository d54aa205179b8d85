"""Attachments: their lists in all profiles, and their bytes from every provider, on good days and bad ones."""

import asyncio
import hashlib
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import (
    BASE_PATH,
    PASSWORD,
    File,
    QACompleteStandIn,
    SeedData,
    Switches,
    build,
    demo_company,
    generate,
    generate_files,
    write_folder,
)
from connectors.qacomplete.sandbox.files import Trouble
from connectors.qacomplete.sandbox.sample_files import PICTURE, png
from connectors.qacomplete.source import QACompleteSource
from migrator.core.errors import (
    AuthenticationError,
    ConfigError,
    ContentReason,
    ContentTrouble,
    MigratorError,
    TemporaryError,
)
from migrator.core.model import Attachment, TestCase
from migrator.core.notes import NoteCode
from migrator.core.ports_source import Content, Record
from migrator.core.receipts import PREFIX
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, scripted
from tests.support.sources import pages_of

LIMIT = 50 * 1024 * 1024
PROJECT = "/v1/projects/12"


class Forgetful:
    """A memory that is not needed."""

    def recall(self) -> str | None:
        return None

    def keep(self, text: str | None) -> None:
        raise AssertionError(f"nothing is to be remembered: {text}")


async def fetch(source: QACompleteSource, file: Attachment, target: Path, *, max_bytes: int = LIMIT) -> Content:
    return await source.fetch(file, target, max_bytes=max_bytes, memory=Forgetful())


async def records_of(source: QACompleteSource, stream: str = "attachments") -> list[Record]:
    return [record for _, page in await pages_of(source, stream, "12") for record in page.records]


async def files_of(source: QACompleteSource) -> dict[str, Attachment]:
    found = [record.entity for record in await records_of(source)]
    files = {"/".join(entity.ref.ids[1:]): entity for entity in found if isinstance(entity, Attachment)}
    assert len(files) == len(found)
    return files


@asynccontextmanager
async def opened(
    data: SeedData, switches: Switches | None = None, **settings: Any
) -> AsyncIterator[tuple[QACompleteStandIn, QACompleteSource]]:
    stand_in = build(data=data, switches=switches)
    async with serve(stand_in.app) as url, open_source(url, **settings) as source:
        yield stand_in, source


def one_file(**more: Any) -> SeedData:
    """Return a project with one test and one file on it."""
    data = generate(1)
    given: dict[str, Any] = {"name": "a.png", "bytes_": png(4, 4, (1, 2, 3)), **more}
    data.files.append(File(1, 12, "Tests", data.tests[0].id, **given))
    return data


async def trouble_of(source: QACompleteSource, file: Attachment, target: Path, **more: int) -> ContentTrouble:
    with pytest.raises(ContentTrouble) as caught:
        await fetch(source, file, target, **more)
    nothing_there(target)
    return caught.value


def nothing_there(target: Path) -> None:
    assert list(target.parent.iterdir()) == []


# --- lists ------------------------------------------------------------------------------------------------------------


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
        [first, *_] = await records_of(source)
    screen, order, wiki, share = files["1"], files["4"], files["10"], files["11"]
    assert (screen.ref.kind, screen.ref.ids, screen.about.ids) == ("file", ("12", "1"), ("12", "1001"))
    assert screen.author is not None
    assert screen.author.name == "Jon Vik"
    assert screen.created_at is not None
    assert screen.created_at.isoformat() == "2018-09-03T14:20:00-06:00"
    assert screen.extra["comments"] == "<p>as it should be</p>"
    assert order.extra["title"] == "What the customer sees"
    assert (wiki.title, wiki.address) == ("https://wiki.acme.example/pay", "https://wiki.acme.example/pay")
    assert (share.title, share.address) == (r"\\server\share\plan.doc", None)
    assert orjson.loads(first.raw)["file_name"] == "screen.png"


async def test_only_what_counts_files_is_asked_for_them() -> None:
    async with opened(demo_company()) as (stand_in, source):
        await records_of(source)
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
        records = await records_of(source)
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


# --- bytes, on a good day ---------------------------------------------------------------------------------------------


async def _all_arrive(stand_in: QACompleteStandIn, source: QACompleteSource, folder: Path) -> None:
    """Fetch everything; what only has an address is told so, everything else is what the stand-in holds."""
    files = await files_of(source)
    held = sorted(stand_in.data.files, key=lambda file: file.id)
    for (_, file), known in zip(sorted(files.items(), key=lambda pair: _age(pair[1], held)), held, strict=True):
        target = folder / "here"
        if known.name.startswith(("https:", "\\")):
            assert (await trouble_of(source, file, target)).reason == "missing"
            continue
        content = await fetch(source, file, target)
        assert (known.name, content.sha256) == (file.title, known.sha256())
        assert hashlib.sha256(target.read_bytes()).hexdigest() == content.sha256
        assert content.size == target.stat().st_size
        target.unlink()
        nothing_there(target)


def _age(file: Attachment, held: list[File]) -> int:
    """Return the id of a file, also where the list named none."""
    if len(file.ref.ids) == 2:
        return int(file.ref.ids[1])
    same = [
        known.id
        for known in held
        if (known.code.lower(), str(known.item_id), known.name) == (*file.ref.ids[1:3], file.title)
    ]
    return same[int(str(file.extra["occurrence"]))]


@pytest.mark.parametrize("files_without_id", [False, True])
async def test_soap_gives_every_byte(tmp_path: Path, files_without_id: bool) -> None:
    async with opened(demo_company(), Switches(files_without_id=files_without_id)) as (stand_in, source):
        await _all_arrive(stand_in, source, tmp_path)
        calls = Counter({call.rpartition(" ")[2]: n for call, n in stand_in.log.counts.items() if "psws" in call})
    assert (calls["GetLoginInfo"], calls["Attachments_GetAttachment"]) == (1, 14)
    # an item's list is asked for once, and only where ids are missing
    assert calls["Attachments_GetAttachmentsList"] == (10 if files_without_id else 0)


async def test_an_address_from_the_config_gives_every_byte(tmp_path: Path) -> None:
    switches = Switches(rest_file_content=True)
    async with opened(demo_company(), switches, attachments="rest") as (stand_in, source):
        await _all_arrive(stand_in, source, tmp_path)
        assert not [call for call in stand_in.log.counts if "psws" in call]


async def test_a_folder_gives_every_byte(tmp_path: Path) -> None:
    data = demo_company()
    local = [file for file in data.files if not file.name.startswith(("https:", "\\"))]
    data.files = [file for file in data.files if file.id != 7]  # a folder holds one file of a name
    write_folder([file for file in local if file.id != 7], tmp_path / "export")
    (tmp_path / "spool").mkdir()
    settings: dict[str, Any] = {"attachments": "folder", "attachments_folder": tmp_path / "export"}
    async with opened(data, **settings) as (stand_in, source):
        await _all_arrive(stand_in, source, tmp_path / "spool")
        assert not [call for call in stand_in.log.counts if "psws" in call or call.endswith("/content")]


async def test_none_gives_nothing_and_says_which_setting_it_is(tmp_path: Path) -> None:
    async with opened(one_file(), attachments="none") as (_, source):
        [file] = (await files_of(source)).values()
        trouble = await trouble_of(source, file, tmp_path / "x")
    assert trouble.reason == "missing"
    assert "source.attachments" in trouble.cause + trouble.next_step


async def test_a_soap_session_that_ends_is_renewed(tmp_path: Path) -> None:
    data = generate(3)
    generate_files(data, 9, largest=2000)
    async with opened(data, Switches(soap_forgets=3)) as (stand_in, source):
        await _all_arrive(stand_in, source, tmp_path)
        logins = stand_in.log.counts["POST /psws.asmx GetLoginInfo"]
    assert logins == 3


async def test_many_files_at_once_log_in_once(tmp_path: Path) -> None:
    data = generate(3)
    generate_files(data, 12, largest=2000)
    async with opened(data) as (stand_in, source):
        files = list((await files_of(source)).values())
        contents = await asyncio.gather(
            *(fetch(source, file, tmp_path / str(number)) for number, file in enumerate(files))
        )
        assert stand_in.log.counts["POST /psws.asmx GetLoginInfo"] == 1
    assert {content.sha256 for content in contents} == {file.sha256() for file in data.files}


@pytest.mark.parametrize("attachments", ["soap", "rest", "folder"])
async def test_a_large_file_is_never_whole_in_memory(tmp_path: Path, attachments: str) -> None:
    size = 20 * 1024 * 1024
    data = one_file(bytes_=None, size=size, name="video.mp4")
    write_folder(data.files, tmp_path / "export")
    settings: dict[str, Any] = {"attachments": attachments, "attachments_folder": tmp_path / "export"}
    async with opened(data, Switches(rest_file_content=True), **settings) as (_, source):
        [file] = (await files_of(source)).values()
        tracemalloc.start()
        content = await fetch(source, file, tmp_path / "x")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (content.size, content.sha256) == (size, data.files[0].sha256())
    assert peak < size / 4


async def test_sizes_around_the_limit(tmp_path: Path) -> None:
    data = generate(2)
    generate_files(data, 0, sizes=(1000, 1001))
    async with opened(data) as (_, source):
        exact, over = (await files_of(source)).values()
        assert (await fetch(source, exact, tmp_path / "x", max_bytes=1000)).size == 1000
        (tmp_path / "x").unlink()
        assert (await trouble_of(source, over, tmp_path / "x", max_bytes=1000)).reason == "too_large"


# --- bytes, on a bad day ----------------------------------------------------------------------------------------------

SOAP_TROUBLES: list[tuple[Trouble, ContentReason]] = [
    ("cut", "truncated"),
    ("login_page", "web_page"),
    ("not_base64", "unreadable"),
    ("no_bytes", "missing"),
    ("fault", "refused"),
]
REST_TROUBLES: list[tuple[Trouble, ContentReason]] = [
    ("cut", "truncated"),
    ("login_page", "web_page"),
    ("no_bytes", "missing"),
    ("refused", "refused"),
]


@pytest.mark.parametrize(
    ("attachments", "trouble", "reason"),
    [*(("soap", *pair) for pair in SOAP_TROUBLES), *(("rest", *pair) for pair in REST_TROUBLES)],
)
async def test_bytes_that_cannot_be_had_are_named(
    tmp_path: Path, attachments: str, trouble: Trouble, reason: ContentReason
) -> None:
    data = one_file(trouble=trouble)
    async with opened(data, Switches(rest_file_content=True), attachments=attachments) as (_, source):
        [file] = (await files_of(source)).values()
        found = await trouble_of(source, file, tmp_path / "x")
        assert (found.reason, "a.png" in found.message) == (reason, True)
        # mended, it comes
        data.files[0].trouble = None
        assert (await fetch(source, file, tmp_path / "x")).sha256 == data.files[0].sha256()


async def test_a_service_in_trouble_is_temporary(tmp_path: Path) -> None:
    stand_in = build(data=one_file())
    async with AsyncExitStack() as served:
        url = await served.enter_async_context(serve(stand_in.app))
        async with open_source(url) as source:
            [file] = (await files_of(source)).values()
            await served.aclose()
            with pytest.raises(TemporaryError):
                await fetch(source, file, tmp_path / "x")
    nothing_there(tmp_path / "x")


async def test_an_error_of_the_rest_server_is_temporary(tmp_path: Path) -> None:
    data = one_file(trouble="fault")
    async with opened(data, Switches(rest_file_content=True), attachments="rest") as (_, source):
        [file] = (await files_of(source)).values()
        with pytest.raises(TemporaryError) as caught:
            await fetch(source, file, tmp_path / "x")
    assert not isinstance(caught.value, ContentTrouble)
    nothing_there(tmp_path / "x")


async def test_a_log_in_that_soap_refuses_is_about_the_credentials(tmp_path: Path) -> None:
    async with opened(one_file(), soap_app_code="other") as (_, source):
        [file] = (await files_of(source)).values()
        with pytest.raises(AuthenticationError) as caught:
            await fetch(source, file, tmp_path / "x")
    assert "source.soap_app_code" in caught.value.next_step
    assert PASSWORD not in str(caught.value) + caught.value.next_step


async def test_a_session_that_is_never_accepted_is_about_the_credentials(tmp_path: Path) -> None:
    async with opened(one_file(), Switches(soap_forgets=0)) as (stand_in, source):
        [file] = (await files_of(source)).values()
        with pytest.raises(AuthenticationError):
            await fetch(source, file, tmp_path / "x")
        assert stand_in.log.counts["POST /psws.asmx GetLoginInfo"] == 2


@pytest.mark.parametrize("path", ["/elsewhere.asmx", f"{BASE_PATH}/v1/projects"])
async def test_a_wrong_soap_address_is_about_the_setting(tmp_path: Path, path: str) -> None:
    async with serve(build(data=one_file()).app) as url, open_source(url, soap_url=url + path) as source:
        [file] = (await files_of(source)).values()
        with pytest.raises(ConfigError) as caught:
            await fetch(source, file, tmp_path / "x")
    assert "source.soap_url" in caught.value.next_step


async def test_a_file_that_is_gone_is_missing(tmp_path: Path) -> None:
    for switches in (Switches(), Switches(files_without_id=True)):
        data = one_file()
        async with opened(data, switches) as (_, source):
            [file] = (await files_of(source)).values()
            data.files.clear()
            found = await trouble_of(source, file, tmp_path / "x")
        assert found.reason in ("missing", "refused")


async def test_an_address_that_needs_ids_says_so_where_there_are_none(tmp_path: Path) -> None:
    async with opened(one_file(), Switches(files_without_id=True), attachments="rest") as (_, source):
        [file] = (await files_of(source)).values()
        found = await trouble_of(source, file, tmp_path / "x")
    assert (found.reason, "soap" in found.next_step) == ("missing", True)


@pytest.mark.parametrize("name", ["../../secret.txt", "..", "a/b.txt", "nowhere.txt", "\0", "x" * 300])
async def test_a_hostile_name_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    data = one_file(name=name, bytes_=b"")
    (tmp_path / "export" / "Tests" / str(data.tests[0].id)).mkdir(parents=True)
    (tmp_path / "export" / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "spool").mkdir()
    settings: dict[str, Any] = {"attachments": "folder", "attachments_folder": tmp_path / "export"}
    async with opened(data, **settings) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await trouble_of(source, file, tmp_path / "spool" / "x")).reason == "missing"


async def test_a_link_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    data = one_file(name="a.txt")
    home = tmp_path / "export" / "Tests" / str(data.tests[0].id)
    home.mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (home / "a.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "spool").mkdir()
    settings: dict[str, Any] = {"attachments": "folder", "attachments_folder": tmp_path / "export"}
    async with opened(data, **settings) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await trouble_of(source, file, tmp_path / "spool" / "x")).reason == "missing"


async def test_zips_that_hide_too_much_or_are_broken_do_not_arrive(tmp_path: Path) -> None:
    bomb = File(1, 12, "Tests", 10_001, "zeros.txt", bytes_=b"\0" * 5_000_000, zipped=True)
    whole = b"".join(bomb.chunks())
    async with opened(one_file(name="zeros.txt", bytes_=whole)) as (stand_in, source):
        [file] = (await files_of(source)).values()
        found = await trouble_of(source, file, tmp_path / "x", max_bytes=100_000)
        assert (len(whole) < 100_000, found.reason) == (True, "too_large")
        broken = bytearray(whole)
        broken[2000] ^= 0xFF
        stand_in.data.files[0].bytes_ = bytes(broken)
        assert (await trouble_of(source, file, tmp_path / "x")).reason == "unreadable"


@pytest.mark.parametrize("name", ["data.zip", "book.xlsx", "other.txt"])
async def test_only_what_the_server_has_wrapped_is_unwrapped(tmp_path: Path, name: str) -> None:
    """An archive stays one, and so does a ZIP that holds something of another name."""
    held = tmp_path / "held.zip"
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inner.txt" if name == "other.txt" else name, b"x")
    content = held.read_bytes()
    held.unlink()
    async with opened(one_file(name=name, bytes_=content)) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await fetch(source, file, tmp_path / "x")).sha256 == hashlib.sha256(content).hexdigest()


async def test_a_web_page_that_is_the_file_arrives(tmp_path: Path) -> None:
    page = b"<html><body>a report</body></html>"
    for attachments in ("soap", "rest"):
        data = one_file(name="report.html", bytes_=page)
        async with opened(data, Switches(rest_file_content=True), attachments=attachments) as (_, source):
            [file] = (await files_of(source)).values()
            await fetch(source, file, tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == page


async def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    async with opened(one_file()) as (_, source):
        [file] = (await files_of(source)).values()
        with pytest.raises(MigratorError, match="cannot write"):
            await fetch(source, file, tmp_path / "not" / "there")
    nothing_there(tmp_path / "x")


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["{path}", "{url}{path}", " {url}{path}#top"])
async def test_a_picture_of_the_web_application_is_fetched(tmp_path: Path, spelling: str) -> None:
    data = demo_company()
    async with serve(build(data=data).app) as url, open_source(url) as source:
        case = next(r.entity for r in await records_of(source, "tests") if r.entity.ref.ids[1] == "1001")
        assert isinstance(case, TestCase)
        assert case.description is not None
        assert PICTURE in case.description.value
        address = spelling.format(url=url, path=PICTURE)
        content = await source.fetch_picture(address, tmp_path / "x", max_bytes=LIMIT)
    assert content.media_type == "image/png"
    assert (tmp_path / "x").read_bytes() == data.pictures[PICTURE]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://pictures.example/a.png", "foreign"),
        ("//pictures.example/a.png", "foreign"),
        ("http://127.0.0.1:1/a.png", "foreign"),
        ("https://[broken", "foreign"),
        ("file:///etc/passwd", "foreign"),
        ("data:image/png;base64,AAAA", "foreign"),
        ("/images/nothing.png", "missing"),
        ("/rest-api/service/api/v1/projects", "no_image"),
    ],
)
async def test_other_addresses_are_no_pictures(tmp_path: Path, address: str, reason: ContentReason) -> None:
    async with opened(demo_company()) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(address, tmp_path / "x", max_bytes=LIMIT)
    assert caught.value.reason == reason
    nothing_there(tmp_path / "x")


async def test_a_log_in_page_is_no_picture(tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><html>please log in</html>"
    data = demo_company()
    data.pictures[PICTURE] = page
    async with opened(data) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=LIMIT)
    assert caught.value.reason == "no_image"
    nothing_there(tmp_path / "x")


async def test_a_picture_may_be_too_large(tmp_path: Path) -> None:
    async with opened(demo_company()) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=10)
    assert caught.value.reason == "too_large"
    nothing_there(tmp_path / "x")


def test_generated_files_are_the_same_for_the_same_seed() -> None:
    def made(seed: int) -> list[tuple[str, int, str]]:
        data = generate(5)
        generate_files(data, 20, sizes=(7,), seed=seed)
        return [(file.name, file.size, file.sha256()) for file in data.files]

    assert made(3) == made(3) != made(4)
    assert made(3)[-1][1] == 7
    with pytest.raises(ValueError, match="no tests"):
        generate_files(generate(0), 1)
