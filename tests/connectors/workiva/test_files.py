"""Downloads: operations, polls through one limiter, redirects, and everything that goes wrong on the way."""

import hashlib
from collections import deque
from pathlib import Path
from typing import Any

import anyio
import pytest

from connectors.workiva import sandbox
from connectors.workiva.sandbox.data import Owner
from connectors.workiva.source import WorkivaSource
from migrator.core.errors import ContentReason, ContentTrouble, TemporaryError
from migrator.core.model import Attachment
from migrator.http.retries import RetryLimits
from migrator.testing.sources import all_records
from tests.support.workiva import Notebook, opened, serving, stand_in

LARGE = 10**7
FEW = RetryLimits(attempts=2, total=5, first_delay=0.01)
BYTES = bytes(range(256)) * 40


def one_file(content: bytes = BYTES, name: str = "evidence.bin") -> sandbox.SeedData:
    """A form whose only sample has one attachment."""
    data = sandbox.generate(1, phases=1, matrices=1, samples=1)
    data.samples()[0].attachments = [sandbox.Attachment.of("a1", name, content)]
    return data


async def attachments_of(source: WorkivaSource) -> list[Attachment]:
    return [record.entity for record in await all_records(source, "*") if isinstance(record.entity, Attachment)]


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def polls(built: sandbox.WorkivaStandIn) -> int:
    return sum(count for call, count in built.log.counts.items() if "/operations/" in call)


def starts(built: sandbox.WorkivaStandIn) -> int:
    return sum(count for call, count in built.log.counts.items() if call.endswith("/download"))


