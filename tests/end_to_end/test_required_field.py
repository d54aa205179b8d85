"""A custom field that QA Sphere requires, and that nothing fills, is told before a case is sent."""

from pathlib import Path

import pytest

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import Said
from migrator.core.model import AnyEntity, CustomField
from tests.support.history import case, folder, plain
from tests.support.history_rig import history_rig

CASES: list[AnyEntity] = [folder(), *(case(number) for number in range(1, 31))]


async def test_nothing_is_written_where_every_case_would_be_refused(tmp_path: Path) -> None:
    cases = [case(number, custom_fields=(_squad(number),)) for number in range(1, 31)]
    async with history_rig(tmp_path, [folder(), *cases]) as rig:
        store = rig.stand_in.store
        store.add_project("OTHER", "Another project, which lists the fields of all")
        store.add_custom_field("team", "Team", required=True)
        for command in (rig.plan, rig.run):
            with pytest.raises(ConfigError, match="all 30 cases") as told:
                await command()
            assert told.value.code is ErrorCode.FIELD_UNFILLED
            assert "custom_fields: {NAME AT THE SOURCE: team}" in told.value.next_step
        assert rig.calls("POST") == 0
        rig.mapping = {"custom_fields": {"Squad": "team"}}
        assert (await rig.run()).items["case"] == {"migrated": 30}


async def test_where_some_cases_fill_it_the_others_fail_by_name(tmp_path: Path) -> None:
    filled = [case(n, custom_fields=(_squad(n),)) for n in range(1, 4)]
    async with history_rig(tmp_path, [folder(), *filled, case(4)], custom_fields={"Squad": "team"}) as rig:
        store = rig.stand_in.store
        store.add_project("OTHER", "Another project, which lists the fields of all")
        store.add_custom_field("team", "Team", required=True)
        assert (await rig.run()).items["case"] == {"migrated": 3, "failed": 1}


async def test_where_no_project_can_be_asked_the_plan_says_so_and_no_create_is_refused(tmp_path: Path) -> None:
    async with history_rig(tmp_path, CASES) as rig:
        rig.stand_in.store.add_custom_field("team", "Team", required=True)
        await rig.plan()
        assert [event for event in rig.events if isinstance(event, Said) and "custom fields" in event.text]
        for _ in range(2):
            with pytest.raises(ConfigError, match="all 30 cases"):
                await rig.run()
        # the project was made, which is how its fields are known
        assert rig.calls("POST", "tcase") == 0
        rig.stand_in.store.custom_fields.clear()
        assert (await rig.run()).items["case"] == {"migrated": 30}


def _squad(number: int) -> CustomField:
    return CustomField(name="Squad", value=plain(f"Squad {number}"))
