"""Bad days: faults on both sides, and runs that are killed; in the end every sample is there once."""

import asyncio
import hashlib
import signal
from collections import Counter
from pathlib import Path

import pytest
import yaml

from connectors.qasphere import sandbox as qasphere
from connectors.workiva import sandbox
from migrator.core.errors import TemporaryError
from migrator.standin.options import ALL_FAULTS, FaultPlan, StandInOptions
from migrator.standin.serve import serve
from tests.support.rig import ended, started
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

_MOST_RUNS = 12


def data() -> sandbox.SeedData:
    return sandbox.generate(2, phases=2, matrices=2, samples=4, attachments=12)


def markers(rig: WorkivaRig) -> Counter[str]:
    return Counter(link["text"] for case in rig.cases() for link in case.links if link["text"].startswith("Source: "))


def files_there(rig: WorkivaRig) -> Counter[tuple[str, str]]:
    """Which bytes, by digest, stand how often in which case."""
    store = rig.destination.store.files
    return Counter(
        (marker, store[row["id"]].sha256)
        for case in rig.cases()
        for row in case.files
        for marker in [link["text"] for link in case.links if link["text"].startswith("Source: ")]
    )


def files_of(held: sandbox.SeedData) -> Counter[tuple[str, str]]:
    """The same, as the source has them."""
    return Counter(
        (
            f"Source: workiva@acme:sample:{form.id}/{phase.id}/{matrix.id}/{sample.id}",
            hashlib.sha256(attachment.content()).hexdigest(),
        )
        for form, phase, matrix in held.matrices()
        for sample in matrix.samples
        for attachment in sample.attachments
    )


def expected(held: sandbox.SeedData) -> set[str]:
    samples = {
        f"Source: workiva@acme:sample:{form.id}/{phase.id}/{matrix.id}/{sample.id}"
        for form, phase, matrix in held.matrices()
        for sample in matrix.samples
    }
    overviews = {f"Source: workiva@acme:overview:{form.id}/{p.id}/{matrix.id}" for form, p, matrix in held.matrices()}
    return samples | overviews


@pytest.mark.quick_clock
async def test_faults_on_both_sides_lose_and_double_nothing(tmp_path: Path) -> None:
    faults = FaultPlan(share=0.05, seed=11, kinds=ALL_FAULTS, late_seconds=0.3, hang_seconds=0.5, throttle_seconds=0.02)
    options = StandInOptions(profile="odd", faults=faults)
    switches = sandbox.switches_of("odd")
    switches.page_size = 3
    switches.polls_per_second = None
    source = sandbox.build(options, data(), switches)
    destination = qasphere.build(StandInOptions(faults=faults))
    destination.store.add_custom_field("source_id", "Source ID")
    async with sandbox.serving(source) as source_url, serve(destination.app) as destination_url:
        rig = WorkivaRig(tmp_path, source, destination, source_url, destination_url)
        rig.settings = {"polls_per_second": 200}
        for _ in range(_MOST_RUNS):
            try:
                status = await rig.run()
            except TemporaryError:
                continue
            if not status.has_failures:
                break
        assert status.balanced, status.imbalance
        assert not status.has_failures
    assert markers(rig) == Counter(expected(source.data))
    assert files_there(rig) == files_of(source.data)
    assert source.log.faults.total() >= 3


async def test_a_run_that_is_killed_again_and_again_goes_on_where_it_was(tmp_path: Path) -> None:
    built = stand_in(data())
    async with workiva_rig(tmp_path, built) as rig:
        rig.settings = {"polls_per_second": 200}
        for writes in (1, 6, 14):
            assert await killed(rig, writes) == -signal.SIGKILL
        assert await killed(rig, 10**6) == 0
        assert markers(rig) == Counter(expected(built.data))
        assert files_there(rig) == files_of(built.data)
        assert files_of(built.data).total() == 12
        status = await rig.run()
        assert status.balanced, status.imbalance
        proof = await rig.verify()
        assert [*proof.missing, *proof.extra, *proof.different, *proof.doubled] == []


async def killed(rig: WorkivaRig, writes: int) -> int:
    """Run in another process, which ends by itself or with SIGKILL once QA Sphere has received so many writes."""
    config = rig.folder / "config.yaml"
    config.write_text(yaml.safe_dump(rig.config()), encoding="utf-8")
    process = started(config, "run")
    waiting = asyncio.create_task(asyncio.to_thread(ended, process))
    while not waiting.done() and rig.writes() < writes:  # noqa: ASYNC110 - the stand-in only counts
        await asyncio.sleep(0.003)
    process.kill()
    return (await waiting).code
