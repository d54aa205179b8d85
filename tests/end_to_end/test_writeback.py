"""Receipts in the source: exactly one each, whatever happens on the way, and nothing that reads notices them."""

import asyncio
import json
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qacomplete import sandbox as qacomplete
from migrator.app.writeback import WritebackResult, writeback
from migrator.core.errors import AuthenticationError, ConfigError, TemporaryError
from migrator.core.events import ignore
from migrator.engine.load.journaled_write import RECEIPT_POINTS, VARIABLE
from migrator.engine.load.workers import StreamStopped
from migrator.standin.options import FaultPlan, StandInOptions
from migrator.standin.serve import serve
from tests.support.rig import Rig, ended, rig, started

pytestmark = pytest.mark.long


@asynccontextmanager
async def serving_instead(running: Rig, other: qacomplete.QACompleteStandIn) -> AsyncIterator[None]:
    """Let the migrator meet another stand-in over the same data while the block runs."""
    usual = running.source_url
    async with serve(other.app) as url:
        running.source_url = url + qacomplete.BASE_PATH
        yield
    running.source_url = usual


@asynccontextmanager
async def other_source(running: Rig, options: StandInOptions) -> AsyncIterator[qacomplete.QACompleteStandIn]:
    other = qacomplete.build(options, running.source.data)
    async with serving_instead(running, other):
        yield other


async def leave(running: Rig, *, dry_run: bool = False, level: str | None = None) -> WritebackResult:
    return await writeback(running.parsed(), ignore, dry_run=dry_run, level=level)


def posts(running: Rig) -> int:
    """How many writes the source has received. Questions to its SOAP service are POSTs, too."""
    return sum(
        count
        for call, count in running.source.log.counts.items()
        if not call.startswith("GET ") and "psws" not in call.lower()
    )


def receipts(running: Rig) -> Counter[tuple[str, int]]:
    """How many receipts hang on each item that has any."""
    return Counter((file.code, file.item_id) for file in running.source.data.files if "receipt" in file.name)


def one_each(running: Rig) -> Counter[tuple[str, int]]:
    return Counter(("Tests", test.id) for test in running.source.data.tests)


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_one_receipt_each_and_nothing_that_reads_notices(tmp_path: Path, profile: str) -> None:
    options = StandInOptions.model_validate({"profile": profile})
    data = qacomplete.generate(12)
    qacomplete.generate_files(data, count=6)
    async with rig(tmp_path, data, source_options=options) as running:
        await running.run()
        assert posts(running) == 0
        writes, before = running.writes(), running.source.data.tests[0].date_updated

        looked = await leave(running, dry_run=True)
        assert (looked.receipts, looked.items, posts(running)) == ({"to_write": 12}, 12, 0)
        left = await leave(running)
        assert (left.receipts, left.level, left.troubles) == ({"written": 12}, "test", [])
        assert receipts(running) == one_each(running)
        again = await leave(running)
        assert (again.receipts, posts(running)) == ({"kept": 12}, 12)

        changed = running.source.data.tests[0].date_updated != before
        assert changed == (profile != "lenient")
        status = await running.run()
        assert running.writes() == writes
        assert status.items["case"] == {"unchanged": 12}
        assert not [note for note in status.notes if note["code"] in ("remap", "changed_at_source")]
        synced = await running.sync()
        assert (synced.written, synced.conflicts, running.writes()) == ({}, [], writes)


async def test_killed_at_every_point_and_continued(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(9)) as running:
        running.settings["destination"] = {"settle_seconds": 1}
        await running.run()
        for point in RECEIPT_POINTS:
            killed = await running.migrate("writeback", environment={VARIABLE: f"{point}:2"})
            assert killed.code == -signal.SIGKILL, killed.err
        last = await running.migrate("writeback --json")
        assert last.code == 0, last.err
        assert receipts(running) == one_each(running)
        assert sum(json.loads(last.out)["receipts"].values()) == 9
        assert list((tmp_path / "workspace" / "spool").glob("receipt-*")) == [], "a page was left on its way"


