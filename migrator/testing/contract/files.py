"""What every source that gives files promises about their bytes (``migrator.core.ports.source.FileSource``)."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from migrator.core.errors import AuthenticationError, ContentTrouble, TemporaryError
from migrator.core.model import Attachment, TestCase
from migrator.core.ports.source import Content, FileSource, Memory, Notebook, Record, Source
from migrator.standin.options import FaultPlan, StandInOptions
from migrator.testing.sources import SourceFactory, all_records, running

_MOST = 50 * 1024 * 1024
_SEVERAL = 12
_TRIES = 4


async def fetch(
    source: Source, file: Attachment, target: Path, *, memory: Memory | None = None, most: int = _MOST
) -> Content:
    return await cast(FileSource, source).fetch(file, target, max_bytes=most, memory=memory or Notebook())


def nothing_at(target: Path) -> None:
    assert list(target.parent.iterdir()) == []


def taken(target: Path) -> tuple[int, str]:
    """Take away what arrived; return its size and digest."""
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    data = target.read_bytes()
    target.unlink()
    return len(data), hashlib.sha256(data).hexdigest()


async def arrived(source: Source, file: Attachment, target: Path) -> str | None:
    """Fetch a file, again when the service cannot answer. Return its digest, or None when it cannot be had."""
    memory = Notebook()
    for number in range(1, _TRIES + 1):
        try:
            content = await fetch(source, file, target, memory=memory)
        except ContentTrouble:
            nothing_at(target)
            return None
        except TemporaryError:
            nothing_at(target)
            if number == _TRIES:
                raise
        else:
            assert taken(target) == (content.size, content.sha256)
            return content.sha256
    raise AssertionError("unreachable")


async def test_files_hang_on_what_is_listed(records: list[Record], attachments: Sequence[Attachment]) -> None:
    there = {record.entity.ref: record.entity for record in records}
    for file in attachments:
        assert file.title.strip()
        about = there[file.about]
        if file.step is not None:
            assert isinstance(about, TestCase)
            assert 1 <= file.step <= len(about.steps)


async def test_every_file_arrives_whole_or_says_why_not(
    source: Source, attachments: Sequence[Attachment], tmp_path: Path
) -> None:
    digests = [await arrived(source, file, tmp_path / "here") for file in attachments]
    assert bool([digest for digest in digests if digest]) == bool(attachments)
    # and once more, in another order
    again = [await arrived(source, file, tmp_path / "here") for file in reversed(attachments[:_SEVERAL])]
    assert again == digests[:_SEVERAL][::-1]


async def test_a_file_over_the_limit_leaves_nothing(
    source: Source, attachments: Sequence[Attachment], tmp_path: Path
) -> None:
    reasons = set()
    for file in attachments[:_SEVERAL]:
        try:
            content = await fetch(source, file, tmp_path / "here", most=1)
        except ContentTrouble as trouble:
            reasons.add(trouble.reason)
            nothing_at(tmp_path / "here")
        else:
            assert taken(tmp_path / "here")[0] == content.size <= 1
    assert not attachments or "too_large" in reasons


async def test_pictures_of_strangers_are_not_asked_for(source: Source, tmp_path: Path) -> None:
    if source.abilities.files:
        with pytest.raises(ContentTrouble) as caught:
            await cast(FileSource, source).fetch_picture(
                "https://pictures.example/a.png", tmp_path / "here", max_bytes=_MOST
            )
        assert caught.value.reason == "foreign"
        nothing_at(tmp_path / "here")


async def test_a_wrong_secret_gives_no_file(secret_factory: SourceFactory, tmp_path: Path) -> None:
    async with running(secret_factory) as served:
        async with served.open() as source:
            files = await _files_of(source, secret_factory)
        for file in files[:1]:
            async with served.open(**secret_factory.wrong or {}) as source:
                with pytest.raises(AuthenticationError) as caught:
                    await fetch(source, file, tmp_path / "here")
            assert "source." in caught.value.next_step
            nothing_at(tmp_path / "here")


async def _files_of(source: Source, factory: SourceFactory) -> list[Attachment]:
    return [r.entity for r in await all_records(source, factory.project) if isinstance(r.entity, Attachment)]


async def test_a_service_that_is_gone_is_temporary(http_factory: SourceFactory, tmp_path: Path) -> None:
    async with running(http_factory) as served, served.open() as source:
        files = await _files_of(source, http_factory)
    if files:
        async with served.open() as source:
            with pytest.raises(TemporaryError):
                await fetch(source, files[0], tmp_path / "here")
        nothing_at(tmp_path / "here")


@pytest.mark.quick_clock
async def test_faults_on_many_calls_change_no_byte(http_factory: SourceFactory, tmp_path: Path) -> None:
    async with running(http_factory) as served, served.open() as source:
        files = await _files_of(source, http_factory)
        calm = [await arrived(source, file, tmp_path / "here") for file in files[:_SEVERAL]]
    plan = FaultPlan(share=0.25, seed=5, kinds=("status_503", "html", "truncate", "drop_after", "bad_json"))
    async with running(http_factory, StandInOptions(faults=plan)) as served, served.open() as source:
        assert [await arrived(source, file, tmp_path / "here") for file in files[:_SEVERAL]] == calm
        assert not files or served.log.faults.total() >= 2
