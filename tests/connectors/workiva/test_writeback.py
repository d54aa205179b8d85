"""Receipts in Workiva: one on each phase, or on what ``--level`` names, whatever happens on the way."""

import json
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.workiva import sandbox
from connectors.workiva.receipts import only_reads
from migrator.app.writeback import WritebackResult, writeback
from migrator.core.errors import MigratorError, TemporaryError
from migrator.core.events import ignore
from migrator.core.refs import PREFIX
from migrator.engine.load.journaled_write import RECEIPT_POINTS, VARIABLE
from migrator.standin.options import FaultPlan, Profile, StandInOptions
from tests.support.workiva import Notebook, WorkivaRig, opened, stand_in, workiva_rig

PHASES, MATRICES, SAMPLES = 2, 4, 12


def data() -> sandbox.SeedData:
    return sandbox.generate(1, phases=PHASES, matrices=2, samples=3)


async def leave(rig: WorkivaRig, *, dry_run: bool = False, level: str | None = None) -> WritebackResult:
    return await writeback(rig.parsed(), ignore, dry_run=dry_run, level=level)


def receipts(held: sandbox.SeedData) -> Counter[str]:
    """How many receipts hang on phases, on matrices and on samples; how many are the most on one of them."""
    owners: dict[str, list[sandbox.Phase | sandbox.Matrix | sandbox.Sample]] = {
        "phase": [phase for form in held.forms for phase in form.phases],
        "matrix": [matrix for *_, matrix in held.matrices()],
        "sample": [*held.samples()],
    }
    counts = {
        (kind, owner.id): sum(one.file_name.startswith(PREFIX) for one in owner.attachments)
        for kind, found in owners.items()
        for owner in found
    }
    by_kind = Counter({kind: sum(n for (of, _), n in counts.items() if of == kind) for kind in owners})
    return +(by_kind + Counter({"most": max(counts.values())}))


def uploads(built: sandbox.WorkivaStandIn) -> int:
    return sum(count for call, count in built.log.counts.items() if call.endswith("/attachmentUpload"))


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_one_on_each_phase_and_nothing_that_reads_notices(tmp_path: Path, profile: Profile) -> None:
    held = data()
    async with workiva_rig(tmp_path, stand_in(held, profile=profile)) as rig:
        await rig.run()
        assert uploads(rig.source) == 0
        writes = rig.writes()
        assert (await leave(rig, dry_run=True)).receipts == {"to_write": PHASES}
        assert uploads(rig.source) == 0
        left = await leave(rig)
        assert (left.receipts, left.level, left.items) == ({"written": PHASES}, "phase", SAMPLES + MATRICES)
        assert receipts(held) == {"phase": PHASES, "most": 1}
        assert (await leave(rig)).receipts == {"kept": PHASES}
        status = await rig.run()
        assert rig.writes() == writes
        assert status.items["case"] == {"unchanged": SAMPLES + MATRICES}
        assert "file" not in status.items
        proof = await rig.verify()
    assert [*proof.missing, *proof.extra, *proof.different, *proof.doubled] == []
    assert (uploads(rig.source), rig.source.transfers.leaks) == (PHASES, [])


async def test_a_receipt_of_a_phase_names_each_of_its_samples(tmp_path: Path) -> None:
    held = data()
    async with workiva_rig(tmp_path, stand_in(held)) as rig:
        await rig.run()
        await leave(rig)
        by_marker = {link["text"]: case for case in rig.cases() for link in case.links}
    form = held.forms[0]
    for phase in form.phases:
        (page,) = [one.content().decode() for one in phase.attachments]
        for matrix in phase.matrices:
            for sample in matrix.samples:
                marker = f"workiva@acme:sample:{form.id}/{phase.id}/{matrix.id}/{sample.id}"
                case = by_marker[f"Source: {marker}"]
                assert marker in page
                assert f"{rig.destination_url}/project/SOX/tcase/{case.seq}" in page
                assert case.id in page


async def test_matrices_and_samples_on_request(tmp_path: Path) -> None:
    held = data()
    async with workiva_rig(tmp_path, stand_in(held)) as rig:
        await rig.run()
        assert (await leave(rig, level="matrix")).receipts == {"written": MATRICES}
        by_sample = await leave(rig, level="sample")
        assert (by_sample.receipts, by_sample.nowhere) == ({"written": SAMPLES}, MATRICES)
        assert receipts(held) == {"matrix": MATRICES, "sample": SAMPLES, "most": 1}
        writes = rig.writes()
        assert (await rig.run()).items["case"] == {"unchanged": SAMPLES + MATRICES}
        assert rig.writes() == writes


@pytest.mark.parametrize("transfer", ["same_origin", "presigned"])
async def test_killed_at_every_point_and_continued(tmp_path: Path, transfer: str) -> None:
    held = data()
    built = stand_in(held, transfer=transfer)
    async with workiva_rig(tmp_path, built) as rig:
        rig.settle_seconds = 1.0
        await rig.run()
        for point in RECEIPT_POINTS:
            ended = await rig.migrate("writeback --level sample", {VARIABLE: f"{point}:2"})
            assert ended.code == -signal.SIGKILL, ended.err
        last = await rig.migrate("writeback --level sample --json")
    assert last.code == 0, last.err
    assert sum(json.loads(last.out)["receipts"].values()) == SAMPLES
    assert receipts(held) == {"sample": SAMPLES, "most": 1}
    assert built.transfers.doubled == []


async def test_every_fault_on_the_way_leaves_exactly_one(tmp_path: Path) -> None:
    held = data()
    async with workiva_rig(tmp_path, stand_in(held)) as rig:
        rig.settle_seconds = 1.0
        rig.timeout = 0.5
        await rig.run()
        plan = FaultPlan(share=0.1, seed=7, late_seconds=0.7, hang_seconds=1, throttle_seconds=0.05)
        switches = sandbox.switches_of("strict")
        switches.polls_per_second = None
        switches.outcomes.extend(("failed", "completed", "cancelled"))
        faulty = sandbox.build(StandInOptions(faults=plan), held, switches)
        usual = rig.source_url
        async with sandbox.serving(faulty) as rig.source_url:
            for _ in range(8):
                with suppress(TemporaryError):
                    if not (await leave(rig, level="sample")).troubles:
                        break
        assert faulty.log.faults.total() > 5
        rig.source_url = usual
        assert (await leave(rig, level="sample")).receipts == {"kept": SAMPLES}
    assert receipts(held) == {"sample": SAMPLES, "most": 1}
    assert faulty.transfers.doubled == []


async def test_a_source_refuses_every_write_before_it_leaves(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"moved")
    built = stand_in(data())
    form = built.data.forms[0]
    async with sandbox.serving(built) as url, opened(url, read_only=True) as workiva:
        with pytest.raises(MigratorError, match="must not write"):
            await workiva.uploads.send((form.id, form.phases[0].id), page, PREFIX + "1.html", Notebook())
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            with pytest.raises(MigratorError, match="must not write"):
                await workiva.source._api._transport.call(method, "/testForms/1", json={}, repeatable=False)
    assert {call.partition(" ")[0] for call in built.log.counts if "token" not in call} == {"GET"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/testForms", True),
        ("POST", "/testForms/1/testPhases/2/attachments/3/download", True),
        ("POST", "/testForms/1/export", True),
        ("POST", "/testForms/1/testPhases/2/attachmentUpload", False),
        ("PUT", "/testForms/1/export", False),
        ("DELETE", "/testForms/1", False),
    ],
)
def test_what_counts_as_reading(method: str, path: str, allowed: bool) -> None:
    assert only_reads(method, path) is allowed
