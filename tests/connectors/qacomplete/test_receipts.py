"""Receipts on tests: what is sent, what is refused, and that nothing else can write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connectors.qacomplete.config import QACompleteSettings
from connectors.qacomplete.connector import open_receipts
from connectors.qacomplete.sandbox import (
    BASE_PATH,
    PASSWORD,
    USERNAME,
    File,
    QACompleteStandIn,
    Switches,
    build,
    generate,
    switches_of,
)
from migrator.core.errors import MigratorError, OutcomeUnknown, Rejected
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.refs import Ref
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.standin.options import FaultPlan, Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source
from tests.support.workiva import Notebook

FAST = RetryLimits(attempts=2, total=5, first_delay=0.01)
NAME = "qasphere-receipt-Prüfung “1”.html"
BYTES = "<p>moved to QA Sphere \N{CHECK MARK}</p>\r\n--\r\n".encode() * 20
POST = f"POST {BASE_PATH}/v1/projects/{{project}}/{{code}}/{{item}}/files"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page"
    path.write_bytes(BYTES)
    return path


def settings(url: str) -> QACompleteSettings:
    given = {"base_url": url + BASE_PATH, "username": USERNAME, "password": PASSWORD, "timezone": "America/Denver"}
    return QACompleteSettings.model_validate(given)


@asynccontextmanager
async def target(stand_in: QACompleteStandIn, *, read_only: bool = False) -> AsyncIterator[ReceiptTarget]:
    async with (
        serve(stand_in.app) as url,
        open_receipts(settings(url), HttpSettings(timeout=2), read_only, FAST) as opened,
    ):
        yield opened


def of_test(stand_in: QACompleteStandIn) -> Ref:
    return Ref(connector="qacomplete", instance="acme", kind="test", ids=("12", str(stand_in.data.tests[0].id)))


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_a_receipt_arrives_whole_and_is_listed(page: Path, profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), generate(3))
    owner, before = of_test(stand_in), stand_in.data.tests[0].date_updated
    async with target(stand_in) as receipts:
        assert await receipts.names(owner) == set()
        await receipts.put(owner, NAME, page, Notebook())
        assert await receipts.names(owner) == {NAME}
    (file,) = stand_in.data.files
    assert (file.project_id, file.code, file.item_id) == (12, "Tests", int(owner.ids[1]))
    assert (file.name, file.title, file.bytes_) == (NAME, NAME, BYTES)
    assert file.comments
    assert (stand_in.data.tests[0].date_updated != before) == switches_of(profile).file_touches


async def test_a_long_list_of_files_is_read_to_its_end(page: Path) -> None:
    stand_in = build(data=generate(1), switches=Switches(limit_cap=10))
    owner = of_test(stand_in)
    stand_in.data.files += [File(n, 12, "Tests", int(owner.ids[1]), f"{n}.txt") for n in range(1, 36)]
    async with target(stand_in) as receipts:
        assert len(await receipts.names(owner)) == 35


@pytest.mark.parametrize(
    ("switches", "ids", "status"),
    [
        (Switches(no_update=frozenset(["Test Library"])), None, 403),
        (Switches(file_bytes=10), None, 413),
        (Switches(), ("12", "99999"), 404),
        (Switches(), ("77", "1"), 403),
    ],
)
async def test_what_is_refused_is_not_there(
    page: Path, switches: Switches, ids: tuple[str, str] | None, status: int
) -> None:
    stand_in = build(data=generate(1), switches=switches)
    owner = of_test(stand_in)
    async with target(stand_in) as receipts:
        with pytest.raises(Rejected) as caught:
            await receipts.put(owner.model_copy(update={"ids": ids or owner.ids}), NAME, page, Notebook())
    assert caught.value.status == status
    assert stand_in.data.files == []
    assert stand_in.log.counts[POST] == 1


async def test_a_name_that_is_too_long_makes_no_file(page: Path) -> None:
    stand_in = build(data=generate(1))
    async with target(stand_in) as receipts:
        with pytest.raises(OutcomeUnknown):  # 500 (§4), which might have been anything
            await receipts.put(of_test(stand_in), "n" * 256, page, Notebook())
    assert stand_in.data.files == []


@pytest.mark.parametrize("kind", ["drop_after", "html", "bad_json", "status_502", "truncate"])
async def test_a_lost_answer_is_never_followed_by_a_second_post(page: Path, kind: str) -> None:
    plan = FaultPlan.model_validate({"share": 1, "kinds": (kind,)})
    stand_in = build(StandInOptions(faults=plan), generate(1))
    async with target(stand_in) as receipts:
        with pytest.raises(OutcomeUnknown):
            await receipts.put(of_test(stand_in), NAME, page, Notebook())
    assert stand_in.log.counts[POST] == 1
    assert len(stand_in.data.files) <= 1
    assert all(file.bytes_ == BYTES for file in stand_in.data.files)


async def test_a_source_refuses_every_write_before_it_leaves(page: Path) -> None:
    stand_in = build(data=generate(1))
    async with serve(stand_in.app) as url, open_source(url) as source:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            with pytest.raises(MigratorError, match="must not write"):
                await source._api._transport.call(method, "/v1/projects/12/tests", json={}, repeatable=False)
    async with target(stand_in, read_only=True) as receipts:
        with pytest.raises(MigratorError, match="must not write"):
            await receipts.put(of_test(stand_in), NAME, page, Notebook())
        assert await receipts.names(of_test(stand_in)) == set()
    assert {call.partition(" ")[0] for call in stand_in.log.counts} == {"GET"}


async def test_a_receipt_hangs_on_tests_only() -> None:
    made = [Ref(connector="qacomplete", instance="acme", kind=kind, ids=("1", "2")) for kind in ("test", "test_set")]
    async with target(build(data=generate(1))) as receipts:
        assert receipts.levels == ("test",)
        assert [receipts.owner(ref, "test") for ref in made] == [made[0], None]
