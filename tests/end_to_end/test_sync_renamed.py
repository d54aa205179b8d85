"""Runs, releases and folders that are renamed at the source: said with both names, until somebody has done it."""

from pathlib import Path

from migrator.core.model import AnyEntity
from migrator.core.notes import NoteCode
from migrator.report.fields import changes
from migrator.report.values import Change
from tests.support.drafts import ref
from tests.support.history import case, folder, release, result, run
from tests.support.history_rig import HistoryRig, history_rig

NO_PAGES = {"make": False}
"""A renamed release is a new page of releases as well: not what is counted here."""
SPRING = {"milestone": ref("release", "12", "3")}


def shop(*entities: AnyEntity) -> list[AnyEntity]:
    return [folder(), case(1), case(2), *entities]


async def after(rig: HistoryRig, *entities: AnyEntity) -> dict[str, tuple[Change, ...]]:
    """Run with these entities; return kind → changes of what is renamed. Nothing is written."""
    rig.source.entities = shop(*entities)
    posts = rig.calls("POST")
    status = await rig.run()
    assert (status.balanced, status.failures) == (True, []), status.imbalance
    assert rig.calls("POST") == posts
    with rig.open() as workspace:
        noted = {item.marker for item in workspace.notes.with_codes([NoteCode.CHANGED_AT_SOURCE])}
        items = list(workspace.items.of_last_rounds())
    found = {item.kind: changes(item.versions.before, item.versions.found, item.versions.wanted) for item in items}
    assert {item.kind for item in items if item.marker in noted} == {kind for kind, rows in found.items() if rows}
    return {kind: rows for kind, rows in found.items() if rows}


async def test_both_names_of_a_run_and_a_release_until_somebody_has_renamed_them(tmp_path: Path) -> None:
    entities: list[AnyEntity] = [release(3, "Spring"), run(5, set_title="Smoke", **SPRING), result(1, 5, 1)]
    async with history_rig(tmp_path, shop(*entities), pages=NO_PAGES) as rig:
        await rig.run()
        assert await after(rig, *entities) == {}
        renamed: list[AnyEntity] = [release(3, "Spring"), run(5, set_title="Nightly", **SPRING), result(1, 5, 1)]
        nightly = Change("title", "Smoke · Spring · 2024-03-06 · #5", "Nightly · Spring · 2024-03-06 · #5")
        for _ in range(2):
            assert await after(rig, *renamed) == {"run": (nightly,)}
        renamed[0] = release(3, "Easter")
        easter = Change("title", "Smoke · Spring · 2024-03-06 · #5", "Nightly · Easter · 2024-03-06 · #5")
        expected = {"run": (easter,), "milestone": (Change("title", "Spring", "Easter"),)}
        assert await after(rig, *renamed) == expected
        next(iter(rig.shop.runs.values())).title = easter.right
        next(iter(rig.shop.milestones.values())).title = "Easter"
        assert await after(rig, *renamed) == {}


async def test_what_only_the_rules_or_the_release_name_otherwise_is_not_renamed(tmp_path: Path) -> None:
    entities: list[AnyEntity] = [release(3, "Spring"), run(5, **SPRING), result(1, 5, 1)]
    async with history_rig(tmp_path, shop(*entities), pages=NO_PAGES) as rig:
        await rig.run()
        # the release says so itself; its runs would only say it again
        assert list(await after(rig, release(3, "Easter"), *entities[1:])) == ["milestone"]
        # the run has changed, but not its name
        assert await after(rig, entities[0], run(5, description=None, extra={"x": "y"}, **SPRING), entities[2]) == {}


async def test_a_title_that_was_made_unique_is_no_other_name(tmp_path: Path) -> None:
    entities: list[AnyEntity] = [release(3, "Spring"), run(5, **SPRING), result(1, 5, 1)]
    async with history_rig(tmp_path, shop(*entities), pages=NO_PAGES) as rig:
        await rig.run()
        made = next(iter(rig.shop.runs.values()))
        archived = next(iter(rig.shop.milestones.values()))
        # another workspace finds a run and an archived milestone of these titles, which are not ours
        made.description, archived.archived_at, rig.workspace = "<p>theirs</p>", "2024-01-01T00:00:00Z", "other"
        await rig.run()
        assert {one.title for one in rig.shop.milestones.values()} == {"Spring", "Spring [#3]"}
        assert len(rig.shop.runs) == 2
        assert await after(rig, entities[0], run(5, extra={"x": "y"}, **SPRING), entities[2]) == {}


async def test_a_folder_says_its_old_and_its_new_path(tmp_path: Path) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        await rig.run()
        rig.source.entities = [folder().model_copy(update={"title": "Renamed"}), case(1), case(2)]
        await rig.run()
        with rig.open() as workspace:
            items = {item.kind: item for item in workspace.items.of_last_rounds()}
        versions = items["folder"].versions
        assert changes(versions.before, versions.found, versions.wanted) == (Change("path", "Folder 7", "Renamed"),)