@pytest.mark.parametrize("transfer", ["same_origin", "presigned", "redirect"])
@pytest.mark.parametrize("generation", ["2026-01-01", "2022-01-01"])
async def test_every_file_arrives_whole_and_no_credential_leaves(
    tmp_path: Path, transfer: str, generation: str
) -> None:
    built = stand_in(transfer=transfer)
    owners: list[Owner] = [owner for _, phase, matrix in built.data.matrices() for owner in (phase, matrix)]
    owners += built.data.samples()
    expected = {attachment.id: attachment for owner in owners for attachment in owner.attachments}
    async with serving(built, api_version=generation) as workiva:
        found = [one for one in await attachments_of(workiva.source) if one.ref.ids[-1] in expected]
        for number, one in enumerate(found):
            target, memory = tmp_path / str(number), Notebook()
            content = await workiva.source.fetch(one, target, max_bytes=LARGE, memory=memory)
            raw = expected[one.ref.ids[-1]].content()
            assert target.read_bytes() == raw
            assert (content.size, content.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
            assert memory.text is None
            assert len(memory.pages) == 2  # the operation's address, and that it is over
    assert {one.ref.ids[-1] for one in found} == set(expected)
    assert built.transfers.leaks == []


async def _fetched(
    built: sandbox.WorkivaStandIn, target: Path, memory: Notebook | None = None, **settings: object
) -> bytes:
    async with serving(built, **settings) as workiva:
        (one,) = await attachments_of(workiva.source)
        await workiva.source.fetch(one, target, max_bytes=LARGE, memory=memory or Notebook())
    return content_of(target)


@pytest.mark.parametrize(
    "switches",
    [
        {"retry_after": None},
        {"relative_locations": True},
        {"unlocated": 1},
        {"capital_url": True},
        {"late_operations": 3},
        {"truncated": 1},
        {"pages": 1},
        {"nulls": True, "ids_in_expansions": False},
        {"expands": False},
        {"outcomes": deque(["failed", "completed"])},
        {"outcomes": deque(["cancelled", "completed"])},
        {"token_seconds": 0.1},
    ],
    ids=str,
)
async def test_what_may_go_wrong_and_does_no_harm(tmp_path: Path, switches: dict[str, Any]) -> None:
    built = stand_in(one_file(), **switches)
    assert await _fetched(built, tmp_path / "f") == BYTES
    assert files_in(tmp_path) == {"f": BYTES}


@pytest.mark.parametrize("named", [True, False])
async def test_a_429_on_a_poll_is_a_wait(tmp_path: Path, named: bool) -> None:
    built = stand_in(one_file(), polls_per_second=2.0, polls_name_pause=named)
    assert await _fetched(built, tmp_path / "f") == BYTES
    assert built.log.statuses[429] > 0
    assert starts(built) == 1


async def test_a_token_that_is_taken_away_on_the_way_is_renewed_once_for_all(tmp_path: Path) -> None:
    data = one_file()
    data.samples()[0].attachments += [sandbox.Attachment.of(f"b{n}", f"b{n}", BYTES) for n in range(6)]
    built = stand_in(data)
    async with serving(built) as workiva:
        found = await attachments_of(workiva.source)
        before = built.tokens.tokens_given
        built.tokens.expire_tokens()
        async with anyio.create_task_group() as group:
            for number, one in enumerate(found):

                async def fetch(attachment: Attachment = one, target: Path = tmp_path / str(number)) -> None:
                    await workiva.source.fetch(attachment, target, max_bytes=LARGE, memory=Notebook())

                group.start_soon(fetch)
    assert built.tokens.tokens_given == before + 1
    assert list(files_in(tmp_path).values()) == [BYTES] * 7


@pytest.mark.parametrize(
    ("switches", "reason", "said"),
    [
        ({"outcomes": deque(["failed"] * 9)}, "missing", "Conversion the file could not be read (request 6f1e0c1a"),
        ({"outcomes": deque(["cancelled"] * 9)}, "missing", "was cancelled"),
        ({"outcomes": deque(["stuck"] * 9)}, "missing", "did not end within"),
        ({"unlocated": 99}, "unreadable", "did not say where on its own host: no Location"),
        ({"late_operations": 99}, "missing", "does not know the operation"),
        ({"truncated": 99}, "truncated", "Payload"),
        ({"pages": 99}, "web_page", "a web page instead of a file"),
        ({"link_seconds": -1}, "refused", "the address has expired"),
    ],
)
async def test_what_cannot_be_had_is_named(
    tmp_path: Path, switches: dict[str, Any], reason: ContentReason, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrator.http.transport.RetryLimits", lambda: FEW)
    built, memory = stand_in(one_file(), **switches), Notebook()
    with pytest.raises(ContentTrouble) as caught:
        await _fetched(built, tmp_path / "f", memory, operation_seconds=0.1)
    assert caught.value.reason == reason
    assert said in caught.value.cause
    assert "evidence.bin" in caught.value.message
    assert starts(built) == 2
    assert memory.text is None
    assert files_in(tmp_path) == {}


async def test_a_file_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    async with serving(stand_in(one_file())) as workiva:
        (one,) = await attachments_of(workiva.source)
        with pytest.raises(ContentTrouble) as caught:
            await workiva.source.fetch(one, tmp_path / "f", max_bytes=100, memory=Notebook())
    assert caught.value.reason == "too_large"
    assert files_in(tmp_path) == {}


async def test_files_of_a_form_are_named_but_cannot_be_had(tmp_path: Path) -> None:
    data = one_file()
    data.forms[0].attachments = [sandbox.Attachment.of("x", "narrative.docx", b"PK") for _ in range(2)]
    built = stand_in(data)
    async with serving(built) as workiva:
        found = [one for one in await attachments_of(workiva.source) if one.title == "narrative.docx"]
        with pytest.raises(ContentTrouble, match="gives no way to download") as caught:
            await workiva.source.fetch(found[0], tmp_path / "f", max_bytes=LARGE, memory=Notebook())
    assert caught.value.reason == "no_route"
    assert found[0].about.kind == "overview"
    assert starts(built) == 0


async def test_the_export_of_a_form_is_a_file_of_its_overview(tmp_path: Path) -> None:
    data = one_file()
    built = stand_in(data)
    async with serving(built, export_forms=True) as workiva:
        found = await attachments_of(workiva.source)
        (export,) = [one for one in found if one.about.ids == (data.forms[0].id,)]
        assert export.title == f"{data.forms[0].name}.xlsx"
        await workiva.source.fetch(export, tmp_path / "f", max_bytes=LARGE, memory=Notebook())
        built.switches.outcomes.extend(["failed", "failed"])
        with pytest.raises(ContentTrouble, match="of a test form"):
            await workiva.source.fetch(export, tmp_path / "g", max_bytes=LARGE, memory=Notebook())
    assert files_in(tmp_path) == {"f": b"PK\3\4" + data.forms[0].name.encode()}


async def test_an_html_file_is_a_file(tmp_path: Path) -> None:
    built = stand_in(one_file(b"<html>minutes</html>", "minutes.HTML"), pages=1)
    assert b"Sign in" in await _fetched(built, tmp_path / "f")


async def test_pictures_do_not_exist_here(tmp_path: Path) -> None:
    async with serving(stand_in(one_file())) as workiva:
        for address, reason in (("https://elsewhere.example/a.png", "foreign"), ("/a.png", "foreign")):
            with pytest.raises(ContentTrouble) as caught:
                await workiva.source.fetch_picture(address, tmp_path / "f", max_bytes=LARGE)
            assert caught.value.reason == reason


# --- another process --------------------------------------------------------------------------------------------------


async def test_a_known_operation_is_asked_on_and_not_started_again(tmp_path: Path) -> None:
    built, memory = stand_in(one_file(), outcomes=deque(["stuck"])), Notebook()
    async with sandbox.serving(built) as url:
        async with opened(url) as workiva:
            (one,) = await attachments_of(workiva.source)
            with anyio.move_on_after(0.3) as killed:
                await workiva.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=memory)
        assert killed.cancelled_caught
        (operation,) = built.transfers.operations.values()
        assert operation.id in (memory.text or "")
        operation.outcome = "completed"
        async with opened(url) as another:
            await another.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=memory)
    assert (tmp_path / "f").read_bytes() == BYTES
    assert starts(built) == 1


