"""What a round of sync leaves behind: a page and the same for scripts, after rounds with news, and not for ever."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from connectors.qacomplete.sandbox import Test, demo_company, generate
from connectors.qacomplete.sandbox.data import User
from migrator.app.reports.write import write_run_report
from migrator.app.sync import account
from migrator.app.sync.files import KEPT
from migrator.app.sync.unattended import SyncOutcome, unattended_sync
from migrator.core.events import Event, Said, ignore
from tests.end_to_end.test_reports import items_in
from tests.end_to_end.test_sync import deleted, policy
from tests.support.report_page import ATTACK
from tests.support.rig import Rig, rig
from tests.support.there import by_id, edited_there

FULL = Path("/dev/full")


@pytest.fixture
async def synced(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(12)) as running:
        assert (await one(running)).exit_code == 0
        yield running


async def one(running: Rig, said: list[Event] | None = None) -> SyncOutcome:
    return await unattended_sync(running.parsed(), ignore if said is None else said.append)


def left(running: Rig) -> list[Path]:
    """The pages that stand there, the oldest first."""
    return sorted((running.folder / "workspace" / "reports").glob("sync-*.html"), key=lambda path: path.stem)


def text_of(path: Path, selector: str = "body") -> str:
    found = HTMLParser(path.read_text(encoding="utf-8")).css_first(selector)
    assert found is not None
    return " ".join(found.text(separator=" ").split())


def beside(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.with_suffix(".json").read_bytes())
    return document


async def test_the_first_round_says_what_it_made_and_a_quiet_one_leaves_nothing(synced: Rig) -> None:
    (path,) = left(synced)
    document = beside(path)
    made = {change["title"] for change in document["changes"] if change["kind"] == "case"}
    assert made == {test.title for test in synced.source.data.tests}
    assert (document["written"], document["more_changes"], document["finished"]) == (
        {kind: {"migrated": count} for kind, count in (("case", 12), ("folder", len(synced.shop.folders)),
                                                       ("project", 1))}, 0, True,
    )  # fmt: skip
    links = [link.attributes["href"] for link in HTMLParser(path.read_text()).css("#created a")]
    assert f"{synced.destination_url}/project/SHOP/tcase/{synced.shop.cases[0].seq}" in links
    quiet = await one(synced)
    assert quiet.report is not None
    assert (quiet.is_news, quiet.report.report, left(synced)) == (False, "", [path])


async def test_everything_that_happened_stands_in_the_page_and_beside_it(synced: Rig) -> None:
    tests, cases = synced.source.data.tests, by_id(synced)
    before, migrated_as = tests[0].title, tests[1].title
    tests[0].title, tests[1].title = "Renamed at the source", ATTACK
    tests[1].description = "<p>Both sides</p>"
    edited_there(cases[tests[1].id], title="Colleague")
    moved = tests[2]
    moved.folder_id = next(found.id for found in synced.source.data.folders if found.id != moved.folder_id)
    synced.shop.cases.remove(cases[tests[3].id])
    gone = deleted(synced, 2)
    tests.append(Test(90_000, 12, "Quite new", folder_id=synced.source.data.folders[0].id))
    ended = await one(synced)
    assert ended.report is not None
    path = left(synced)[-1]
    assert ended.report.report == beside(path)["report"] == str(path)
    page, document = text_of(path), beside(path)
    update = next(change for change in document["changes"] if change["fate"] == "updated")
    assert update["fields"] == [{"field": "title", "before": before, "after": "Renamed at the source"}]
    assert [change["title"] for change in document["changes"] if change["fate"] == "migrated"] == ["Quite new"]
    assert text_of(path, "#updated ins") in "Renamed at the source"
    assert "Quite new" in text_of(path, "#created")
    sides = [cell.text() for cell in HTMLParser(path.read_text()).css("#conflicts td")]
    assert sides[:2] == ["Colleague", f"{ATTACK}as migrated: {migrated_as}"]
    assert any("Both sides" in side for side in sides)
    assert all(test.title in text_of(path, "#deletions") for test in gone)
    assert moved.title in text_of(path, "#by_hand")
    assert cases[tests[3].id].title in text_of(path, "#gone")
    assert "1 item in conflict" in page
    assert "<img" not in path.read_text()
    assert {name: len(document[name]) for name in ("conflicts", "deletions", "by_hand", "gone", "failures")} == {
        "conflicts": 1, "deletions": 2, "by_hand": 1, "gone": 1, "failures": 0,
    }  # fmt: skip
    # the next round has nothing to add; what only stands there still is not news
    assert not (await one(synced)).is_news
    # and what is new among what stands is marked
    tests[4].title = "Another conflict"
    edited_there(cases[tests[4].id], title="Another colleague")
    await one(synced)
    entries = HTMLParser(left(synced)[-1].read_text()).css("#conflicts > ul > li")
    assert [entry.css_first(".new") is not None for entry in entries] == [True, False]
    assert "Another conflict" in entries[0].text()


async def test_conflicts_that_a_policy_decided_show_what_lost_and_only_what_was_written_is_written(
    synced: Rig,
) -> None:
    policy(synced, conflicts="destination")
    test = synced.source.data.tests[0]
    test.title, test.priority = "Source", "1-High" if test.priority == "3-Low" else "3-Low"
    edited_there(by_id(synced)[test.id], title="Colleague")
    await one(synced)
    path = left(synced)[-1]
    (update,) = beside(path)["changes"]
    assert [change["field"] for change in update["fields"]] == ["priority"]
    assert "Source" in text_of(path, "#resolved blockquote")
    policy(synced, conflicts="source")
    test.description = "<p>Source</p>"
    edited_there(by_id(synced)[test.id], precondition="<p>Colleague</p>")
    await one(synced)
    path = left(synced)[-1]
    assert "<p>Colleague</p>" in text_of(path, "#resolved blockquote")
    (update,) = beside(path)["changes"]
    assert [change["field"] for change in update["fields"]] == ["precondition"]
    # a project that is left alone later has decided nothing anew
    policy(synced, conflicts="source", max_deletions=1)
    deleted(synced, 6)
    assert (await one(synced)).exit_code == 8
    assert beside(left(synced)[-1])["resolved"] == []
    assert not (await one(synced)).is_news


async def test_a_project_that_was_left_alone_is_on_the_page(synced: Rig) -> None:
    policy(synced, max_deletions=1)
    deleted(synced, 6)
    assert (await one(synced)).exit_code == 8
    page = text_of(left(synced)[-1], "#refused")
    assert "6 of" in page
    assert "sync.max_deletions" in page


async def test_a_long_first_round_names_some_and_counts_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "LISTED", 5)
    async with rig(tmp_path, generate(12)) as running:
        await one(running)
        total = 12 + len(running.shop.folders) + 1
        document = beside(left(running)[-1])
        assert (len(document["changes"]), document["more_changes"]) == (5, total - 5)
        assert f"{total - 5} more" in text_of(left(running)[-1], "#created")
        # what was updated comes first, because its old values stand nowhere else
        for test in running.source.data.tests[:3]:
            test.title = f"Again {test.id}"
        running.source.data.tests += [Test(90_000 + number, 12, "New", folder_id=0) for number in range(4)]
        await one(running)
        document = beside(left(running)[-1])
        assert [change["fate"] for change in document["changes"]].count("updated") == 3


async def test_old_ones_go_and_nothing_else_does(synced: Rig) -> None:
    reports = synced.folder / "workspace" / "reports"
    others = [reports / name for name in ("run.html", "sync-of-mine.html", "sync-20240101T000000Z.csv")]
    for path in others:
        path.write_text("kept")
    for number in range(KEPT + 3):
        for ending in ("html", "json"):
            (reports / f"sync-20240101T0000{number:02}Z.{ending}").write_text("{}")
    (reports / "sync-20240101T000000Z.html.part").write_text("killed half-way")
    # the clock was wrong once: what is written now is kept all the same
    for number in range(KEPT):
        (reports / f"sync-29990101T0000{number:02}Z.html").write_text("{}")
    synced.source.data.tests[0].title = "Again"
    ended = await one(synced)
    assert ended.report is not None
    named = Path(ended.report.report)
    assert {named, named.with_suffix(".json")} <= set(reports.iterdir())
    assert len(left(synced)) == KEPT + 1  # sync-of-mine.html is none of ours
    assert not list(reports.glob("*.part"))
    assert all(path.exists() for path in others)


async def test_two_rounds_in_one_second_leave_two(synced: Rig) -> None:
    for number in range(3):
        synced.source.data.tests[0].title = f"Again {number}"
        await one(synced)
    assert len(left(synced)) == 4
    changed = [change["fields"][0]["after"] for path in left(synced)[1:] for change in beside(path)["changes"]]
    assert changed == ["Again 0", "Again 1", "Again 2"]


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
async def test_a_report_that_cannot_be_written_is_said_and_fails_nothing(
    synced: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = synced.folder / "workspace" / "reports"
    for path in reports.iterdir():
        path.unlink()
    # no space is left, from the report on
    opened = os.open

    def open_full(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if isinstance(path, Path) and path.parent == reports and flags & os.O_WRONLY:
            return opened(FULL, os.O_WRONLY)
        return opened(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", open_full)
    synced.source.data.tests[0].title = "Again"
    said: list[Event] = []
    ended = await one(synced, said)
    monkeypatch.undo()
    assert ended.report is not None
    assert (ended.exit_code, ended.report.report, ended.report.written) == (0, "", {"case": {"updated": 1}})
    (line,) = [event.text for event in said if isinstance(event, Said) and "report" in event.text]
    assert "could not be written" in line
    assert "No space left" in line
    reports.rmdir()
    reports.write_text("a file where the folder should be")
    synced.source.data.tests[0].title = "And again"
    assert (await one(synced)).exit_code == 0


async def test_what_was_written_before_a_later_project_failed_is_not_lost(tmp_path: Path) -> None:
    data = generate(6)
    async with rig(tmp_path, data) as running:
        first = running.config()["projects"][0]
        await one(running)
        data.tests[0].title = "Written before the trouble"
        running.settings["projects"] = [first, first | {"source": "99", "destination": "OTHER"}]
        ended = await one(running)
        assert ended.error is not None
        path = left(running)[-1]
        document = beside(path)
        assert [change["title"] for change in document["changes"]] == ["Written before the trouble"]
        assert document["finished"] is False
        assert "was not over" in text_of(path)


async def test_what_an_interrupted_round_had_written_stands_in_the_report_of_the_one_that_finishes_it(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, generate(6)) as running:
        await one(running)
        tests = running.source.data.tests
        titles = [test.title for test in tests[:4]]
        for test in tests[:4]:
            test.title = f"Again {test.id}"
        ended = await running.migrate("sync", environment={"MIGRATOR_CRASH_AT": "after_ledger_commit:2"})
        assert ended.code < 0, ended.err
        assert len(left(running)) == 1
        # meanwhile one of them changes once more
        tests[0].title = "And again"
        await one(running)
        document = beside(left(running)[-1])
        fields = [field for change in document["changes"] for field in change["fields"]]
        assert {(field["before"], field["after"]) for field in fields} == {
            (titles[0], f"Again {tests[0].id}"), (f"Again {tests[0].id}", "And again"),
            *((title, f"Again {test.id}") for title, test in zip(titles[1:], tests[1:4], strict=True)),
        }  # fmt: skip
        assert document["written"] == {"case": {"updated": 5}}


async def test_a_dry_run_leaves_none_and_the_command_names_the_file(synced: Rig) -> None:
    synced.source.data.tests[0].title = "Again"
    shown = await synced.migrate("sync --dry-run --json")
    assert json.loads(shown.out)["report"] == ""
    assert len(left(synced)) == 1
    ended = await synced.migrate("sync --json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["report"] == str(left(synced)[-1])
    assert "sync report: " in ended.err
    assert len(left(synced)) == 2
    # a round that failed altogether has nothing to tell
    synced.source.data.users = [User(None, "No", "Id", "x@acme.example")]  # type: ignore[arg-type]
    assert (await one(synced)).exit_code == 5
    assert len(left(synced)) == 2


async def test_runs_and_results_of_a_whole_company(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        await one(running)
        (path,) = left(running)
        document = beside(path)
        assert sum(found["count"] for found in document["results"]) == document["written"]["result"]["migrated"]
        assert document["more_results"] == 0
        listed = Counter(change["kind"] for change in document["changes"])
        assert {kind: sum(fates.values()) for kind, fates in document["written"].items() if kind != "result"} == listed
        assert all(found["run"] in text_of(path, "#created") for found in document["results"])
        # results of a run deleted, its set renamed, a release as well
        smoke = running.source.data.runs[0]
        names = [str(item.test_name) for item in smoke.items[:2]]
        del smoke.items[:2]
        old, smoke.set_name = "Smoke", "Nightly"
        await one(running)
        path = left(running)[-1]
        assert beside(path)["changes"] == []
        (gone,) = [entry for entry in beside(path)["deletions"] if entry["field"] == "results"]
        assert gone["original"] == "; ".join(names)
        assert names[0] in text_of(path, "#deletions blockquote")
        cells = HTMLParser(path.read_text()).css("#by_hand td")
        assert [cell.text().partition(" · ")[0] for cell in cells] == [old, "Nightly"]
        # and the report of everything shows the same
        write_run_report(running.parsed(), tmp_path / "run.html")
        (renamed,) = [
            item["changes"] for item in items_in(tmp_path / "run.html").values() if "title" in item["changes"]
        ]
        assert [side.partition(" · ")[0] for side in renamed["title"][:2]] == [old, "Nightly"]
        assert not (await one(running)).is_news
