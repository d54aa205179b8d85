"""Rounds while people test: rows come in between, and phases never end."""

import csv
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from connectors.workiva import sandbox
from connectors.workiva.sandbox import Attachment, Matrix, Sample
from connectors.workiva.sandbox.handlers import ReadHandlers
from migrator.app.runtime import session
from migrator.core.notes import NoteCode
from migrator.core.records import REPLACED, TAKEN_OFF
from migrator.engine.references import Addresses
from state.planned.order import in_order
from state.sent.files import Files
from state.workspace import open_workspace
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

OWNERS = ("sample", "matrix", "phase")


def row(matrix: Matrix, name: str) -> Sample:
    data = {column.id: name for column in matrix.data_columns or []}
    return Sample(name, data, {column.id: "PASS" for column in matrix.result_columns})


def order_notes(rig: WorkivaRig) -> dict[str, str]:
    """The row's id → the title that it belongs behind."""
    with open_workspace(rig.folder / "workspace", write=False) as workspace:
        rows = workspace.db.execute("SELECT marker, original FROM note WHERE code = 'case_order'").fetchall()
    return {marker.rpartition("/")[2]: before for marker, before in rows}


async def test_new_rows_are_followed_up_once_and_none_is_forgotten(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=3)
    matrix = data.forms[0].phases[0].matrices[0]
    matrix.samples[2].results = {}
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        project = rig.destination.store.projects["SOX"]
        for number in range(3):
            matrix.samples.insert(number, row(matrix, f"N{number}"))
            if number == 1:  # in the run, and tested only now
                matrix.samples[-1].results = {column.id: "FAIL" for column in matrix.result_columns}
            await rig.sync()
            assert len(project.runs) == 1
        assert sum(len(one.results) for run in project.runs.values() for one in run.cases.values()) == 3
        await rig.sync(final=True)
        assert [len(run.cases) for run in project.runs.values()] == [3, 3]
        assert all(len(one.results) == 1 for run in project.runs.values() for one in run.cases.values())
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra, *proof.doubled] == []


async def test_a_row_that_is_inserted_above_is_named_with_its_place(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=4)
    matrix = data.forms[0].phases[0].matrices[0]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        assert order_notes(rig) == {}
        titles = [case.title for case in sorted(rig.cases(), key=lambda case: int(case.seq))][1:]
        matrix.samples.insert(1, row(matrix, "N1"))
        matrix.samples.append(row(matrix, "N2"))
        await rig.sync()
        assert order_notes(rig) == {"N1": titles[0]}
        matrix.samples.insert(0, matrix.samples.pop(3))
        moved = matrix.samples[0].id
        await rig.sync()
        assert order_notes(rig) == {moved: "", "N1": titles[0]}
        matrix.samples.insert(3, matrix.samples.pop(0))
        matrix.samples.remove(matrix.samples[1])
        await rig.run()
        assert order_notes(rig) == {}


@pytest.mark.parametrize("seed", range(20))
def test_the_fewest_are_out_of_order(seed: int) -> None:
    numbers = random.Random(seed).sample(range(100), 12)
    kept = sorted(in_order(numbers))
    assert all(numbers[one] < numbers[other] for one, other in pairwise(kept))
    best = [1] * len(numbers)
    for place, number in enumerate(numbers):
        best[place] += max((best[before] for before in range(place) if numbers[before] < number), default=0)
    assert len(kept) == max(best)


