"""The bytes of attachments that do not arrive, and what is said of each."""

import hashlib
import io
import zipfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import BASE_PATH, PASSWORD, File, Switches, build, write_folder
from connectors.qacomplete.sandbox.files import Trouble
from migrator.core.errors import (
    AuthenticationError,
    ConfigError,
    ContentReason,
    ContentTrouble,
    MigratorError,
    TemporaryError,
)
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source
from tests.support.qacomplete_files import fetch, files_of, nothing_there, one_file, opened, trouble_of

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


@pytest.mark.parametrize("linked", ["item", "code"])
async def test_a_linked_folder_of_an_item_is_not_followed(tmp_path: Path, linked: str) -> None:
    data = one_file(name="a.txt")
    elsewhere = tmp_path / "elsewhere" / str(data.tests[0].id)
    elsewhere.mkdir(parents=True)
    (elsewhere / "a.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "export").mkdir()
    if linked == "code":
        (tmp_path / "export" / "Tests").symlink_to(elsewhere.parent)
    else:
        (tmp_path / "export" / "Tests").mkdir()
        (tmp_path / "export" / "Tests" / str(data.tests[0].id)).symlink_to(elsewhere)
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


WRAPPED = [
    "data.zip",
    "book.xlsx",
    "a/b.txt",
    r"C:\specs\plan.docx",
    "Übersicht.txt",
    "u\u0308ber.txt",
    "a.TXT",
    "noend",
]


@pytest.mark.parametrize("attachments", ["soap", "rest"])
@pytest.mark.parametrize("name", WRAPPED)
async def test_every_file_that_the_server_has_wrapped_is_unwrapped(tmp_path: Path, name: str, attachments: str) -> None:
    data = one_file(name=name, bytes_=b"plain bytes", zipped=True)
    async with opened(data, Switches(rest_file_content=True), attachments=attachments) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await fetch(source, file, tmp_path / "x")).sha256 == hashlib.sha256(b"plain bytes").hexdigest()


@pytest.mark.parametrize(
    ("name", "member"),
    [
        *(("отчёт.xlsx", "отчёт.xlsx".encode(page)) for page in ("cp866", "cp1251", "koi8_r")),
        ("отчёт.xlsx", b"?????.xlsx"),
        ("отчёт.zip", "отчёт.zip".encode("cp866")),
        ("表計算.xlsx", "表計算.xlsx".encode("shift_jis")),
        ("报告 2.docx", "报告 2.docx".encode("gbk")),
        ("a/b.xlsx", b"a_b.xlsx"),
        ("a:b?.txt", b"a_b_.txt"),
    ],
)
async def test_a_wrapped_file_is_known_in_whatever_code_page_its_name_is(
    tmp_path: Path, name: str, member: bytes
) -> None:
    placeholder = "N" * len(member)
    content = packed(placeholder).replace(placeholder.encode(), member)
    async with opened(one_file(name=name, bytes_=content)) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await fetch(source, file, tmp_path / "x")).sha256 == hashlib.sha256(b"x" * 10_000).hexdigest()


def packed(*members: str, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.comment = comment
        for member in members:
            archive.writestr(member, b"x" * 10_000)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("other.txt", packed("inner.txt")),
        ("data.zip", packed("data.csv")),
        ("two.txt", packed("two.txt", "three.txt")),
        ("one.zip", packed("dir/one.zip")),
        ("отчёт.zip", packed("?????.zip")),
        ("отчёт", packed("data.csv")),
        ("r", packed("r/")),
        ("a.txt", packed("a.txt", method=zipfile.ZIP_LZMA)),
        ("a.txt", packed("a.txt", method=zipfile.ZIP_BZIP2)),
        ("a.txt", packed()),
        ("a.txt", packed("a.txt")[:-22]),
        ("a.txt", b"PK\x03\x04" + b"\xff" * 100),
        ("a.txt", b"PK\x03\x04" + packed("a.txt")[-22:]),
        ("a.txt", packed("a.txt")[:30] + b"PK\x05\x06" + b"\xff" * 18),
    ],
    ids=[
        "other name",
        "archive",
        "two",
        "folder in an archive",
        "an archive in another",
        "no kind",
        "folder",
        "lzma",
        "bz2",
        "empty",
        "cut",
        "rubbish",
        "only an end",
        "wild end",
    ],
)
async def test_what_the_server_has_not_wrapped_stays_as_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    """Nor is what needs much memory, or a library that not everybody has, taken apart."""
    async with opened(one_file(name=name, bytes_=content)) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await fetch(source, file, tmp_path / "x")).sha256 == hashlib.sha256(content).hexdigest()


async def test_a_name_in_an_unsaid_code_page_is_known(tmp_path: Path) -> None:
    content = packed("xbersicht.txt").replace(b"xbersicht.txt", "Übersicht.txt".encode("cp1252"))
    data = one_file(name="Übersicht.txt", bytes_=content)
    async with opened(data) as (_, source):
        [file] = (await files_of(source)).values()
        assert (await fetch(source, file, tmp_path / "x")).size == 10_000


async def test_a_web_page_that_is_the_file_arrives(tmp_path: Path) -> None:
    page = b"<html><body>a report</body></html>"
    for attachments in ("soap", "rest"):
        data = one_file(name="report.html", bytes_=page)
        async with opened(data, Switches(rest_file_content=True), attachments=attachments) as (_, source):
            [file] = (await files_of(source)).values()
            await fetch(source, file, tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == page


OFFICE_PAGE = b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>1</td></tr></table></html>'


@pytest.mark.parametrize("name", ["report.xls", "shot.png", "plan.pdf", "noend"])
@pytest.mark.parametrize("attachments", ["soap", "folder"])
async def test_where_no_page_can_come_between_a_page_is_a_file(tmp_path: Path, name: str, attachments: str) -> None:
    data = one_file(name=name, bytes_=OFFICE_PAGE)
    write_folder(data.files, tmp_path / "export")
    settings: dict[str, Any] = {"attachments": attachments, "attachments_folder": tmp_path / "export"}
    async with opened(data, **settings) as (_, source):
        [file] = (await files_of(source)).values()
        await fetch(source, file, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == OFFICE_PAGE


@pytest.mark.parametrize(("name", "arrives"), [("report.xls", False), ("a.txt", True), ("page.mht", True)])
async def test_where_a_page_can_come_between_the_name_decides(tmp_path: Path, name: str, arrives: bool) -> None:
    data = one_file(name=name, bytes_=OFFICE_PAGE)
    async with opened(data, Switches(rest_file_content=True), attachments="rest") as (_, source):
        [file] = (await files_of(source)).values()
        if arrives:
            await fetch(source, file, tmp_path / "x")
            assert (tmp_path / "x").read_bytes() == OFFICE_PAGE
        else:
            assert (await trouble_of(source, file, tmp_path / "x")).reason == "web_page"


async def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    async with opened(one_file()) as (_, source):
        [file] = (await files_of(source)).values()
        with pytest.raises(MigratorError, match="cannot write"):
            await fetch(source, file, tmp_path / "not" / "there")
    nothing_there(tmp_path / "x")
