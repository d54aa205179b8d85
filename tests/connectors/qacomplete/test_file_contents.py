"""The bytes of attachments, from every provider, on good days."""

import asyncio
import hashlib
import io
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import (
    File,
    QACompleteStandIn,
    Switches,
    demo_company,
    generate,
    generate_files,
    write_folder,
)
from connectors.qacomplete.source import QACompleteSource
from migrator.core.model import Attachment
from tests.support.qacomplete_files import fetch, files_of, nothing_there, one_file, opened, trouble_of


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


def office(part: str) -> bytes:
    """Return a file that is an archive itself, as Office files are."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr(part, b"<x/>")
    return held.getvalue()


def of_every_kind() -> list[File]:
    """Return files with all names that people give, each with other bytes."""
    stems = (
        "plan", "My screen shot", "\xdcbersicht", "u\u0308ber", "отчёт", "图", "a.b.c", "a+b %20 #1", "-x", "F", "o'k"
    )  # fmt: skip
    ends = ("txt", "xlsx", "docx", "zip", "pptx", "png", "TXT", "ZIP", "jar")
    folders = ("a/", "C:\\specs\\", "a/b/")
    made: list[File] = []
    for name in [
        *(f"{stem}.{end}" for stem in stems for end in ends),
        *(f"{folder}{stem}.{end}" for folder in folders for stem in stems[:3] for end in ends[:5]),
        *stems[:9],
        "x.zip.zip",
        " blank .txt",
    ]:
        number = len(made) + 1
        plain = f"bytes {number}".encode() if name[-1] in "gtvTG" else office(f"part{number}.xml")
        made.append(File(number, 12, "Tests", 0, name, bytes_=plain))
    return made


@pytest.mark.parametrize("zipped", [True, False])
async def test_a_server_that_wraps_every_file_leaves_none_wrapped(tmp_path: Path, zipped: bool) -> None:
    data = generate(1)
    data.files = of_every_kind()
    assert len(data.files) == 155
    for file in data.files:
        file.item_id, file.zipped = data.tests[0].id, zipped
    async with opened(data) as (_, source):
        found = await files_of(source)
        arrived = {ident: await fetch(source, file, tmp_path / "x") for ident, file in found.items()}
    wanted = sorted(hashlib.sha256(b"".join(file.plain())).hexdigest() for file in data.files)
    assert sorted(content.sha256 for content in arrived.values()) == wanted
    archives = sum(file.name.lower().endswith(".zip") for file in data.files)
    assert sum(content.unwrapped for content in arrived.values()) == (archives if zipped else 0)
