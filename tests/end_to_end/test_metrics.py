"""``metrics.prom``: what monitoring reads of a workspace, after commands that ended well, badly, and again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from migrator.app.runtime.metrics import METRICS
from migrator.core.errors import MigratorError
from migrator.report.metrics import PREFIX
from tests.support.prometheus import Read, read
from tests.support.rig import Rig, rig


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(20)) as opened:
        yield opened


def metrics(rig: Rig) -> dict[str, Read]:
    text = (rig.folder / "workspace" / METRICS).read_text(encoding="utf-8")
    return {name.removeprefix(PREFIX): family for name, family in read(text).items()}


async def test_a_run_leaves_its_sums(running: Rig) -> None:
    status = await running.run()
    found = metrics(running)
    for kind, fates in status.items.items():
        for fate, count in fates.items():
            assert found["items"].of(kind=kind, fate=fate) == count
    assert found["operations"].of(state="done") == status.operations["done"]
    source, destination = (
        found["requests_total"].of(service="QAComplete"),
        found["requests_total"].of(service="QA Sphere"),
    )
    assert min(source, destination) > 5
    assert found["sent_bytes_total"].of(service="QA Sphere") > 1000
    assert found["received_bytes_total"].of(service="QAComplete") > 1000
    assert found["running"].of(command="run") == 0
    assert found["last_success_timestamp_seconds"].of(command="run") > 1.7e9
    assert "last_failure_timestamp_seconds" not in found
    assert {dict(labels)["workspace"] for family in found.values() for labels in family.values} == {
        str((running.folder / "workspace").absolute())
    }


async def test_sums_of_requests_grow_from_command_to_command(running: Rig) -> None:
    await running.run()
    before = metrics(running)
    await running.run()
    after = metrics(running)
    for labels, value in before["requests_total"].values.items():
        assert after["requests_total"].values[labels] >= value
    assert after["requests_total"].of() > before["requests_total"].of()


async def test_a_command_that_fails_says_so_and_the_last_success_stays(running: Rig) -> None:
    await running.run()
    before = metrics(running)["last_success_timestamp_seconds"].of(command="run")
    running.settings["destination"] = {"api_key": "no-such-key"}
    with pytest.raises(MigratorError):
        await running.run()
    found = metrics(running)
    assert found["last_success_timestamp_seconds"].of(command="run") == before
    assert found["last_failure_timestamp_seconds"].of(command="run") >= before
    assert found["requests_total"].of(service="QA Sphere", status="401") >= 1
    assert "no-such-key" not in (running.folder / "workspace" / METRICS).read_text(encoding="utf-8")


async def test_metrics_that_cannot_be_written_stop_nothing(running: Rig) -> None:
    (running.folder / "workspace" / METRICS).mkdir(parents=True)
    status = await running.run()
    assert not status.has_failures


async def test_answers_that_do_not_come_are_counted_as_none(running: Rig) -> None:
    running.settings["destination"] = {"base_url": "http://127.0.0.1:9"}
    with pytest.raises(MigratorError):
        await running.run()
    assert metrics(running)["requests_total"].of(service="QA Sphere", status="none") >= 1
