"""What ``fleet serve`` gives to Prefect: a deployment for each tenant."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.core.errors import ConfigError
from migrator.fleet.model import Fleet, Schedule, load_fleet
from migrator.fleet.start import flows, serve_fleet
from tests.support.rig import ROOT

EXAMPLE = ROOT / "examples" / "fleet" / "fleet.yaml"
WITHOUT = "the extra `prefect` is not installed here; `make fleets` installs it"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    pytest.importorskip("prefect", reason=WITHOUT)
    return load_fleet(EXAMPLE)


def test_each_tenant_is_a_deployment_with_its_schedule(fleet: Fleet) -> None:
    shop, bank = flows().deployments(EXAMPLE, fleet.tenants)
    (schedule,) = shop.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone) == ("0 2 * * *", "Europe/Berlin")
    assert shop.tags == ["qasphere-migrator", "emea", "nightly"]
    assert shop.parameters == {"fleet_file": str(EXAMPLE), "tenant": "shop", "command": "sync"}
    assert (shop.concurrency_limit, bank.concurrency_limit) == (1, 1)
    assert list(bank.schedules) == []
    # a process that Prefect starts finds the flow there
    module, _, name = str(shop.entrypoint).rpartition(".")
    assert getattr(importlib.import_module(module), name).name == "migrator-tenant"


def test_a_schedule_of_every_so_often_is_an_interval(fleet: Fleet) -> None:
    (tenant,) = fleet.chosen(["shop"], [])
    often = tenant.model_copy(update={"schedule": Schedule(every="15m")})
    (deployment,) = flows().deployments(EXAMPLE, [often])
    assert deployment.schedules[0].schedule.interval.total_seconds() == 900


def test_schedules_want_a_server_that_stays(fleet: Fleet) -> None:
    with pytest.raises(ConfigError, match="a Prefect server that stays"):
        serve_fleet(EXAMPLE, fleet.tenants)


def test_nothing_is_told_to_prefects_makers(fleet: Fleet) -> None:
    """In a process of its own, since Prefect reads its settings once."""
    code = (
        "from migrator.fleet.start import flows; flows(); from prefect import settings;"
        " print(settings.PREFECT_SERVER_ANALYTICS_ENABLED.value())"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DO_NOT_TRACK"}
    told = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment, text=True)
    assert told.strip() == "False"
