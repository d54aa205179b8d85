"""Pictures and links in what people wrote of a result: uploaded files with visible links, and the migrated cases."""

import hashlib
import re
import signal
from base64 import b64encode
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import RunItem, SeedData, StepOutcome, TestRun, generate
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.items import TestSet
from connectors.qacomplete.sandbox.sample_files import png
from migrator.app.reports.documents import Status
from migrator.core.refs import stated_marker
from migrator.core.text import visible_text
from migrator.engine.load.journaled_write import POINTS, VARIABLE
from migrator.standin.options import FaultKind, Profile, StandInOptions
from tests.support.qasphere import refuse_files
from tests.support.rig import Rig, rig
from tests.support.services import shell_of

HOST = "https://qa.acme.example/tests"
SERVED, PASTED = png(40, 30, (200, 10, 10)), png(24, 24, (10, 10, 200))
FOREIGN = "https://elsewhere.example/shot.png"
profiles = pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def company(*, foreign: bool = False) -> SeedData:
    """Two results of one run: the first shows pictures and names another test, the second shows one of them again."""
    data = generate(3)
    first, second, third = data.tests_of(12)
    data.pictures["/images/sum.png"] = SERVED
    data.test_sets = [TestSet(701, 12, "Smoke")]
    shown = '<p>4.19: <img src="/images/sum.png" alt="the wrong sum"></p>'
    pasted = f'<p>Now <img src="data:image/png;base64,{b64encode(PASTED).decode()}" alt="pasted"></p>'
    other = f'<p>as in <a href="{HOST}/{third.id}">{third.title}</a></p>'
    others = {"over there": FOREIGN, "unspoken": FOREIGN.removeprefix("https:"), "lost": "lost.png"}
    more = "".join(f'<p><img src="{at}" alt="{name}"></p>' for name, at in others.items()) if foreign else ""
    outcomes = [StepOutcome(1, 1, "Failed", "Pay", "<p>4.20</p>", shown + pasted + other + more)]
    again = [StepOutcome(2, 1, "Failed", "Pay", "4.20", shown)]
    data.runs = [
        TestRun(
            901, 12, 701, "Smoke", "Failed", "2023-03-06T08:00:00.0000000", "2023-03-06T17:30:00.0000000",
            items=[RunItem(1, first.id, first.title, 1, status="Failed", outcomes=outcomes),
                   RunItem(2, second.id, second.title, 2, status="Failed", outcomes=again)],
        )
    ]  # fmt: skip
    return data


def settings(running: Rig) -> None:
    running.settings = {"source": {"item_url": HOST + "/{id}"}, "destination": {"settle_seconds": 1}}


def comments(running: Rig) -> dict[str, str]:
    """HTML by the id of the result at the source."""
    return {
        stated_marker(result.comment).rpartition("/")[2]: result.comment
        for run in running.shop.runs.values()
        for case in run.cases.values()
        for result in case.results
    }


def links(comment: str) -> dict[str, str]:
    """Addresses by the words that lead there."""
    return {visible_text(words): unescape(address) for address, words in _LINK.findall(comment)}


def digest_at(running: Rig, address: str) -> str:
    """SHA-256 of the bytes behind an address of QA Sphere."""
    (found,) = [file for ident, file in running.destination.store.files.items() if ident in address]
    return found.sha256


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def assert_whole(running: Rig) -> None:
    found = comments(running)
    assert found.keys() == {"1", "2"}
    to = links(found["1"])
    assert digest_at(running, to["[image: the wrong sum]"]) == sha256(SERVED)
    assert digest_at(running, to["[image: pasted]"]) == sha256(PASTED)
    third = running.source.data.tests_of(12)[2]
    case = next(case for case in running.shop.cases if case.title == third.title)
    assert to[third.title] == f"{running.destination_url}/project/SHOP/tcase/{case.seq}"
    assert links(found["2"])["[image: the wrong sum]"] == to["[image: the wrong sum]"], "the same bytes go up once"
    assert "qmig:" not in "".join(found.values())


def spoil(running: Rig, route: str, *faults: FaultKind) -> None:
    """Let the next calls of a route (its end) go wrong like this, in turn."""
    coming = list(faults)
    shell = shell_of(running.destination.app)
    answer = shell._answer

    async def spoilt(request: Any, handler: Any, fault: FaultKind | None) -> Any:
        hit = request.path.endswith(route) and coming
        return await answer(request, handler, coming.pop(0) if hit else fault)

    shell._answer = spoilt


def noted(status: Status, code: str) -> set[str]:
    return {example for note in status.notes if note["code"] == code for example in note["examples"]}


