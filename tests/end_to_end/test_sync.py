"""Both systems live side by side: a sync brings over what changed, by the policies, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.read.lists import Lists, Rows
from connectors.qacomplete.sandbox import Test, generate
from connectors.qacomplete.sandbox.data import Folder
from migrator.core.errors import CeilingReached
from migrator.engine.job import DELETED_TAG
from tests.support.rig import Rig, rig
from tests.support.there import by_id, edited_there


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(60)) as running:
        assert (await running.sync()).exit_code(strict=True) == 0
        yield running


def policy(running: Rig, **values: object) -> None:
    running.settings["sync"] = values


def deleted(running: Rig, count: int) -> list[Test]:
    """Delete the last tests of the source."""
    tests = running.source.data.tests
    gone = tests[-count:]
    del tests[-count:]
    return gone


async def test_a_sync_does_exactly_the_right_writes_and_the_next_none(migrated: Rig) -> None:
    data, cases = migrated.source.data, by_id(migrated)
    for test in data.tests[:20]:
        test.title = f"Source {test.id}"
    for test in data.tests[15:25]:
        edited_there(cases[test.id], title=f"Colleague {test.id}")
    gone = deleted(migrated, 4)
    new = [Test(90_000 + number, 12, f"New {number}", folder_id=data.folders[0].id) for number in range(6)]
    data.tests.extend(new)
    log = migrated.destination.log
    before, clashes = log.counts.copy(), log.statuses[409]
    report = await migrated.sync()
    sent = {call.partition(" ")[0]: count for call, count in (log.counts - before).items() if call[:3] != "GET"}
    # a create that clashes with its neighbour is refused, and sent again
    sent["POST"] -= log.statuses[409] - clashes
    assert sent == {"PATCH": 15, "POST": 6}
    assert report.written == {"case": {"migrated": 6, "updated": 15}}
    assert len(report.conflicts) == 5
    assert [entry["title"] for entry in report.deletions] == [test.title for test in gone]
    assert (report.exit_code(strict=False), report.exit_code(strict=True)) == (0, 3)
    writes = migrated.writes()
    again = await migrated.sync()
    assert migrated.writes() == writes
    assert (again.written, len(again.conflicts), len(again.deletions)) == ({}, 5, 4)
    assert again.attention == report.attention
    assert again.balanced


async def test_by_the_policy_source_what_is_overwritten_is_kept_in_a_note(migrated: Rig) -> None:
    policy(migrated, conflicts="source")
    test = migrated.source.data.tests[0]
    case = by_id(migrated)[test.id]
    test.title, test.description = "Source", "<p>Source</p>"
    steps = [dict(step) for step in case.steps]
    edited_there(case, title="Colleague", precondition="<p>Colleague</p>" + "x" * 500)
    shown = await migrated.sync(dry_run=True)
    assert case.title == "Colleague"
    assert [(entry["field"], entry["original"]) for entry in shown.resolved] == [
        ("title", "Colleague"), ("precondition", "<p>Colleague</p>" + "x" * 500),
    ]  # fmt: skip
    report = await migrated.sync()
    assert (case.title, report.conflicts) == ("Source", [])
    assert [step["description"] for step in case.steps] == [step["description"] for step in steps]
    assert [(entry["field"], entry["original"]) for entry in report.resolved] == [
        ("title", "Colleague"), ("precondition", "<p>Colleague</p>" + "x" * 500),
    ]  # fmt: skip
    again = await migrated.sync()
    assert (again.written, again.resolved) == ({}, [])
    # what was lost stays in the books
    notes = {note["code"]: note["count"] for note in (await migrated.run()).notes}
    assert notes["conflict_overwritten"] == 2
    assert (await migrated.verify()).edited == []


async def test_by_the_policy_destination_theirs_stays_and_is_what_the_next_merge_begins_with(migrated: Rig) -> None:
    policy(migrated, conflicts="destination")
    test = migrated.source.data.tests[0]
    case = by_id(migrated)[test.id]
    test.title, test.priority = "Source", "1-High"
    edited_there(case, title="Colleague")
    report = await migrated.sync()
    assert (case.title, case.priority) == ("Colleague", "high")
    assert [(entry["field"], entry["original"]) for entry in report.resolved] == [("title", "Source")]
    writes = migrated.writes()
    assert (await migrated.sync()).written == {}
    assert migrated.writes() == writes
    found = await migrated.verify()
    assert (found.wrong, [entry["field"] for entry in found.edited]) == (0, ["title"])
    # an update of another field does not forget whose the title is
    test.priority = "3-Low"
    await migrated.sync()
    found = await migrated.verify()
    assert (found.wrong, [entry["field"] for entry in found.edited]) == (0, ["title"])
    # the source alone changes it again: that is no conflict any more
    test.title = "Source again"
    await migrated.sync()
    assert case.title == "Source again"
    assert (await migrated.verify()).edited == []


async def test_a_conflict_that_is_only_kept_sends_nothing(migrated: Rig) -> None:
    policy(migrated, conflicts="destination")
    test = migrated.source.data.tests[0]
    test.title = "Source"
    edited_there(by_id(migrated)[test.id], title="Colleague")
    writes = migrated.writes()
    shown = await migrated.sync(dry_run=True)
    assert len(shown.resolved) == 1
    report = await migrated.sync()
    assert (len(report.resolved), report.written, report.conflicts) == (1, {}, [])
    assert migrated.writes() == writes
    assert (await migrated.sync()).resolved == []


async def test_what_left_the_source_is_tagged_once_and_loses_the_tag_when_it_comes_back(migrated: Rig) -> None:
    policy(migrated, deletions="tag")
    gone = deleted(migrated, 3)
    cases = by_id(migrated)
    report = await migrated.sync()
    assert report.written == {"case": {"updated": 3}}
    assert all(DELETED_TAG in cases[test.id].tags for test in gone)
    writes = migrated.writes()
    # somebody takes the tag off one, which is their right
    cases[gone[0].id].tags.remove(DELETED_TAG)
    assert len((await migrated.sync()).deletions) == 3
    assert migrated.writes() == writes
    migrated.source.data.tests.extend(gone)
    report = await migrated.sync()
    assert report.deletions == []
    assert not any(DELETED_TAG in case.tags for case in cases.values())
    assert migrated.writes() == writes + 2
    assert (await migrated.sync()).written == {}
    assert migrated.lost_and_doubled() == ([], [])


async def test_too_many_deletions_leave_the_project_alone(migrated: Rig) -> None:
    edited = migrated.source.data.tests[0]
    edited.title = "Source"
    gone = deleted(migrated, 20)
    writes = migrated.writes()
    for _ in range(2):
        report = await migrated.sync()
        assert report.exit_code(strict=False) == CeilingReached.exit_code
        assert "20 of" in report.refused[0]["message"]
        assert migrated.writes() == writes
    shown = await migrated.sync(dry_run=True)
    assert shown.exit_code(strict=False) == CeilingReached.exit_code
    # a list that was short for a while is no deletion at all
    migrated.source.data.tests.extend(gone)
    report = await migrated.sync()
    assert (report.deletions, report.written) == ([], {"case": {"updated": 1}})
    # and when they were really deleted, a higher ceiling lets it through, once
    deleted(migrated, 20)
    policy(migrated, max_deleted_share=0.5)
    assert len((await migrated.sync()).deletions) == 20
    policy(migrated)
    assert (await migrated.sync()).exit_code(strict=True) == 0


async def test_nothing_is_concluded_from_a_list_that_moved(migrated: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    deleted(migrated, 2)
    read = Lists.page

    async def moving(self: Lists, name: str, *rest: Any, **more: Any) -> Rows:
        rows = await read(self, name, *rest, **more)
        if name != "tests":
            return rows
        return Rows(rows.rows, rows.cursor, rows.total, True, rows.first)

    monkeypatch.setattr(Lists, "page", moving)
    assert (await migrated.sync()).deletions == []
    monkeypatch.undo()
    assert len((await migrated.sync()).deletions) == 2


async def test_what_rules_leave_out_is_not_deleted(migrated: Rig) -> None:
    config = migrated.config()["projects"][0]
    folder = next(name for name in migrated.shop.folders.values() if migrated.shop.in_folder[name.id])
    migrated.settings["projects"] = [config | {"exclude": [folder.title]}]
    report = await migrated.sync()
    assert report.items["case"]["excluded"] > 0
    assert report.deletions == []


async def test_what_cannot_be_moved_is_said_and_never_made_twice(migrated: Rig) -> None:
    data = migrated.source.data
    test = data.tests[0]
    test.folder_id = next(folder.id for folder in data.folders if folder.id != test.folder_id)
    renamed: Folder = data.folders[-1]
    renamed.title = "Another name"
    count = len(migrated.shop.cases)
    for _ in range(2):
        report = await migrated.sync()
        assert {entry["kind"] for entry in report.by_hand} >= {"case", "folder"}
        assert all(entry["cause"] for entry in report.by_hand)
    assert len(migrated.shop.cases) == count
    assert migrated.lost_and_doubled() == ([], [])