class LateServer:
    """Gives the first POST no answer, and does its work right after somebody has looked for it in vain."""

    def __init__(self, running: Rig) -> None:
        self.stand_in = qacomplete.build(StandInOptions(), running.source.data)
        self.stand_in.app.middlewares.append(self._late)
        self.arrived = asyncio.Event()
        self._held: tuple[str, Callable[[], Awaitable[web.StreamResponse]]] | None = None

    @web.middleware
    async def _late(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST" and not self.arrived.is_set():
            await request.read()
            self._held = (request.path, partial(handler, request))
            self.arrived.set()
            await asyncio.sleep(0.3)
            if request.transport:
                request.transport.abort()
            return web.Response()
        answer = await handler(request)
        if self._held and self._held[0] == request.path:
            _, work = self._held
            self._held = None
            await work()
        return answer


async def test_a_server_that_works_late_gets_no_second_one(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(3)) as running:
        running.settings["destination"] = {"settle_seconds": 0.5}
        await running.run()
        late = LateServer(running)
        async with serving_instead(running, late.stand_in):
            left = await leave(running)
        assert (left.receipts, left.troubles) == ({"written": 3}, [])
        assert receipts(running) == one_each(running)


async def test_a_server_that_works_for_the_dead_gets_no_second_one(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(3)) as running:
        running.settings["destination"] = {"settle_seconds": 0.5}
        await running.run()
        late = LateServer(running)
        async with serving_instead(running, late.stand_in):
            process = started(running.write_config(), "writeback")
            await late.arrived.wait()
            process.kill()
            assert (await asyncio.to_thread(ended, process)).code == -signal.SIGKILL
            left = await leave(running)
        assert left.troubles == []
        assert receipts(running) == one_each(running)


@pytest.mark.parametrize("seed", [1, 3])
async def test_every_fault_on_the_way_leaves_exactly_one(tmp_path: Path, seed: int) -> None:
    async with rig(tmp_path, qacomplete.generate(25)) as running:
        running.settings["destination"] = {"settle_seconds": 1.5}
        running.settings["http"] = {"timeout": 0.5}
        await running.run()
        plan = FaultPlan(share=0.3, seed=seed, late_seconds=0.7, hang_seconds=1, throttle_seconds=0.05)
        async with other_source(running, StandInOptions(faults=plan)) as faulty:
            rounds = 0
            while rounds < 6:
                rounds += 1
                with suppress(TemporaryError):
                    if not (await leave(running)).troubles:
                        break
            assert faulty.log.faults.total() > 5
        assert receipts(running) == one_each(running)
        last = await leave(running)
        assert (last.receipts, last.troubles) == ({"kept": 25}, [])


async def test_what_the_server_refuses_is_named_and_tried_again(tmp_path: Path) -> None:
    switches = qacomplete.Switches(no_update=frozenset(["Test Library"]))
    async with rig(tmp_path, qacomplete.generate(30)) as running:
        await running.run()
        refusing = qacomplete.build(StandInOptions(), running.source.data, switches)
        async with serving_instead(running, refusing):
            with pytest.raises(StreamStopped, match="20 failures in a row") as stopped:
                await leave(running)
            assert "migrator writeback" in stopped.value.next_step
            assert receipts(running) == Counter()
        left = await leave(running)
        assert (left.receipts, left.troubles) == ({"written": 30}, [])


async def test_a_test_that_is_gone_at_the_source_fails_by_name_alone(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(5)) as running:
        await running.run()
        gone = running.source.data.tests.pop(2)
        first = await running.migrate("writeback --json")
        assert first.code == 3
        answer = json.loads(first.out)
        assert answer["receipts"] == {"written": 4, "failed": 1}
        (trouble,) = answer["troubles"]
        assert trouble["marker"] == f"qacomplete@acme:test:{gone.project_id}/{gone.id}"
        assert receipts(running) == one_each(running)
        shown = await running.migrate("writeback")
        assert (shown.code, shown.out.count("failed")) == (3, 2)
        assert "4 left before" in shown.out


async def test_a_lost_workspace_doubles_no_receipt(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(4), source_options=StandInOptions(profile="lenient")) as running:
        await running.run()
        await leave(running)
        running.settings["workspace"] = str(tmp_path / "another")
        await running.run()
        assert (await leave(running)).receipts == {"found": 4}
        assert receipts(running) == one_each(running)


@pytest.mark.parametrize("profile", ["strict", "odd"])
async def test_a_new_workspace_adopts_what_only_receipts_have_touched(tmp_path: Path, profile: str) -> None:
    """The date of change that each case shows in QA Sphere is older than the one that the source has by now."""
    options = StandInOptions.model_validate({"profile": profile})
    data = qacomplete.generate(8)
    qacomplete.generate_files(data, count=4)
    async with rig(tmp_path, data, source_options=options) as running:
        await running.run()
        writes, dates = running.writes(), {test.id: test.date_updated for test in data.tests}
        assert (await leave(running)).receipts == {"written": 8}
        assert all(test.date_updated > dates[test.id] for test in data.tests)

        running.settings["workspace"] = str(tmp_path / "only_to_verify")
        rebuilt = await running.verify()
        assert not any((rebuilt.different, rebuilt.edited, rebuilt.missing, rebuilt.doubled))
        running.settings["workspace"] = str(tmp_path / "another")
        status = await running.run()
        assert (status.items["case"], status.failures) == ({"adopted": 8}, [])
        assert status.items["file"] == {"adopted": 4}
        assert status.balanced, status.imbalance
        verification = await running.verify(files="all")
        assert not any((verification.different, verification.edited, verification.missing, verification.doubled))
        assert (await running.run()).items["case"] == {"unchanged": 8}
        remapped = await running.plan(remap=True)
        assert (remapped.items["case"], [note for note in remapped.notes if note["code"] == "remap"]) == (
            {"unchanged": 8},
            [],
        )
        synced = await running.sync()
        assert (synced.written, synced.conflicts, running.writes()) == ({}, [], writes)
        assert (await leave(running)).receipts == {"found": 8}

        data.tests[3].title = "Renamed at the source"
        data.tests[3].date_updated = "2027-01-02T03:04:05.6789012"
        synced = await running.sync()
        assert (synced.written, synced.conflicts, running.writes()) == ({"case": {"updated": 1}}, [], writes + 1)
        (changed,) = [case for case in running.shop.cases if case.title == "Renamed at the source"]
        assert "2027-01-02 03:04:05" in changed.precondition
        assert (await running.sync()).written == {}


async def test_a_new_workspace_holds_what_people_have_changed_beside_the_date(tmp_path: Path) -> None:
    data = qacomplete.generate(6)
    async with rig(tmp_path, data) as running:
        await running.run()
        await leave(running)
        writes = running.writes()
        wrapped, translated, dated, told, titled, _ = running.shop.cases
        wrapped.precondition = wrapped.precondition.replace("<li>", "<li>\n <p>").replace("</li>", "</p>\n</li>")
        translated.precondition = translated.precondition.replace("Updated:", "Geändert:")
        later = re.sub(r"(Updated:</strong> )[-0-9]{10}", r"\g<1>2199-01-01", dated.precondition)
        assert later != dated.precondition
        dated.precondition = later
        told.precondition += "<p>Seen by Kim.</p>"
        titled.title += " (old)"
        running.settings["workspace"] = str(tmp_path / "another")
        status = await running.run()
        assert status.items["case"] == {"adopted": 2, "conflict": 4}
        held = {failure["marker"] for failure in status.failures}
        assert held == {
            link["text"].removeprefix("Source: ") for case in (translated, dated, told, titled) for link in case.links
        }
        assert running.writes() == writes
        translated.precondition = translated.precondition.replace("Geändert:", "Updated:")
        assert (await running.run()).items["case"] == {"unchanged": 3, "conflict": 3}


async def test_another_destination_is_told_beside_the_first(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(3)) as running:
        await running.run()
        await leave(running)
        first = {file.name for file in running.source.data.files}
        running.settings["workspace"] = str(tmp_path / "another")
        running.settings["projects"] = [{**running.config()["projects"][0], "destination": "SHOP2"}]
        await running.run()
        dry = await leave(running, dry_run=True)
        assert (dry.receipts, len(dry.beside), posts(running)) == ({"to_write": 3}, 3, 3)
        left = await leave(running)
        assert (left.receipts, len(left.beside)) == ({"written": 3}, 3)
        added = [file for file in running.source.data.files if file.name not in first]
        assert len(added) == 3
        assert all(any(name.encode() in (file.bytes_ or b"") for name in first) for file in added)
        assert all(b"/project/SHOP2/tcase/" in (file.bytes_ or b"") for file in added)


async def test_nothing_is_left_before_everything_is_where_it_will_be(tmp_path: Path) -> None:
    slow = StandInOptions(latency=0.02)
    async with rig(tmp_path, qacomplete.generate(40), destination_options=slow) as running:
        with pytest.raises(ConfigError, match="no workspace"):
            await leave(running)
        await running.migrate(kill_at=10)
        with pytest.raises(ConfigError, match="is not finished"):
            await leave(running)
        assert receipts(running) == Counter()


async def test_wrong_credentials_and_wrong_levels_end_it(tmp_path: Path) -> None:
    async with rig(tmp_path, qacomplete.generate(2)) as running:
        await running.run()
        refused = await running.migrate("writeback --level phase")
        assert refused.code == 2
        assert "use --level test" in refused.err
        running.settings["source"] = {"password": "wrong"}
        with pytest.raises(AuthenticationError):
            await leave(running)
        assert receipts(running) == Counter()