@profiles
async def test_pictures_and_links_of_results_arrive_and_a_second_run_writes_nothing(
    profile: Profile, tmp_path: Path
) -> None:
    async with rig(tmp_path, company(), destination_options=StandInOptions(profile=profile)) as running:
        settings(running)
        status = await running.run()
        assert (status.failures, status.balanced) == ([], True)
        assert status.items["result"] == {"migrated": 2}
        assert status.items["file"] == {"migrated": 3}
        assert_whole(running)
        assert len(running.destination.store.files) == 2
        checked = await running.verify(files="all")
        assert (checked.wrong, checked.edited) == (0, [])
        writes = running.writes()
        for again in (await running.run(), await running.sync()):
            assert running.writes() == writes
            assert (again.balanced, again.items["result"]) == (True, {"unchanged": 2})
            assert again.items["file"] == {"unchanged": 3}

        running.settings["workspace"] = str(tmp_path / "another")
        adopted = await running.run()
        assert adopted.items["result"] == {"adopted": 2}
        assert (await running.verify(files="all")).wrong == 0
        assert_whole(running)


@profiles
async def test_a_picture_that_does_not_come_is_named_and_its_result_arrives(profile: Profile, tmp_path: Path) -> None:
    async with rig(tmp_path, company(foreign=True), destination_options=StandInOptions(profile=profile)) as running:
        settings(running)
        refused = refuse_files(running.destination, "sum.png")
        status = await running.run()
        assert (status.balanced, status.items["result"]) == (True, {"migrated": 2})
        assert {failure["title"] for failure in status.failures} == {"sum.png"}
        first = comments(running)["1"]
        assert "[image: the wrong sum] (this file could not be stored in QA Sphere)" in visible_text(first)
        to = links(first)
        assert digest_at(running, to["[image: pasted]"]) == sha256(PASTED), "the other picture is there"
        assert to["[image: over there]"] == FOREIGN, "what nobody may fetch is linked where it is"
        assert to["[image: unspoken]"] == FOREIGN
        web = running.source_url.removesuffix("/rest-api/service/api")
        assert to["[image: lost]"] == f"{web}/lost.png", "at the web application, where it was asked for"
        assert "[image: the wrong sum]" not in to
        assert noted(status, "text_unlinked") == {f"qacomplete@acme:result:12/{number}" for number in (1, 2)}
        assert len(noted(status, "file_foreign")) == 2
        assert (await running.verify(files="all")).wrong == 0

        before = comments(running)
        refused.clear()
        ended = await running.migrate("retry --files --json")
        assert ended.code == 0, ended.err
        assert comments(running) == before
        assert "text_late" in ended.out
        assert (await running.verify(files="all")).wrong == 0


@pytest.mark.parametrize("fault", ["drop_after", "late"])
async def test_a_lost_answer_is_recognised_whichever_pictures_were_missing(fault: FaultKind, tmp_path: Path) -> None:
    async with rig(tmp_path, company(foreign=True)) as running:
        settings(running)
        refuse_files(running.destination, "sum.png")
        spoil(running, "/result/batch", fault)
        status = await running.run()
        assert status.items["result"] == {"migrated": 2}
        assert comments(running).keys() == {"1", "2"}
        assert (await running.verify(files="all")).wrong == 0


async def test_a_kill_at_any_point_leaves_every_picture_once(tmp_path: Path) -> None:
    async with rig(tmp_path, company(), destination_options=StandInOptions(latency=0.002)) as running:
        settings(running)
        for point in ("sent:3", "answered:3", *(f"result.{point}:1" for point in POINTS)):
            ended = await running.migrate(environment={VARIABLE: point})
            assert ended.code == -signal.SIGKILL, point
        last = await running.migrate("run --json")
        assert last.code == 0, last.err
        assert_whole(running)
        runs = running.shop.runs.values()
        assert [len(case.results) for run in runs for case in run.cases.values()] == [1, 1]
        assert (await running.verify(files="all")).wrong == 0


async def test_a_result_shows_the_files_of_its_test(tmp_path: Path) -> None:
    data = generate(3)
    first = data.tests_of(12)[0]
    data.test_sets = [TestSet(701, 12, "Smoke")]
    data.files.append(File(9001, 12, "Tests", first.id, "spec.docx", bytes_=b"DOC"))
    data.files.append(File(9002, 12, "Tests", first.id, "shot.png", bytes_=SERVED))
    actual = "<p><a href='/files/spec.docx?id=9001'>spec</a> <img src='/files/shot.png?id=9002' alt='shot'></p>"
    data.runs = [
        TestRun(
            901, 12, 701, "Smoke", "Failed", "2023-03-06T08:00:00.0000000", "2023-03-06T17:30:00.0000000",
            items=[RunItem(1, first.id, first.title, 1, status="Failed",
                           outcomes=[StepOutcome(1, 1, "Failed", "Pay", "4.20", actual)])],
        )
    ]  # fmt: skip
    async with rig(tmp_path, data) as running:
        settings(running)
        status = await running.run()
        (comment,) = comments(running).values()
        stored = {ident: file.content for ident, file in running.destination.store.files.items()}
        led = {words: stored.get(address.rpartition("/")[2]) for words, address in links(comment).items()}
        assert (led["spec"], led["[image: shot]"]) == (b"DOC", SERVED)
        assert "could not be stored" not in comment
        assert "text_unlinked" not in {note["code"] for note in status.notes}
