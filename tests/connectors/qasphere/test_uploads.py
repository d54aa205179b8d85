"""Uploads and downloads, asked by the client, in every profile."""

import gc
import hashlib
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from connectors.qasphere.api.files import MAX_FILE_BYTES, batches
from connectors.qasphere.sandbox import LOGS_KEY, RUNNER_KEY, VIEWER_KEY, Switches
from connectors.qasphere.sandbox.store_files import Arriving, Spool
from migrator.core.errors import AuthenticationError, MigratorError, Rejected
from migrator.http.multipart import FilePart
from migrator.standin.options import Profile
from tests.support.qasphere import HOOKS, PROFILES, Scene, scene

profiles = pytest.mark.parametrize("profile", PROFILES)
LARGE = bytes(range(256)) * 4096
SMALL_LIMITS = Switches(file_bytes=1000, files_bytes=2000)


async def form(made: Scene, path: str, **parts: bytes) -> tuple[int, object]:
    """POST a form that the client would not send."""
    data = aiohttp.FormData()
    for name, content in parts.items():
        data.add_field(name, content, filename=name)
    headers = made.api.client._transport._auth.headers()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{made.api.client.base_url}/api/public/v0{path}", data=data, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@profiles
@pytest.mark.parametrize("content", [b"", b"few", LARGE])
async def test_bytes_come_back_unchanged(profile: Profile, content: bytes, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        uploaded = await made.api.upload_file(made.file("Übersicht.png", content), HOOKS)
        assert uploaded.url == f"{made.api.client.base_url}/api/file/{uploaded.id}"
        stored = made.stand_in.store.files[uploaded.id]
        assert (stored.name, stored.size, stored.sha256) == ("Übersicht.png", len(content), sha256(content))
        assert stored.content == content
        got = await made.api.download_file(uploaded.id, tmp_path / "back")
        assert (got.size, got.sha256, got.content_type) == (len(content), sha256(content), "image/png")
        assert (tmp_path / "back").read_bytes() == content


@profiles
async def test_a_batch_answers_in_the_order_of_its_files(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        contents = [f"file {number}".encode() for number in range(100)]
        parts = [made.file(f"{number}.txt", content) for number, content in enumerate(contents)]
        uploaded = await made.api.upload_files(parts, HOOKS)
        assert [made.stand_in.store.files[file.id].content for file in uploaded] == contents
        with pytest.raises(Rejected, match="too many files") as caught:
            await made.api.upload_files([*parts, made.file("one more")], HOOKS)
        assert caught.value.status == 400
        assert len(made.stand_in.store.files) == 100


async def test_content_may_come_from_anywhere(tmp_path: Path) -> None:
    async def content() -> AsyncGenerator[bytes, None]:
        for _ in range(3):
            yield b"abc"

    async with scene(tmp_path) as made:
        uploaded = await made.api.upload_file(FilePart("a.sql", 9, "application/sql", content), HOOKS)
        assert made.stand_in.store.files[uploaded.id].content == b"abc" * 3
        got = await made.api.download_file(uploaded.id, tmp_path / "back")
        assert got.content_type == "text/plain"


async def test_what_is_too_large_is_refused_and_nothing_of_it_kept(tmp_path: Path) -> None:
    async with scene(tmp_path, switches=SMALL_LIMITS) as made:
        fits, over = made.file("fits", b"x" * 900), made.file("over", b"x" * 1001)
        for call in (
            made.api.upload_file(over, HOOKS),
            made.api.upload_files([fits, over], HOOKS),
            made.api.upload_files([fits] * 3, HOOKS),
        ):
            with pytest.raises(Rejected, match="too large") as caught:
                await call
            assert caught.value.status == 413
        assert not made.stand_in.store.files


async def test_the_real_limit_of_a_file(tmp_path: Path) -> None:
    async def zeros(size: int) -> AsyncGenerator[bytes, None]:
        for start in range(0, size, 1024 * 1024):
            yield bytes(min(1024 * 1024, size - start))

    async with scene(tmp_path) as made:
        for size in (MAX_FILE_BYTES, MAX_FILE_BYTES + 1):
            part = FilePart("zeros", size, "application/octet-stream", partial(zeros, size))
            if size == MAX_FILE_BYTES:
                uploaded = await made.api.upload_file(part, HOOKS)
            else:
                with pytest.raises(Rejected):
                    await made.api.upload_file(part, HOOKS)
        assert [file.size for file in made.stand_in.store.files.values()] == [MAX_FILE_BYTES]
        with pytest.raises(MigratorError, match="larger than 1000 bytes"):
            await made.api.download_file(uploaded.id, tmp_path / "back", max_bytes=1000)


@profiles
async def test_a_form_without_its_file_is_refused(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        assert (await form(made, "/file", other=b"x"))[0] == 400
        assert (await form(made, "/file/batch", file=b"x"))[0] == 400
        for path in ("/file", "/file/batch"):
            with pytest.raises(Rejected) as caught:
                await made.api.write("POST", path, {"file": "x"}, HOOKS, repeatable=False)
            assert caught.value.status == 400
        assert not made.stand_in.store.files


@profiles
async def test_a_download_needs_a_key(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        uploaded = await made.api.upload_file(made.file(), HOOKS)
        async with aiohttp.ClientSession() as session, session.get(uploaded.url) as answer:
            assert answer.status == 401
        with pytest.raises(Rejected) as caught:
            await made.api.download_file("nobody", tmp_path / "back")
        assert caught.value.status == 404
        made.sign_in(VIEWER_KEY)
        await made.api.download_file(uploaded.id, tmp_path / "back")
        made.sign_in("acme.nobody.sandbox")
        with pytest.raises(AuthenticationError):
            await made.api.download_file(uploaded.id, tmp_path / "back")


@pytest.mark.parametrize(("key", "status"), [(RUNNER_KEY, None), (VIEWER_KEY, 403), (LOGS_KEY, 403)])
async def test_uploads_need_a_test_runner(key: str, status: int | None, tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.sign_in(key)
        for call in (made.api.upload_file(made.file(), HOOKS), made.api.upload_files([made.file()], HOOKS)):
            if status is None:
                await call
            else:
                with pytest.raises(Rejected) as caught:
                    await call
                assert caught.value.status == status


async def test_an_upload_whose_answer_is_lost_is_sent_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.spoil("drop_after")
        uploaded = await made.api.upload_files([made.file("a", b"1"), made.file("b", b"22")], HOOKS)
        files = made.stand_in.store.files
        assert [files[file.id].content for file in uploaded] == [b"1", b"22"]
        assert sorted(file.size for file in files.values()) == [1, 1, 2, 2]  # two of them nobody refers to


async def test_a_web_page_is_only_taken_for_a_file_where_one_was_sent(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        page = await made.api.upload_file(made.file("page.html", b"<html></html>"), HOOKS)
        got = await made.api.download_file(page.id, tmp_path / "back", pages="taken")
        assert got.content_type == "text/html"


async def test_cases_refer_to_files_that_are_there(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        uploaded = await made.api.upload_file(made.file(), HOOKS)
        file = {"id": uploaded.id, "fileName": "a.txt", "mimeType": "text/plain", "size": 7}
        await made.api.update_case("SHOP", "1", {"files": [file]}, HOOKS)
        assert made.project.cases[0].files == [file]
        with pytest.raises(Rejected, match="unknown file"):
            await made.api.update_case("SHOP", "1", {"files": [file | {"id": "nobody"}]}, HOOKS)


def test_large_files_leave_the_disk_with_their_spool(tmp_path: Path) -> None:
    spool = Spool()
    files = [Arriving(name, name, spool) for name in ("kept", "dropped")]
    for file in files:
        for start in range(0, len(LARGE), 1000):
            file.add(LARGE[start : start + 1000])
    kept = files[0].finished()
    assert (kept.content, kept.sha256) == (LARGE, sha256(LARGE))
    files[1].dropped()
    assert kept.path
    assert [path.name for path in kept.path.parent.iterdir()] == ["kept"]
    del spool, files, file
    gc.collect()
    assert not kept.path.parent.exists()


async def test_a_batch_of_any_number_cuts_itself(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        parts = [made.file(f"{number}.txt", f"{number}".encode()) for number in range(205)]
        made.stand_in.log.counts.clear()
        uploaded = await made.api.client.files.batch_upload(parts)
        assert [made.stand_in.store.files[file.id].name for file in uploaded] == [part.name for part in parts]
        assert sum(made.stand_in.log.counts.values()) == 3


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([], []),
        ([50] * 11, [9, 2]),
        ([0] * 100, [100]),
        ([0] * 101, [100, 1]),
        ([50] * 9 + [49], [10]),
    ],
)
def test_groups_fit_into_a_request(sizes: list[int], groups: list[int]) -> None:
    async def nothing() -> AsyncGenerator[bytes, None]:
        yield b""

    parts = [FilePart("a", size * 1024 * 1024, "text/plain", nothing) for size in sizes]
    assert [len(group) for group in batches(parts)] == groups


async def test_a_file_that_is_too_large_is_not_sent(tmp_path: Path) -> None:
    async def nothing() -> AsyncGenerator[bytes, None]:
        yield b""

    async with scene(tmp_path) as made:
        made.stand_in.log.counts.clear()
        over = FilePart("over", MAX_FILE_BYTES + 1, "text/plain", nothing)
        for call in (made.api.client.files.upload(over), made.api.client.files.batch_upload([made.file(), over])):
            with pytest.raises(Rejected, match="more than the") as caught:
                await call
            assert caught.value.status == 413
        assert not made.stand_in.log.counts
