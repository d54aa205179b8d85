"""A case that somebody annotates in QA Sphere goes on following the source."""

from datetime import timedelta
from pathlib import Path

from migrator.core.model import AnyEntity, Step
from migrator.core.text import visible_text
from tests.support.history import START, case, folder, plain
from tests.support.history_rig import history_rig


def project(day: int, action: str) -> list[AnyEntity]:
    step = Step(action=plain(action), expected=plain("It opens"))
    return [folder(), case(1, steps=(step,), updated_at=START + timedelta(days=day), version=str(day))]


async def test_a_colleagues_note_does_not_stop_what_is_edited_at_the_source(tmp_path: Path) -> None:
    async with history_rig(tmp_path, project(1, "Open the page")) as rig:
        await rig.run()
        (made,) = rig.shop.cases
        made.precondition = "<p>Ask Ada for the card</p>" + made.precondition
        made.version += 1
        for day in (2, 3):
            rig.source.entities = project(day, f"Open the page {day}")
            status = await rig.run()
            assert status.items["case"] == {"updated": 1}
            assert status.balanced, status.imbalance
            (made,) = rig.shop.cases
            text = visible_text(made.precondition)
            assert text.startswith("Ask Ada for the card")
            assert f"Version: {day}" in text
            assert f"Updated: {(START + timedelta(days=day)).date()}" in text
            assert f"Open the page {day}" in str(made.steps)
            assert (await rig.run()).items["case"] == {"unchanged": 1}
            _, found = await rig.verify()
            assert {(finding.what, finding.field) for finding in found} == {("edited", "precondition")}
