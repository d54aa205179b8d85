"""Test forms that the config leaves out later: what an earlier round has read of them stays."""

from pathlib import Path

import pytest

from connectors.workiva import sandbox
from connectors.workiva.sandbox import SeedData
from migrator.core.notes import NoteCode
from state.workspace import open_workspace
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

pytestmark = pytest.mark.long

_LEFT = (NoteCode.DELETED_AT_SOURCE, NoteCode.RESULTS_DELETED_AT_SOURCE, NoteCode.PARTS_DELETED_AT_SOURCE)


def company() -> SeedData:
    """Four forms: the first two test a control each of their own, the others another one together."""
    data = sandbox.generate(4, phases=1, matrices=1, samples=3)
    controls = ["c1", "c2", "c3", "c3"]
    data.records = [
        *(sandbox.GraphRecord(form.id, "TestForm", {"name": form.name}) for form in data.forms),
        *(
            sandbox.GraphRecord(one, "Control", {"alias": one.upper(), "name": f"Control {one}"})
            for one in controls[:3]
        ),
    ]
    data.relations = [
        sandbox.Relation("tests", form.id, control) for form, control in zip(data.forms, controls, strict=True)
    ]
    return data


def noted(rig: WorkivaRig, *codes: NoteCode) -> list[str]:
    with open_workspace(rig.folder / "workspace", write=False) as workspace:
        return sorted(note.original for note in workspace.notes.with_codes(codes))


@pytest.mark.parametrize("deletions", ["report", "tag"])
async def test_a_form_that_is_skipped_later_stays_as_it_is(tmp_path: Path, deletions: str) -> None:
    data = company()
    skipped, *rest = data.forms
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"graph": True, "export_forms": True}
        rig.syncing = {"deletions": deletions}
        await rig.run()
        written = rig.writes()
        rig.settings["skip"] = [skipped.id, rest[-1].id]
        for command in (rig.run, rig.sync, rig.sync, rig.run):
            await command()
            assert noted(rig, *_LEFT) == []
            assert noted(rig, NoteCode.KIND_SKIPPED) == sorted([skipped.id, rest[-1].id])
            assert rig.writes() == written
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []
        # what is read still counts: this one did leave
        gone = rest[0].phases[0].matrices[0].samples.pop()
        skipped.phases[0].matrices[0].samples.pop()
        assert len((await rig.sync()).deletions) >= 1
        left = noted(rig, NoteCode.DELETED_AT_SOURCE)
        assert len(left) == 1, (left, gone.id)
        # and what is read again is looked at again
        del rig.settings["skip"]
        assert len((await rig.sync(final=True)).deletions) >= 1
        assert len(noted(rig, NoteCode.DELETED_AT_SOURCE)) == 2
        assert noted(rig, NoteCode.KIND_SKIPPED) == []


async def test_a_form_that_is_skipped_before_the_first_load_stays_out(tmp_path: Path) -> None:
    data = company()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"graph": True}
        await rig.plan()
        rig.settings["skip"] = [data.forms[0].id]
        await rig.run()
        assert len(rig.destination.store.projects["SOX"].runs) == 3
        shown = str([case.requirements for case in rig.cases()])
        assert ("Control c1" in shown, "Control c2" in shown) == (False, True)
        assert noted(rig, NoteCode.KIND_SKIPPED) == [data.forms[0].id]
