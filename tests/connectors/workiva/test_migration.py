"""Whole migrations: from Workiva's stand-in through the engine into QA Sphere's, and proved."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.workiva import sandbox
from connectors.workiva.config import Generation
from migrator.core.text import visible_text
from migrator.standin.options import Profile
from tests.support.workiva import stand_in, workiva_rig

FOLDERS, SAMPLES, OVERVIEWS = 16, 19, 11


@pytest.mark.parametrize("generation", ["2026-01-01", "2022-01-01"])
@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_the_demo_migrates_and_verifies(tmp_path: Path, profile: Profile, generation: Generation) -> None:
    async with workiva_rig(tmp_path, stand_in(profile=profile, page_size=3)) as rig:
        rig.settings = {"api_version": generation}
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert status.items["folder"] == {"migrated": FOLDERS}
        assert status.items["case"] == {"migrated": SAMPLES + OVERVIEWS}
        proof = await rig.verify()
        assert [*proof.missing, *proof.extra, *proof.different, *proof.doubled] == []
        writes = rig.writes()
        again = await rig.run()
        assert (again.balanced, rig.writes()) == (True, writes)
        # 302: the lenient profile sends downloads on to where they lie
        usual = {200, 202, 302, 404} if profile == "odd" else {200, 202, 302}
        assert set(rig.source.log.statuses) <= usual


async def test_a_sample_becomes_a_case_that_people_can_read(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in()) as rig:
        await rig.run()
        case = next(case for case in rig.cases() if "JE-101902" in case.title)
    assert case.title == "Sample of journal entries \u2013 JE-101902 · 250,000.00 · S. Lindqvist"
    assert "Posted on: 2025-06-30" in " ".join(visible_text(case.precondition).split())
    assert case.precondition.count("JE-101902") == 1
    assert [step["description"] for step in case.steps] == [
        "<p>Approved by a second person before posting (TA01)</p>",
        "<p>Supported by documents (TA02)</p>",
        "<p>Right period (TA03)</p>",
    ]
    assert {step["expected"] for step in case.steps} == {"<p>PASS</p>"}


async def test_rows_keep_their_order_behind_the_overview(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=7)
    matrix = data.forms[0].phases[0].matrices[0]
    first = (matrix.data_columns or [])[0].id
    async with workiva_rig(tmp_path, stand_in(data, page_size=2)) as rig:
        await rig.run()
        cases = sorted(rig.cases(), key=lambda case: int(case.pos))
    assert cases[0].title == f"{matrix.name} \u2013 overview"
    assert [case.title.split(" \u2013 ")[1].split(" · ")[0] for case in cases[1:]] == [
        sample.data[first] for sample in matrix.samples
    ]


async def test_a_row_that_is_inserted_above_changes_no_other_case(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=6)
    matrix = data.forms[0].phases[0].matrices[0]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        before = {case.title: case.version for case in rig.cases()}
        columns = [column.id for column in matrix.data_columns or []]
        matrix.samples.insert(0, sandbox.Sample("new", dict(zip(columns, ("DOC-X", "1", "2"), strict=True))))
        status = await rig.run()
        assert status.balanced
        after = {case.title: case.version for case in rig.cases()}
        proof = await rig.verify()
    new = f"{matrix.name} \u2013 DOC-X · 1 · 2"
    assert after == before | {new: after[new]}
    assert [*proof.missing, *proof.different] == []


async def test_what_changes_at_the_source_is_followed(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=3)
    matrix = data.forms[0].phases[0].matrices[0]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        matrix.result_columns[1].name = "Attribute B, restated"
        status = await rig.run()
        steps = Counter(step["description"] for case in rig.cases() for step in case.steps)
    assert status.balanced, status.imbalance
    assert steps["<p>Attribute B, restated (B)</p>"] == 3


async def test_only_the_forms_that_are_named_are_taken(tmp_path: Path) -> None:
    data = sandbox.generate(3, phases=1, matrices=1, samples=2)
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.project = {"source": [data.forms[0].id, data.forms[2].id]}
        rig.settings = {"skip": [data.forms[2].id]}
        status = await rig.run()
        assert status.items["case"] == {"migrated": 3}
        top = {
            folder.title for folder in rig.destination.store.projects["SOX"].folders.values() if not folder.parent_id
        }
    assert top == {data.forms[0].name}


async def test_a_sync_compares_content_because_nothing_has_dates(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=7)
    matrix = data.forms[0].phases[0].matrices[0]
    first = (matrix.data_columns or [])[0].id
    async with workiva_rig(tmp_path, stand_in(data, page_size=2)) as rig:
        await rig.sync()
        writes = rig.writes()
        report = await rig.sync()
        assert (report.written, report.deletions, rig.writes()) == ({}, [], writes)
        gone = matrix.samples.pop(3)
        matrix.samples[0].data[first] = "DOC-X"
        report = await rig.sync()
        assert report.written["case"]["updated"] >= 1
        deletions = {entry["kind"]: entry["marker"].rpartition("/")[2] for entry in report.deletions}
        # a sample is a case, and a result in the run of its phase
        assert (len(report.deletions), sorted(deletions), deletions["case"]) == (2, ["case", "run"], gone.id)
        assert any("DOC-X" in case.title for case in rig.cases())
        writes = rig.writes()
        assert (await rig.sync()).written == {}
        assert rig.writes() == writes
        proof = await rig.verify()
    assert [*proof.missing, *proof.different, *proof.doubled] == []


async def test_ids_stand_where_they_help(tmp_path: Path) -> None:
    """Of a form in the comment of its folder, unless people made that; of a phase in few characters in a title."""
    data = sandbox.generate(2, phases=1, matrices=1, samples=2)
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        project = rig.destination.store.add_project("SOX", "Controls")
        rig.destination.store.upsert_folder(project, [data.forms[0].name], "<p>Ours</p>")
        await rig.run()
        comments = {folder.title: folder.comment for folder in project.folders.values() if folder.parent_id == 0}
        titles = [run.title for run in project.runs.values()]
    assert comments == {
        data.forms[0].name: "<p>Ours</p>",
        data.forms[1].name: f"<p>Workiva test form {data.forms[1].id}</p>",
    }
    assert titles[0].endswith(f" · #{data.forms[0].phases[0].id[:8]}")
