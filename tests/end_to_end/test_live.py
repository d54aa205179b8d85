"""The page to watch."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from connectors.qacomplete.sandbox import generate
from migrator.app.runtime.live import LIVE_FILE, watched
from migrator.core.errors import Interrupted
from migrator.core.events import NEEDS, Event, ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed, ignore
from tests.support.report_page import ATTACK
from tests.support.rig import rig


async def test_a_run_leaves_the_page_as_it_ended(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(5)) as running:
        ended = await running.migrate("run --live")
        assert ended.code == 0, ended.err
        path = tmp_path / "workspace" / "reports" / LIVE_FILE
        assert f"page to watch: {path}" in ended.err
        page = path.read_text(encoding="utf-8")
        assert "<title>migrator run: ended</title>" in page
        assert "12: load" in page
        assert 'http-equiv="refresh"' not in page


async def test_what_has_ended_stands_at_its_end(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(5, items=4)) as running:
        for _ in range(2):  # the second one finds everything as it was
            await running.migrate("run --live")
            page = LexborHTMLParser((tmp_path / "workspace" / "reports" / LIVE_FILE).read_text(encoding="utf-8"))
            cells = {row.css("th")[0].text(): row.css("td")[1].text() for row in page.css("tbody tr")}
            counts = [cell.split(" of ") for cell in cells.values() if " of " in cell]
            assert "12: plan history" in cells
            assert all(done == total for done, total in counts)


def test_it_is_renewed_while_the_work_goes_on(tmp_path: Path) -> None:
    heard: list[Event] = []
    path = tmp_path / LIVE_FILE

    def work(listener: Listener) -> None:
        assert 'http-equiv="refresh"' in path.read_text(encoding="utf-8")
        listener(PhaseStarted("load", "12", 260))
        listener(Progressed("load", "12", 96, 260, "QA Sphere's limit"))
        listener(ItemFailed("case", "m:1", ATTACK, "failed", ATTACK))
        listener(PhaseEnded("load", "12", 96))
        raise Interrupted("stopped; everything that was answered is recorded")

    with pytest.raises(Interrupted), watched(tmp_path, "run", heard.append) as listening:
        work(listening)
    assert len(heard) == 5
    page = path.read_text(encoding="utf-8")
    assert "96 of 260" in page
    assert "stopped; everything that was answered is recorded" in page
    assert "stopped: stopped" not in page
    assert "1 failed, in doubt or blocked so far" in page
    assert ATTACK not in page


def test_parts_of_a_phase_end_with_it_and_the_bottleneck_is_no_other_phase(tmp_path: Path) -> None:
    def work(listening: Listener) -> None:
        listening(PhaseStarted("extract", "12"))
        listening(Progressed("extract tests", "12", 5, None))
        listening(Progressed("extract tests", "13", 5, None))
        listening(PhaseEnded("extract", "12", 60))
        listening(PhaseStarted("plan", "12", 33))
        listening(PhaseEnded("plan", "12", 58))
        listening(Progressed("load", "12", 5, 60, NEEDS))
        time.sleep(0.02)
        listening(Progressed("load", "12", 5, 60, NEEDS))
        listening(Progressed("files", "12", 5, 60, "Workiva (operations) allows 1/s"))
        raise Interrupted("stopped")

    with suppress(Interrupted), watched(tmp_path, "run", ignore) as listener:
        work(listener)
    page = LexborHTMLParser((tmp_path / LIVE_FILE).read_text(encoding="utf-8"))
    rows = [row.text() for row in page.css("tr") if "extract tests" in row.text()]
    assert {row.split(":")[0].strip(): "done" in row for row in rows} == {"12": True, "13": False}
    text = page.body.text() if page.body else ""
    assert "58 of 58" in text
    assert "waited most for: Workiva (operations)" in text


@pytest.mark.parametrize(("error", "word"), [(None, "done"), (Interrupted("stopped"), "stopped")])
def test_nothing_goes_on_once_the_command_has_ended(tmp_path: Path, error: Interrupted | None, word: str) -> None:
    def work(listener: Listener) -> None:
        listener(Progressed("verify files", "12", 21, None, "answers of QA Sphere"))
        if error:
            raise error

    with suppress(Interrupted), watched(tmp_path, "verify", ignore) as listening:
        work(listening)
    page = LexborHTMLParser((tmp_path / LIVE_FILE).read_text(encoding="utf-8"))
    row = next(row.text() for row in page.css("tr") if "verify files" in row.text())
    assert word in row
    assert "answers" not in row


def test_a_page_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / LIVE_FILE).mkdir()
    with watched(tmp_path, "run", lambda _: None) as listener:
        listener(PhaseStarted("load", "12", 1))
