"""Uploads: one attachment per name, whatever happens on the way."""

from collections import deque
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.workiva import sandbox
from connectors.workiva.connector import Workiva
from connectors.workiva.sandbox.data import Owner
from migrator.core.errors import MigratorError, OutcomeUnknown, Rejected, TemporaryError
from migrator.http.retries import RetryLimits
from tests.support.workiva import Notebook, opened, serving, stand_in

NAME = "qasphere-receipt-1.txt"
BYTES = b"moved to QA Sphere\n" * 1000


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt"
    path.write_bytes(BYTES)
    return path


def one_of_each() -> sandbox.SeedData:
    return sandbox.generate(1, phases=1, matrices=1, samples=1)


def owners(data: sandbox.SeedData) -> list[tuple[tuple[str, ...], Owner]]:
    form, phase, matrix = next(data.matrices())
    sample = matrix.samples[0]
    ids = (form.id, phase.id, matrix.id, sample.id)
    return [(ids[:2], phase), (ids[:3], matrix), (ids, sample)]


def uploads(built: sandbox.WorkivaStandIn) -> int:
    return sum(count for call, count in built.log.counts.items() if call.endswith("/attachmentUpload"))


async def send(workiva: Workiva, built: sandbox.WorkivaStandIn, file: Path, memory: Notebook | None = None) -> str:
    owner, _ = owners(built.data)[-1]
    return await workiva.uploads.send(owner, file, NAME, memory or Notebook())


@pytest.mark.parametrize("transfer", ["same_origin", "presigned"])
@pytest.mark.parametrize("generation", ["2026-01-01", "2022-01-01"])
async def test_a_file_arrives_at_every_level_once(receipt: Path, transfer: str, generation: str) -> None:
    built = stand_in(one_of_each(), transfer=transfer)
    async with serving(built, api_version=generation) as workiva:
        for ids, owner in owners(built.data):
            made = await workiva.uploads.send(ids, receipt, NAME, Notebook())
            assert [(one.id, one.file_name, one.content()) for one in owner.attachments] == [(made, NAME, BYTES)]
            assert await workiva.uploads.send(ids, receipt, NAME, Notebook()) == made
    assert uploads(built) == 3
    assert built.transfers.leaks == []
    assert built.transfers.doubled == []


async def test_an_empty_file_arrives_too(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    built = stand_in(one_of_each())
    async with serving(built) as workiva:
        assert await send(workiva, built, empty)
    assert built.data.samples()[0].attachments[0].content() == b""


def _received(built: sandbox.WorkivaStandIn) -> bool:
    return any(operation.received is not None for operation in built.transfers.operations.values())


async def test_a_process_that_died_after_the_bytes_left_asks_on(receipt: Path) -> None:
    built, memory = stand_in(one_of_each(), outcomes=deque(["stuck"])), Notebook()
    async with sandbox.serving(built) as url:
        async with opened(url) as workiva, anyio.create_task_group() as sending:
            sending.start_soon(send, workiva, built, receipt, memory)
            with anyio.fail_after(20):
                while not _received(built):  # noqa: ASYNC110 - the stand-in does not announce
                    await anyio.sleep(0.01)
            await anyio.sleep(0.1)
            sending.cancel_scope.cancel()
        (operation,) = built.transfers.operations.values()
        assert (operation.received, operation.id in (memory.text or "")) == (BYTES, True)
        operation.outcome = "completed"
        async with opened(url) as another:
            made = await send(another, built, receipt, memory)
    assert [one.id for one in built.data.samples()[0].attachments] == [made]
    assert uploads(built) == 1


async def test_a_process_that_died_before_the_bytes_left_starts_again(receipt: Path) -> None:
    built = stand_in(one_of_each())
    async with serving(built) as workiva:
        dead = built.transfers.begin(owner=built.data.samples()[0], file_name=NAME)
        dead.begun -= built.switches.link_seconds + 1
        memory = Notebook(f"{workiva.source._api.base_url}/operations/{dead.id}")
        made = await send(workiva, built, receipt, memory)
    assert [one.id for one in built.data.samples()[0].attachments] == [made]
    assert memory.text is None


async def test_a_process_that_died_before_a_byte_left_waits_for_nothing(
    receipt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, memory = stand_in(one_of_each()), Notebook()

    async def waiting_for_its_turn(*_args: object, **_more: object) -> None:
        await anyio.sleep_forever()

    async with serving(built) as workiva:
        with monkeypatch.context() as patch, anyio.move_on_after(0.3):
            patch.setattr(workiva.uploads._transport, "put", waiting_for_its_turn)
            await send(workiva, built, receipt, memory)
        assert (uploads(built), memory.text) == (1, None)
        made = await send(workiva, built, receipt, memory)
    assert [one.id for one in built.data.samples()[0].attachments] == [made]
    assert uploads(built) == 2


@pytest.mark.parametrize(("lost", "starts"), [("/attachmentUpload", 2), ("/__uploads/", 1)])
async def test_a_lost_answer_doubles_nothing(receipt: Path, lost: str, starts: int) -> None:
    built = stand_in(one_of_each())
    cut_off: list[str] = []

    @web.middleware
    async def losing(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if lost in request.path and not cut_off and request.transport:
            cut_off.append(request.path)
            request.transport.abort()
        return answer

    built.app.middlewares.append(losing)
    async with serving(built) as workiva:
        try:
            made = await send(workiva, built, receipt)
        except OutcomeUnknown:
            made = await send(workiva, built, receipt)
    assert len(cut_off) == 1
    assert [one.id for one in built.data.samples()[0].attachments] == [made]
    assert uploads(built) == starts


async def test_an_operation_that_does_not_end_is_not_followed_by_another(receipt: Path) -> None:
    built, memory = stand_in(one_of_each(), outcomes=deque(["stuck"])), Notebook()
    async with serving(built, operation_seconds=0.1) as workiva:
        for _ in range(2):
            with pytest.raises(TemporaryError, match="has not taken the file"):
                await send(workiva, built, receipt, memory)
    assert uploads(built) == 1


@pytest.mark.parametrize(
    ("switches", "error", "said"),
    [
        ({"outcomes": deque(["failed"])}, MigratorError, "did not take the file"),
        ({"upload_limit": 10}, Rejected, "too large"),
        ({"link_seconds": -1}, Rejected, "has expired"),
        ({"unlocated": 9}, Rejected, "did not say where"),
    ],
)
async def test_what_is_not_taken_is_named(
    receipt: Path, switches: dict[str, object], error: type[Exception], said: str
) -> None:
    built = stand_in(one_of_each())
    for name, value in switches.items():
        setattr(built.switches, name, value)
    async with serving(built) as workiva:
        with pytest.raises(error, match=said):
            await send(workiva, built, receipt)
    assert built.data.samples()[0].attachments == []


async def test_a_signed_address_is_as_good_as_a_password(receipt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.http.transport.RetryLimits", lambda: RetryLimits(attempts=1, connect_attempts=1))
    built = stand_in(one_of_each(), transfer="presigned", link_seconds=-1)
    async with serving(built) as workiva:
        with pytest.raises(Rejected) as caught:
            await send(workiva, built, receipt)
    assert "s3cr3t" not in str(caught.value)
    assert built.transfers.leaks == []


async def test_forms_take_no_attachments(receipt: Path) -> None:
    async with serving(stand_in(one_of_each())) as workiva:
        with pytest.raises(ValueError, match="only phases, matrices and samples"):
            await workiva.uploads.send(("form",), receipt, NAME, Notebook())
