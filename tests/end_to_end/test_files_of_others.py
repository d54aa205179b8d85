"""A text that shows or leads to a file of another item, by its id, holds the uploaded file: in cases and results."""

import signal
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import RunItem, SeedData, StepOutcome, TestRun, generate
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.items import TestSet
from connectors.qacomplete.sandbox.sample_files import png
from migrator.engine.load.journaled_write import VARIABLE
from migrator.standin.options import StandInOptions
from tests.support.oracle import marker_of
from tests.support.rig import Rig, rig
from tests.support.seen import links_of

DOC, SHOT = b"the specification", png(40, 30, (200, 10, 10))
FORMS = {
    "query": "/files/get.ashx?id=9001",
    "parameter": "/view?fileid=9001",
    "path": "/files/9001/spec.docx",
    "absolute": "http://{host}/attachments/9001",
    "with the other scheme": "https://{host}/view?project=12&amp;attachmentId=9001",
    "without a scheme": "//{host}/files/spec.docx?id=9001",
    "no slash": "files/spec.docx?id=9001",
}
PICTURES = {"by query": "/files/shot.png?id=9002", "by path": "//{host}/files/9002/shot.png"}
LOST = {"nothing": "http://{host}/view?fileid=7777", "a year": "http://{host}/files/9001/other.docx"}
RUN = ("2023-03-06T08:00:00.0000000", "2023-03-06T17:30:00.0000000")


def company() -> SeedData:
    """Two files hang on the second test; nothing leads to them yet."""
    data = generate(3)
    second = data.tests_of(12)[1]
    data.files = [
        File(9001, 12, "Tests", second.id, "spec.docx", bytes_=DOC),
        File(9002, 12, "Tests", second.id, "shot.png", bytes_=SHOT),
    ]
    data.test_sets = [TestSet(701, 12, "Smoke")]
    return data


def write(running: Rig) -> None:
    """Let the first test and its result lead to these files in every form, and to what is no file."""
    host = running.source_url.partition("//")[2].partition("/")[0]
    shown = "".join(f'<p><a href="{at}">{name}</a></p>' for name, at in (FORMS | LOST).items())
    shown += "".join(f'<p><img src="{at}" alt="{name}"></p>' for name, at in PICTURES.items())
    text, first = shown.replace("{host}", host), running.source.data.tests_of(12)[0]
    first.description = text
    outcomes = [StepOutcome(1, 1, "Failed", "Pay", "4.20", text)]
    item = RunItem(1, first.id, first.title, 1, status="Failed", outcomes=outcomes)
    running.source.data.runs = [TestRun(901, 12, 701, "Smoke", "Failed", *RUN, items=[item])]


def text_of_case(running: Rig) -> str:
    first = running.source.data.tests_of(12)[0]
    return next(case.precondition for case in running.shop.cases if marker_of(case).endswith(f"/{first.id}"))


def text_of_result(running: Rig) -> str:
    cases = [case for run in running.shop.runs.values() for case in run.cases.values()]
    (result,) = [result for case in cases for result in case.results]
    return result.comment


def assert_there(running: Rig) -> None:
    stored = {ident: file.content for ident, file in running.destination.store.files.items()}
    expected = dict.fromkeys(FORMS, DOC) | {f"[image: {name}]": SHOT for name in PICTURES}
    for text in (text_of_case(running), text_of_result(running)):
        led = links_of(text)
        assert {name: stored.get(led[name].rpartition("/")[2]) for name in expected} == expected
        assert all(running.source_url.partition("//")[2].partition("/")[0] in led[name] for name in LOST)
        assert "could not be stored" not in text


async def test_whatever_the_form_of_its_address_a_file_of_another_case_is_led_to(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        write(running)
        status = await running.run()
        assert (status.failures, status.balanced) == ([], True)
        assert_there(running)
        assert len(running.destination.store.files) == 2, "the same bytes go up once"
        noted = [note["count"] for note in status.notes if note["code"] == "link_to_source"]
        assert noted == [len(LOST)] * 2, "of the case and of the result"
        assert "content_missing" not in {note["code"] for note in status.notes}
        assert (await running.verify(files="all")).wrong == 0
        writes = running.writes()
        for again in (await running.run(), await running.sync()):
            assert (running.writes(), again.balanced) == (writes, True)


@pytest.mark.parametrize("left_out", [True, False])
async def test_a_file_is_there_when_its_own_case_is_not(tmp_path: Path, left_out: bool) -> None:
    data = company()
    second = data.tests_of(12)[1]
    async with rig(tmp_path, data) as running:
        write(running)
        if left_out:
            second.active = False
            running.settings = {"mapping": {"inactive": "skip"}}
        status = await running.run()
        assert status.balanced
        assert_there(running)
        if not left_out:
            data.tests.remove(second)
            data.files.clear()
            writes = running.writes()
            for again in (await running.run(), await running.sync()):
                assert (running.writes(), again.balanced) == (writes, True)
            assert_there(running)
        assert (await running.verify(files="all")).wrong == 0


async def test_a_kill_at_any_point_leaves_every_file_once(tmp_path: Path) -> None:
    async with rig(tmp_path, company(), destination_options=StandInOptions(latency=0.002)) as running:
        write(running)
        for point in ("sent:2", "answered:2", "sent:3", "answered:2"):
            ended = await running.migrate(environment={VARIABLE: point})
            assert ended.code == -signal.SIGKILL, point
        last = await running.migrate("run --json")
        assert last.code == 0, last.err
        assert_there(running)
        assert len(running.shop.cases) == 3
        assert (await running.verify(files="all")).wrong == 0
