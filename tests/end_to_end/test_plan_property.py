"""Any states of both sides: what was applied needs nothing more, and costs as many requests as were forecast."""

import random
import shutil
import tempfile
from pathlib import Path

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qacomplete.sandbox import Folder, SeedData, Test, generate
from connectors.qasphere.sandbox.store import Case
from migrator.standin.options import Profile, StandInOptions
from tests.support.properties import examples
from tests.support.rig import Rig, rig

SIZES = (0, 1, 3, 25, 198, 203)
EDITS = 12


@settings(max_examples=examples(5), deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.sampled_from(SIZES),
    profile=st.sampled_from(["strict", "lenient", "odd"]),
    migrated=st.booleans(),
    marker_field=st.booleans(),
)
def test_after_apply_nothing_is_left_to_do_and_the_forecast_was_right(
    seed: int, size: int, profile: Profile, migrated: bool, marker_field: bool
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        anyio.run(_round_trip, folder, seed, size, profile, migrated, marker_field)
    finally:
        shutil.rmtree(folder)


async def _round_trip(folder: Path, seed: int, size: int, profile: Profile, migrated: bool, marker_field: bool) -> None:
    chance = random.Random(seed)
    options = StandInOptions(profile=profile)
    async with rig(folder, generate(size), destination_options=options, marker_field=marker_field) as running:
        # however slow the machine is, no card is renewed meanwhile, and no answer comes too late
        running.settings = {"http": {"timeout": 30}, "destination": {"settle_seconds": 30}}
        if migrated:
            assert not (await running.run()).has_failures
            for _ in range(EDITS):
                edit_destination(running, chance)
        for _ in range(EDITS):
            edit_source(running.source.data, chance)
        plan = await running.plan()
        requests, clashes = running.requests(), running.destination.log.statuses[409]
        status = await running.apply(plan.plan_id)
        assert not [failure for failure in status.failures if failure["state"] in ("failed", "unknown")]
        sent = running.requests() - requests - (running.destination.log.statuses[409] - clashes)
        # the odd server has no users/me; without the field its rows do not even show the markers
        if profile != "odd":
            assert sent == plan.cost.requests, (plan.cost.endpoints, running.destination.log.counts)
        again = await running.plan()
        assert (again.planned("create"), again.planned("update")) == ({}, {}), again.actions
        writes = running.writes()
        await running.apply(again.plan_id)
        assert running.writes() == writes
        assert status.balanced


def edit_source(data: SeedData, chance: random.Random) -> None:
    new = 50_000 + chance.randrange(40_000)
    kind = chance.choice(["add", "add", "edit", "edit", "move", "delete", "folder", "rename", "tag"])
    if kind == "add":
        place = chance.choice(data.folders).id if data.folders and chance.random() < 0.8 else 0
        data.tests.append(Test(new, 12, f"New {new}", folder_id=place, steps=[]))
    elif kind == "folder":
        parent = chance.choice(data.folders).id if data.folders and chance.random() < 0.5 else 0
        data.folders.append(Folder(new, 12, f"Folder {chance.randrange(4)}", parent))
    elif kind == "rename" and data.folders:
        chance.choice(data.folders).title = f"Folder {chance.randrange(4)}"
    elif data.tests:
        _edit_test(data, chance, kind)


def _edit_test(data: SeedData, chance: random.Random, kind: str) -> None:
    test = chance.choice(data.tests)
    if kind == "edit":
        test.title = f"Edited {chance.randrange(5)}"
        test.description = chance.choice([None, "<p>Edited</p>", "plain & simple"])
    elif kind == "tag":
        test.test_type = chance.choice(["Smoke", "Load", None])
    elif kind == "move" and data.folders:
        test.folder_id = chance.choice(data.folders).id
    elif kind == "delete":
        data.tests.remove(test)


def edit_destination(running: Rig, chance: random.Random) -> None:
    project = running.shop
    if not project.cases:
        return
    case = chance.choice(project.cases)
    kind = chance.choice(["edit", "edit", "tag", "delete", "copy", "unmark", "move"])
    case.version += 1
    if kind == "edit":
        case.title = f"Edited {chance.randrange(5)}"
    elif kind == "tag":
        case.tags.append("theirs")
        project.tags["theirs"] = 999
    elif kind == "delete":
        project.cases.remove(case)
        project.by_id.pop(case.id)
    elif kind == "copy":
        _copy(running, case, chance)
    elif kind == "unmark":
        case.links.clear()
        case.custom_fields.pop("source_id", None)
    elif kind == "move":
        case.folder_id = chance.choice(list(project.folders))


def _copy(running: Rig, case: Case, chance: random.Random) -> None:
    project = running.shop
    project.last_seq += 1
    copy = Case(
        f"copy-{chance.random()}", project.last_seq, case.folder_id, 99, case.title, case.priority, case.precondition,
        list(case.steps), list(case.tags), [], [dict(link) for link in case.links], [], dict(case.custom_fields),
        is_draft=False,
    )  # fmt: skip
    running.destination.store.add_case(project, copy)
