"""What breaks importers arrives: all of it, in every profile, with its losses named."""

from pathlib import Path

import pytest

from migrator.core.text import visible_text
from migrator.standin.options import StandInOptions
from tests.support.monsters import PLAIN, monsters
from tests.support.oracle import words
from tests.support.rig import rig

pytestmark = pytest.mark.long


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_every_monster_migrates(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = StandInOptions.model_validate({"profile": profile})
    async with rig(tmp_path, monsters(), source_options=options, destination_options=options) as running:
        running.destination.store.add_custom_field("same", "Same")
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        assert (ended.failures, ended.items["case"]) == ([], {"migrated": len(running.source.data.tests)})
        assert running.lost_and_doubled() == ([], [])
        verified = await running.verify()
        assert (verified.missing, verified.different, verified.doubled, verified.extra) == ([], [], [], [])
        writes = running.writes()
        assert (await running.run()).items["case"] == {"unchanged": len(running.source.data.tests)}
        assert running.writes() == writes
        by_title = {case.title: case for case in running.shop.cases}
        for name, text in PLAIN.items():
            assert words(by_title[f"Text: {name}"].steps[0]["description"]) == text.split()
        # tags that nobody closes cannot be told from words, so they are shown as they were typed
        assert visible_text(by_title["Text: unclosed"].steps[0]["expected"]) == "one<b>two<i>three <li>four<td>five"
    found = {note["code"]: note["count"] for note in ended.notes}
    with capsys.disabled():
        print(f"\n{profile}: {found}")  # noqa: T201 - the figures are for people
    assert found.keys() >= {
        "title_cut", "title_empty", "title_cleaned", "tag_cut", "field_twice", "field_to_text", "folder_renamed",
        "folder_cut", "folder_collision", "folder_orphan", "image_linked", "table_flattened", "markup_removed",
        "control_characters", "link_unusable", "text_overflow", "requirement_cut", "priority_unmapped",
    }  # fmt: skip
