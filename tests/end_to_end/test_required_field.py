"""A custom field that QA Sphere requires, and that nothing fills, is told before a case is sent."""

from pathlib import Path

from migrator.core.events import Said
from migrator.core.model import AnyEntity
from tests.support.history import case, folder
from tests.support.history_rig import history_rig

CASES: list[AnyEntity] = [folder(), *(case(number) for number in range(1, 31))]


async def test_the_plan_names_every_case_that_would_be_refused(tmp_path: Path) -> None:
    async with history_rig(tmp_path, CASES) as rig:
        store = rig.stand_in.store
        store.add_project("OTHER", "Another project, which lists the fields of all")
        store.add_custom_field("team", "Team", required=True)
        plan, _ = await rig.plan()
        assert plan.items["case"] == {"failed": 30}
        assert rig.calls("POST") == 0


async def test_where_no_project_can_be_asked_the_plan_says_so_and_no_create_is_refused(tmp_path: Path) -> None:
    async with history_rig(tmp_path, CASES) as rig:
        rig.stand_in.store.add_custom_field("team", "Team", required=True)
        await rig.plan()
        assert [event for event in rig.events if isinstance(event, Said) and "custom fields" in event.text]
        status = await rig.run()
        assert status.items["case"] == {"failed": 30}
        assert rig.calls("POST", "tcase") - rig.calls("POST", "folder") == 0