async def test_an_operation_that_is_long_forgotten_is_started_again(tmp_path: Path) -> None:
    built = stand_in(one_file())
    async with sandbox.serving(built) as url, opened(url) as workiva:
        memory = Notebook(f"{url}/operations/forgotten")
        (one,) = await attachments_of(workiva.source)
        await workiva.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=memory)
    assert (tmp_path / "f").read_bytes() == BYTES
    assert starts(built) == 1


async def test_an_operation_on_another_host_is_never_asked(tmp_path: Path) -> None:
    built = stand_in(one_file())
    async with sandbox.serving(built) as url, opened(url) as workiva:
        memory = Notebook(f"{built.transfers.foreign}/operations/1")
        (one,) = await attachments_of(workiva.source)
        await workiva.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=memory)
    assert (tmp_path / "f").read_bytes() == BYTES
    assert built.transfers.leaks == []


async def test_when_nothing_answers_the_operation_stays_known(tmp_path: Path) -> None:
    built, memory = stand_in(one_file(), outcomes=deque(["stuck"])), Notebook()
    async with serving(built) as workiva:
        (one,) = await attachments_of(workiva.source)
        with anyio.move_on_after(0.2):
            await workiva.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=memory)
    known = memory.text
    assert known
    async with opened("http://127.0.0.1:9") as nowhere:
        with pytest.raises(TemporaryError):
            await nowhere.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=memory)
    assert memory.text == known


async def test_a_trusted_host_gets_the_token_only_when_it_asks_for_it(tmp_path: Path) -> None:
    built = stand_in(one_file(), transfer="presigned")
    async with serving(built, trusted_hosts=["127.0.0.1:*"]) as workiva:
        (one,) = await attachments_of(workiva.source)
        await workiva.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=Notebook())
        assert built.transfers.leaks == []
        built.switches.link_seconds = -1  # now it answers 403
        with pytest.raises(ContentTrouble):
            await workiva.source.fetch(one, tmp_path / "f", max_bytes=LARGE, memory=Notebook())
    assert len(built.transfers.leaks) == 2


# --- pace -------------------------------------------------------------------------------------------------------------


async def test_many_downloads_share_the_limit_and_none_starves(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=10, attachments=40)
    built = stand_in(data, polls_per_second=100.0, polls_needed=2)
    async with serving(built, polls_per_second=80, downloads=6) as workiva:
        found = await attachments_of(workiva.source)
        async with anyio.create_task_group() as group:
            for number, one in enumerate(found):

                async def fetch(attachment: Attachment = one, target: Path = tmp_path / str(number)) -> None:
                    await workiva.source.fetch(attachment, target, max_bytes=LARGE, memory=Notebook())

                group.start_soon(fetch)
    assert len(files_in(tmp_path)) == 40
    assert built.log.statuses[429] == 0
    assert polls(built) == 40 * 3
