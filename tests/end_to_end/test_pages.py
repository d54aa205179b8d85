"""Pages of requirements, defects, test sets and releases on their way: made once, kept up, found again, or named."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import Defect, File, Note, Requirement, SeedData, add_sample, generate
from mappings.pages import PageMapper
from migrator.core.ports.mapping import Mapped, PageItem
from migrator.core.refs import Ref
from tests.support.old_workspace import old_rig
from tests.support.qacomplete_runs import history
from tests.support.rig import Rig, rig

MAKE = {"pages": {"make": True}}
TITLES = {
    "Configurations 2017", "Defects 2017", "Releases 2017", "Releases undated", "Requirements 2017", "Test sets 2017"
}  # fmt: skip


def company() -> SeedData:
    data = generate(4)
    add_sample(data)
    codes = (("FunctionalSpecs", 501), ("Bugs", 601), ("TestSets", 701), ("Releases", 301))
    data.files += [
        File(9000 + number, 12, code, item, f"{code}.txt", bytes_=f"of {code}".encode())
        for number, (code, item) in enumerate(codes)
    ]
    data.files.append(File(9010, 12, "Bugs", 601, "https://wiki.acme.example/601"))
    return data


def listing(running: Rig) -> dict[str, list[str]]:
    """The cases that list pages, with the names of their files."""
    folders = {folder.id for folder in running.shop.folders.values() if folder.title == "Archived items"}
    return {
        case.title: [str(file["fileName"]) for file in case.files or ()]
        for case in running.shop.cases
        if case.folder_id in folders and case.is_draft
    }


def pages(running: Rig) -> dict[str, str]:
    """Every page in QA Sphere by its name."""
    files = running.destination.store.files.values()
    return {file.name: file.content.decode() for file in files if file.name.endswith(".html")}


def runs(running: Rig) -> list[Any]:
    return list(running.shop.runs.values())


async def test_everything_beside_the_tests_is_in_qa_sphere_with_its_files(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        ended = await running.run()
        assert (ended.balanced, ended.imbalance) == (True, {})
        found = listing(running)
        assert set(found) == TITLES
        assert found["Defects 2017"][1:] == ["Defect 601 Bugs.txt"]
        uploaded = {file.name: file.content for file in running.destination.store.files.values()}
        assert uploaded["Requirement 501 FunctionalSpecs.txt"] == b"of FunctionalSpecs"
        assert ended.items["requirement"] == {"folded": 3}
        assert ended.items["file"] == {"migrated": len(TITLES) + 4, "folded": 1}
        assert ended.items["archive"]["archived"] == len(running.source.data.users)
        assert not {note["code"] for note in ended.notes} & {"only_archived", "milestone_title_only"}
        assert (await running.migrate(f"report --crosswalk {tmp_path / 'ids.json'}")).code == 0
        urls = {line["source"]: line["url"] for line in json.loads((tmp_path / "ids.json").read_bytes())}
        listed = {case.title: case.seq for case in running.shop.cases}
        for kind, ident, title in (("defect", 602, "Defects 2017"), ("requirement", 501, "Requirements 2017")):
            assert urls[f"qacomplete@acme:{kind}:12/{ident}"].endswith(f"/project/SHOP/tcase/{listed[title]}")
        writes = running.writes()
        assert (await running.run()).balanced
        assert running.writes() == writes
        assert (await running.verify(files="all")).different == []


async def test_a_slice_leaves_the_files_of_pages_for_later_with_their_cases(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        assert (await running.migrate("run --limit 2")).code == 0
        files = running.destination.store.files
        assert (len(running.shop.cases), [file.name for file in files.values()]) == (2, [])
        ended = await running.run()
        assert ended.items["file"] == {"migrated": len(TITLES) + 4, "folded": 1}
        assert listing(running)["Defects 2017"][1:] == ["Defect 601 Bugs.txt"]


async def test_cases_lead_to_the_case_that_lists_the_pages(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        listed = {case.title: case.seq for case in running.shop.cases if case.title in TITLES}
        naming = [case for case in running.shop.cases if "see <a" in case.precondition]
        assert naming
        for case in naming:
            for seq, title in re.findall(
                r'see <a href="[^"]*/project/SHOP/tcase/(\d+)"[^>]*>“(.*?)”', case.precondition
            ):
                assert listed[title] == int(seq)
            assert "unknown.invalid" not in case.precondition
        writes = running.writes()
        await running.run()
        assert running.writes() == writes
        assert (await running.verify()).different == []
        running.settings["workspace"] = str(tmp_path / "another")
        ended = await running.run()
        assert ended.items["case"] == {"adopted": running.stored()}


async def test_runs_lead_to_the_cases_that_list_the_pages_of_what_they_name(tmp_path: Path) -> None:
    async with rig(tmp_path, history()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        seqs = {case.title: case.seq for case in running.shop.cases}
        led = {run.id: re.findall(r'href="[^"]*/tcase/(\d+)">([^<]*)', run.description) for run in runs(running)}
        assert led
        assert all(seqs[title] == int(seq) for links in led.values() for seq, title in links)
        assert {title for links in led.values() for _, title in links} >= {"Releases 2017", "Test sets 2017"}
        assert (await running.verify()).wrong == 0


async def test_runs_of_the_version_before_do_not_differ_for_leading_nowhere(tmp_path: Path) -> None:
    async with rig(tmp_path, history()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        for run in runs(running):
            run.description = re.sub(r"<li><strong>Pages:</strong>.*?</li>", "", run.description)
        shutil.rmtree(tmp_path / "workspace")
        writes = running.writes()
        found = await running.verify(results="all")
        assert (found.wrong, found.edited) == (0, [])
        await running.run()
        assert running.writes() == writes
        found = await running.verify(results="all")
        assert (found.wrong, found.edited) == (0, [])


async def test_a_round_brings_only_the_page_that_changed(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        before, made = listing(running), set(pages(running))
        running.source.data.notes.append(Note(899, 12, "Bugs", 602, "now in production"))
        calls = running.destination.log.counts.copy()
        await running.sync()
        (new,) = set(pages(running)) - made
        assert "now in production" in pages(running)[new]
        writes = {
            call: count
            for call, count in (running.destination.log.counts - calls).items()
            if not call.startswith("GET ")
        }
        assert sorted(call.partition(" ")[0] for call in writes) == ["PATCH", "POST"]
        assert sum(writes.values()) == 2
        after = listing(running)
        assert set(after["Defects 2017"]) == {new, "Defect 601 Bugs.txt"}
        assert {title for title in TITLES if before[title] != after[title]} == {"Defects 2017"}
        assert (await running.verify()).different == []


async def test_what_is_deleted_stays_on_its_page_with_its_files_until_it_comes_back(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        before, data = listing(running), running.source.data
        kept = {name: list(getattr(data, name)) for name in ("requirements", "defects", "test_sets", "releases")}
        gone = {"requirements": 501, "defects": 601, "test_sets": 701, "releases": 301}
        for name, ident in gone.items():
            getattr(data, name)[:] = [item for item in kept[name] if item.id != ident]
        for full in (False, True):
            ended = await running.sync(full=full)
            # cases that were linked with them name the links that left
            assert {item["kind"] for item in ended.deletions} == {"requirement", "archive", "milestone", "case"}
            assert ended.items["requirement"] == {"folded": 3}
            after = listing(running)
            assert set(after) == set(before)
            for title, name in (("Defects 2017", "Defect 601 Bugs.txt"), ("Requirements 2017", "Requirement 501")):
                assert len(after[title]) == len(before[title])
                assert any(file.startswith(name) for file in after[title])
                (page,) = [file for file in after[title] if file.endswith(".html")]
                assert "Deleted at the source" in pages(running)[page]
            writes = running.writes()
        assert (await running.run()).balanced
        assert running.writes() == writes
        assert (await running.verify(files="all")).different == []
        for name, items in kept.items():
            getattr(data, name)[:] = items
        assert (await running.sync()).deletions == []
        assert {title: sorted(files) for title, files in listing(running).items()} == {
            title: sorted(files) for title, files in before.items()
        }


async def test_too_many_that_have_left_their_pages_stop_a_round(tmp_path: Path) -> None:
    data = company()
    data.defects += [Defect(7000 + number, 12, f"Late {number}") for number in range(9)]
    async with rig(tmp_path, data) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        before = listing(running)
        running.source.data.defects[:] = []
        ended = await running.migrate("sync")
        assert ended.code == 8
        assert "have left project 12" in ended.out
        assert (await running.migrate("sync")).code == 8
        assert listing(running) == before


async def test_a_new_workspace_finds_pages_and_makes_nothing_twice(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        cases, files = running.stored(), set(running.destination.store.files)
        running.settings["workspace"] = str(tmp_path / "another")
        ended = await running.run()
        assert (ended.balanced, ended.items["case"]) == (True, {"adopted": cases})
        assert (running.stored(), set(running.destination.store.files)) == (cases, files)


async def test_a_plan_counts_what_pages_cost_and_a_setting_saves_it(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        planned = await running.plan()
        assert planned.items["case"] == {"pending": 4 + len(TITLES)}
        assert planned.items["file"] == {"pending": len(TITLES) + 4, "folded": 1}
        running.settings["mapping"] = {"pages": {"make": False}}
        less = await running.plan()
        assert less.cost.requests < planned.cost.requests
        ended = await running.run()
        assert ended.balanced
        assert listing(running) == {}
        counts = {(note["kind"], note["code"]): note["count"] for note in ended.notes}
        assert counts["file", "only_archived"] == 5
        assert counts["requirement", "only_archived"] == 3


async def test_a_year_that_begins_gets_a_case_of_its_own(tmp_path: Path) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        late = Requirement(9001, 12, "Late", date_created="2031-01-01T08:00:00.0000000")
        running.source.data.requirements.append(late)
        await running.sync()
        assert set(listing(running)) == TITLES | {"Requirements 2031"}


async def test_pages_on_which_nothing_has_changed_are_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    plain = PageMapper.map

    def counted(self: PageMapper, folder: Ref, items: Sequence[PageItem], titles: Mapping[str, str]) -> Mapped:
        mapped = plain(self, folder, items, titles)
        written.append(mapped.title)
        return mapped

    monkeypatch.setattr(PageMapper, "map", counted)
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        await running.run()
        assert set(written) == TITLES
        written.clear()
        ended = await running.run()
        assert (ended.balanced, ended.imbalance, written) == (True, {}, [])
        assert ended.items["case"] == {"unchanged": 4 + len(TITLES)}
        assert ended.items["requirement"] == {"folded": 3}
        running.source.data.notes.append(Note(899, 12, "Bugs", 602, "now in production"))
        assert (await running.run()).balanced
        assert written == ["Defects 2017"]
        written.clear()
        running.source.data.tests_of(12)[0].title = "Called otherwise now"
        await running.run()
        assert "Test sets 2017" in written
        assert any("Called otherwise now" in page for name, page in pages(running).items() if name.startswith("Test"))


@pytest.mark.parametrize("at", [3, 9])
async def test_a_kill_neither_loses_nor_doubles_pages(tmp_path: Path, at: int) -> None:
    async with rig(tmp_path, company()) as running:
        running.settings["mapping"] = MAKE
        assert (await running.migrate(kill_at=at)).code == -9
        ended = await running.migrate()
        assert ended.code == 0, ended.err
        assert set(listing(running)) == TITLES
        assert set(running.markers().values()) == {1}
        assert (await running.verify(files="all")).different == []


async def test_a_workspace_of_the_version_before_gets_pages_and_nothing_else(tmp_path: Path) -> None:
    async with old_rig(tmp_path, "finished") as running:
        cases = running.stored()
        running.settings["mapping"] = MAKE
        ended = await running.run()
        assert (ended.balanced, ended.imbalance) == (True, {})
        assert ended.items["case"] == {"unchanged": cases, "migrated": len(listing(running))}
        writes = running.writes()
        assert (await running.run()).balanced
        assert running.writes() == writes


async def test_pictures_are_known_by_their_ids_and_those_that_do_not_come_lead_to_the_source(tmp_path: Path) -> None:
    data = company()
    async with rig(tmp_path, data) as running:
        host = running.source_url.removesuffix("/rest-api/service/api")
        there = [f"{host}/files/Bugs.txt?id=9001", "/files/Bugs.txt?id=777", "img/lost.png"]
        shown = "".join(f'<p><img src="{address}"></p>' for address in there)
        data.defects = [Defect(601, 12, "Shown", description=shown)]
        data.requirements = [Requirement(501, 12, "Shown", description=shown)]
        running.settings |= {"mapping": MAKE, "source": {"item_url": "https://shown.acme.example/{id}"}}
        await running.run()
        listed = {case.title: case for case in running.shop.cases}
        for title in ("Defects 2017", "Requirements 2017"):
            case = listed[title]
            assert "unknown.invalid" not in case.precondition
            for address in there[1:]:
                assert f'href="{host}/{address.removeprefix("/")}"' in case.precondition
        page = next(text for name, text in pages(running).items() if name.startswith("Defects 2017"))
        assert page.count("(file Defect 601 Bugs.txt)") == 2, "in the text, and in the list of its files"
        assert "(file Defect 601 Bugs [#" in page, "777 is another"
        assert (await running.verify()).different == []
