"""Tenants as deployments of a work pool on a Prefect server that stays, run by a worker, and how they stand then."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.qacomplete.sandbox import generate
from tests.support.prefect import IS_THERE, WITHOUT, PrefectServer, end, prefect_server
from tests.support.rig import Rig, rig

pytestmark = pytest.mark.skipif(not IS_THERE, reason=WITHOUT)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    with prefect_server(tmp_path_factory.mktemp("prefect") / "home") as serving:
        asyncio.run(serving.make_pool("migrations", "process"))
        asyncio.run(serving.make_pool("containers", "docker"))
        yield serving


def fleet_file(running: Rig, **fleet: Any) -> Path:
    """Two tenants: the first syncs every night, the second has a wrong key."""
    config = running.config()
    (project,) = config.pop("projects")
    shop = {"workspace": "shop", "projects": [project]}
    wrong = {
        "workspace": "wrong",
        "projects": [project | {"destination": "WRONG"}],
        "destination": {"api_key": "no-such-key"},
    }
    tenants = [
        {"name": "shop", "settings": shop, "schedule": {"cron": "0 2 * * *"}, "labels": ["emea"]},
        {"name": "wrong", "settings": wrong, "command": "check"},
    ]
    path = running.folder / "fleet.yaml"
    path.touch(mode=0o600)
    document = {"name": "acme", "defaults": config, "tenants": tenants, **fleet}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def pages_in(workspace: Path) -> list[str]:
    return [str(page) for page in workspace.rglob("*.html")]


async def test_deployed_tenants_are_run_by_a_worker_and_their_status_says_so(
    server: PrefectServer, tmp_path: Path
) -> None:
    async with rig(tmp_path, generate(3)) as running:
        file = str(fleet_file(running, pool={"name": "migrations", "job_variables": {"env": {"TZ": "UTC"}}}))
        code, out, err = await server.migrator("fleet", "deploy", "--file", file, "--json")
        assert (code, json.loads(out)) == (
            0, {"pool": "migrations", "type": "process", "deployed": ["shop", "wrong"]},
        ), err  # fmt: skip
        runs = [await server.start_run(tenant) for tenant in ("shop", "wrong")]
        worker = server.work("migrations")
        try:
            assert [await server.ended(run) for run in runs] == ["COMPLETED", "FAILED"]
        finally:
            end(worker)
        code, out, err = await server.migrator("fleet", "status", "--file", file, "--json")
        assert running.lost_and_doubled() == ([], [])
    words = (server.home / "worker.log").read_text(encoding="utf-8")
    assert code == 3, err + words
    shop, wrong = json.loads(out)["tenants"]
    assert (shop["tenant"], shop["state"]) == ("shop", "Completed"), words
    assert shop["report"] in pages_in(tmp_path / "shop")
    assert shop["started"] < shop["ended"] < shop["next_run"]
    assert (wrong["state"], wrong["next_run"], wrong["report"]) == ("Failed", None, "")
    assert "refused the credentials" in wrong["message"]
    deployed = await server.ask("GET", "/deployments/name/migrator-tenant/shop")
    assert (deployed["work_pool_name"], deployed["tags"]) == ("migrations", ["qasphere-migrator", "emea"])
    assert deployed["job_variables"] == {"env": {"TZ": "UTC"}}
    automations = await server.ask("POST", "/automations/filter", {})
    assert {one["name"] for one in automations} == {"shop: again after a crash", "wrong: again after a crash"}


async def test_what_does_not_go_together_is_refused(server: PrefectServer, tmp_path: Path) -> None:
    async with rig(tmp_path, generate(1)) as running:
        file = str(fleet_file(running))
        for options, words in (
            ([], "no work pool is named"),
            (["--pool", "nowhere"], "has no work pool nowhere"),
            (["--pool", "containers"], "no image is named"),
        ):
            code, _, err = await server.migrator("fleet", "deploy", "--file", file, *options)
            assert (code, words in err) == (2, True), err
        fleet_file(running, pool={"name": "migrations", "image": "registry.example/migrator:1"})
        code, _, err = await server.migrator("fleet", "deploy", "--file", file)
        assert (code, "takes no image" in err) == (2, True), err
        code, _, err = await server.migrator(
            "fleet", "deploy", "--file", file, "--pool", "containers", "--label", "emea"
        )
        assert code == 0, err
    deployed = await server.ask("GET", "/deployments/name/migrator-tenant/shop")
    assert deployed["job_variables"] == {"image": "registry.example/migrator:1"}


async def test_a_server_that_does_not_answer_is_temporary_trouble(server: PrefectServer, tmp_path: Path) -> None:
    gone = PrefectServer(server.home, "http://127.0.0.1:9")
    async with rig(tmp_path, generate(1)) as running:
        code, out, _ = await gone.migrator("fleet", "status", "--file", str(fleet_file(running)), "--json")
    assert (code, json.loads(out)["error"]["message"]) == (5, "the Prefect server does not answer")