@pytest.mark.quick_clock
@pytest.mark.parametrize(
    ("status", "owner"), [(403, "sample"), *((status, owner) for status in (200, 404) for owner in OWNERS)]
)
async def test_evidence_stays_when_its_list_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, owner: str
) -> None:
    lost: list[int] = []
    answer = ReadHandlers.attachments

    async def attachments(self: ReadHandlers, request: web.Request) -> web.Response:
        return web.json_response({"data": []}, status=status) if lost else await answer(self, request)

    monkeypatch.setattr(ReadHandlers, "attachments", attachments)
    data = sandbox.generate(1, phases=1, matrices=1, samples=2)
    phase = data.forms[0].phases[0]
    matrix = phase.matrices[0]
    lists = {"sample": matrix.samples[0].attachments, "matrix": matrix.attachments, "phase": phase.attachments}
    for sample in data.samples():
        sample.attachments.clear()
    evidence = lists[owner]
    evidence[:] = [Attachment.of(f"q{n}", f"q{n}.txt", b"q%d" % n) for n in range(5)]
    async with workiva_rig(tmp_path, stand_in(data, expanded_attachments=3)) as rig:
        await rig.run()
        lost.append(status)
        evidence.insert(0, Attachment.of("new", "new.txt", b"new"))
        for final in (False, True):
            await rig.sync(final=final)
            names = {file["fileName"] for case in rig.cases() for file in case.files}
            assert names == {"new.txt", *(f"q{n}.txt" for n in range(5))}
            assert {note["code"] for note in (await rig.run()).notes} >= {"items_incomplete"}
        lost.clear()
        evidence.pop()
        await rig.sync()
        assert sum(len(case.files) for case in rig.cases()) == 5
        assert "items_incomplete" not in {note["code"] for note in (await rig.run()).notes}


async def test_a_file_that_is_renamed_at_the_source_is_called_so_in_its_case(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=2)
    sample = data.samples()[0]
    sample.attachments = [Attachment.of("e1", "before.pdf", b"evidence")]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        sample.attachments[0].file_name = "after.pdf"
        await rig.sync()
        assert [file["fileName"] for case in rig.cases() for file in case.files] == ["after.pdf"]
        assert len(rig.destination.store.files) == 1
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []
        with open_workspace(rig.folder / "workspace", write=False) as workspace:
            assert workspace.db.execute("SELECT name FROM file").fetchall() == [("after.pdf",)]


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_phase_that_comes_back_is_not_called_deleted_any_more(tmp_path: Path, is_closed: bool) -> None:
    data = sandbox.generate(2, phases=2, matrices=1, samples=2)
    phases = data.forms[0].phases
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.syncing = {"max_deleted_share": 1.0}
        await rig.run()
        await rig.sync(final=is_closed)
        phase = phases.pop(0)
        kinds = Counter(row["kind"] for row in (await rig.sync()).deletions)
        assert kinds == {"case": 3, "folder": 2, "run": 1}
        phases.insert(0, phase)
        assert (await rig.sync()).deletions == []
        assert (await rig.verify()).wrong == 0


async def test_one_of_two_files_of_one_name_is_missed_and_a_newer_one_is_not(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=2)
    sample = data.samples()[0]
    one, two, three = (Attachment.of(f"e{n}", "evidence.pdf", b"evidence %d" % n) for n in range(3))
    sample.attachments = [one, two]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        sample.attachments = [two]
        for _ in range(2):  # nobody took its place
            assert [row["original"] for row in (await rig.sync()).deletions] == ["attachment evidence.pdf"]
        sample.attachments = [three]  # it took the other's
        for _ in range(2):
            assert [row["original"] for row in (await rig.sync()).deletions] == ["attachment evidence.pdf"]
        end = await rig.migrate("report --crosswalk crosswalk.csv")
        assert end.code == 0, end.err
        with (rig.folder / "crosswalk.csv").open(encoding="utf-8-sig") as lines:
            rows = {row["old_id"].rpartition("/")[2]: row for row in csv.DictReader(lines) if row["kind"] == "file"}
        assert {ident: row["reason"] for ident, row in rows.items()} == {"e0": TAKEN_OFF, "e1": REPLACED, "e2": ""}
        assert [bool(rows[ident]["hangs_on"]) for ident in ("e0", "e1", "e2")] == [False, False, True]
        assert (await rig.verify()).wrong == 0


