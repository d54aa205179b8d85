"""What has left Workiva between two rounds is named, whichever command comes next."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.workiva import sandbox
from connectors.workiva.sandbox import SeedData
from migrator.core.errors import CeilingReached
from migrator.core.notes import NoteCode
from state.workspace import open_workspace
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

LEFT = (NoteCode.DELETED_AT_SOURCE, NoteCode.PARTS_DELETED_AT_SOURCE, NoteCode.RESULTS_DELETED_AT_SOURCE)


def forms() -> SeedData:
    """Three test forms; the control of each is in the graph."""
    data = sandbox.generate(3, phases=2, matrices=1, samples=2)
    for number, form in enumerate(data.forms):
        data.records.append(sandbox.GraphRecord(form.id, "TestForm", {"name": form.name}))
        data.records.append(
            sandbox.GraphRecord(f"c{number}", "Control", {"alias": f"CTL-{number}", "name": f"Control {number}"})
        )
        data.relations.append(sandbox.Relation("tests", form.id, f"c{number}"))
    return data


def form(data: SeedData) -> str:
    return data.forms.pop(0).name


def form_with_its_control(data: SeedData) -> str:
    data.records, data.relations = data.records[2:], data.relations[1:]
    return data.forms.pop(0).name


def phase(data: SeedData) -> str:
    return data.forms[0].phases.pop(0).name


def sample(data: SeedData) -> str:
    matrix = data.forms[0].phases[0].matrices[0]
    matrix.samples.pop(0)
    return matrix.name


def control(data: SeedData) -> str:
    data.relations.pop(0)
    return str(data.records.pop(1).properties["name"])


def notes(rig: WorkivaRig) -> list[tuple[str, str]]:
    with open_workspace(rig.folder / "workspace", write=False) as workspace:
        return [(note.original, note.message) for note in workspace.notes.with_codes(list(LEFT))]


async def told(rig: WorkivaRig, command: str) -> str:
    """Run a command; return all that says what has left."""
    try:
        if command == "run":
            assert (await rig.run()).balanced
            return str(notes(rig))
        report = await rig.sync(final=command == "final")
    except CeilingReached as error:
        return f"{error} {error.cause}"
    return f"{notes(rig)} {report.refused}"


@pytest.mark.parametrize("exports", [False, True])
@pytest.mark.parametrize("command", ["sync", "final", "run"])
@pytest.mark.parametrize("leaves", [form, form_with_its_control, phase, sample, control])
async def test_what_has_left_is_named(
    tmp_path: Path, leaves: Callable[[SeedData], str], command: str, exports: bool
) -> None:
    data = forms()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"graph": True, "export_forms": exports}
        await rig.run()
        assert notes(rig) == []
        name = leaves(data)
        assert name in await told(rig, command)


async def test_a_run_names_what_has_left_until_a_sync_does_and_hides_nothing_from_it(tmp_path: Path) -> None:
    data = forms()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.syncing = {"max_deletions": 5}
        await rig.run()
        name = form(data)
        for _ in range(2):
            await rig.run()
            ((original, message),) = notes(rig)
            assert name in original
            assert "have left the source" in message
        assert len((await rig.sync()).refused) == 1  # that it was noted before is no consent
        rig.syncing = {"max_deletions": 100, "max_deleted_share": 1.0}
        await rig.sync()
        assert (count := len(notes(rig))) > 5
        await rig.run()
        ((_, message),) = notes(rig)
        assert message.startswith(f"{count} items have left")
        assert len((await rig.sync()).deletions) == count