async def test_an_export_in_whose_place_another_came_is_called_so(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=2)
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        await rig.run()
        for name in (data.forms[0].name, "Renamed"):
            data.forms[0].name = name
            data.samples()[0].results.popitem()
            assert not (await rig.sync()).deletions
        with open_workspace(rig.folder / "workspace", write=False) as workspace:
            rows = workspace.db.execute(
                "SELECT reason FROM item WHERE marker LIKE '%:export:%' ORDER BY rowid"
            ).fetchall()
            notes = list(workspace.notes.with_codes([NoteCode.ONLY_IN_EXPORT]))
            outcomes = {one.outcome: one.count for one in workspace.outcomes.counts() if one.kind == "file"}
        assert [reason for (reason,) in rows] == [REPLACED, REPLACED, ""]
        assert (outcomes["replaced"], "left" in outcomes) == (2, False)
        assert len(notes) == 1


async def test_a_name_that_an_older_version_did_not_send_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=2)
    sample = data.samples()[0]
    sample.attachments = [Attachment.of("e1", "before.pdf", b"evidence"), Attachment.of("e2", "other.pdf", b"other")]

    def names() -> list[str]:
        return sorted(file["fileName"] for case in rig.cases() for file in case.files)

    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        sample.attachments[0].file_name = "after.pdf"
        with monkeypatch.context() as older:
            older.setattr(
                Addresses, "stored", lambda self, draft: self._store.files.stored([f.marker for f in draft.files])
            )
            older.setattr(Files, "put_names", lambda _self, _names: None)
            older.setattr(session, "program_digest", lambda: "older")
            await rig.sync()
        with open_workspace(rig.folder / "workspace") as workspace:
            workspace.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm019_file_names'")
        assert names() == ["before.pdf", "other.pdf"]
        assert (await rig.sync()).written["case"] == {"updated": 1}
        assert names() == ["after.pdf", "other.pdf"]
        assert len(rig.destination.store.files) == 2
        assert (await rig.verify()).wrong == 0
        writes = rig.writes()
        await rig.sync()
        assert rig.writes() == writes


async def test_a_file_and_a_control_that_leave_a_sample_are_named_there(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=2)
    form, sample = data.forms[0], data.samples()[0]
    sample.attachments = [Attachment.of("e1", "evidence.pdf", b"evidence")]
    data.records = [
        sandbox.GraphRecord(form.id, "TestForm", {"name": form.name}),
        sandbox.GraphRecord("c1", "Control", {"alias": "CTL-1", "name": "Approval"}),
        sandbox.GraphRecord("c2", "Control", {"alias": "CTL-2", "name": "Cut-off"}),
    ]
    data.relations = [sandbox.Relation("tests", form.id, control) for control in ("c1", "c2")]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"graph": True}
        await rig.run()
        sample.attachments.clear()
        del data.relations[0]
        for _ in range(2):  # as long as the case is there
            status = await rig.run()
            assert status.balanced, status.imbalance
            with open_workspace(rig.folder / "workspace", write=False) as workspace:
                found = [one.original for one in workspace.notes.with_codes([NoteCode.PARTS_DELETED_AT_SOURCE])]
            assert sorted(found) == ["attachment evidence.pdf; link Approval", "link Approval", "link Approval"]
        end = await rig.migrate("report --crosswalk crosswalk.csv")
        assert end.code == 0, end.err
        with (rig.folder / "crosswalk.csv").open(encoding="utf-8-sig") as lines:
            (row,) = [row for row in csv.DictReader(lines) if row["title"] == "evidence.pdf"]
        assert (row["hangs_on"], row["reason"]) == ("", TAKEN_OFF)
        listed = [row["original"] for row in (await rig.sync()).deletions if row["field"] == "parts"]
        assert len(listed) == 3
        sample.attachments = [Attachment.of("e1", "evidence.pdf", b"evidence")]
        await rig.run()
        with open_workspace(rig.folder / "workspace", write=False) as workspace:
            found = [one.original for one in workspace.notes.with_codes([NoteCode.PARTS_DELETED_AT_SOURCE])]
        assert found == ["link Approval"] * 3
