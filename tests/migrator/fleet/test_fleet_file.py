"""``fleet.yaml``: what is taken and what is refused, by which words; the tenants' configs, and their accounts."""

import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from migrator.cli.main import app
from migrator.config import load_config
from migrator.core.errors import ConfigError
from migrator.fleet.model import Fleet, fleet_schema, load_fleet
from migrator.fleet.start import flows
from migrator.fleet.tenants import accounts_of, checked_configs, config_path
from tests.support.rig import ROOT

EXAMPLE = ROOT / "examples" / "fleet" / "fleet.yaml"
ENVIRONMENT = {
    "QACOMPLETE_USER": "me",
    "QACOMPLETE_PASSWORD": "p4ss-word",
    "QASPHERE_API_KEY": "k.group.1",
    "BANK_API_KEY": "k.bank.2",
    "SYNC_WEBHOOK": "https://hooks.acme.example/x",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def changed(file: Path, **tenant: Any) -> Path:
    """Give the second tenant other keys; None removes one."""
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    merged = document["tenants"][1] | tenant
    document["tenants"][1] = {key: value for key, value in merged.items() if value is not None}
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def test_the_example_is_valid_and_goes_with_the_schema(file: Path) -> None:
    fleet = load_fleet(file)
    configs = checked_configs(fleet, file)
    assert {name: config.instance for name, config in configs.items()} == {"shop": "shop", "bank": "bank"}
    assert configs["shop"].workspace == file.parent / "workspaces" / "shop"
    assert configs["bank"].notify is not None
    jsonschema.validate(yaml.safe_load(file.read_text(encoding="utf-8")), fleet_schema())


@pytest.mark.parametrize(
    ("tenant", "words"),
    [
        ({"name": "shop"}, "shop is there twice"),
        ({"name": "Bank Ltd"}, "name: has another form"),
        ({"comand": "sync"}, "did you mean command?"),
        ({"command": "delete"}, "command"),
        ({"config": "x.yaml"}, "give either config or settings"),
        ({"settings": None}, "give either config or settings"),
        ({"schedule": {}}, "give either cron or every"),
        ({"schedule": {"cron": "0 2 * *"}}, "five fields"),
        ({"schedule": {"every": "soon"}}, "is no interval"),
        ({"schedule": {"cron": "0 2 * * *", "timezone": "Mars/Olympus"}}, "no time zone"),
        ({"policies": {"retries": -1}}, "retries"),
    ],
)
def test_what_is_wrong_is_named(file: Path, tenant: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_fleet(changed(file, **tenant))
    assert words in raised.value.cause


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"workspace": "workspaces/shop"}, "have both the workspace"),
        ({"destination": {}}, "have both the project SHOP"),
    ],
)
def test_tenants_share_neither_workspace_nor_project(file: Path, settings: dict[str, Any], words: str) -> None:
    project = {"source": "7", "destination": "SHOP", "title": "x", "create": True}
    own = {"workspace": "workspaces/bank", "source": {"instance": "bank"}, "projects": [project]}
    fleet = load_fleet(changed(file, settings=own | settings))
    with pytest.raises(ConfigError, match=words):
        checked_configs(fleet, file)


def test_a_config_of_a_tenant_keeps_its_variables_and_is_written_once(file: Path) -> None:
    fleet = load_fleet(file)
    path = config_path(fleet, file, fleet.tenants[1])
    assert "${BANK_API_KEY}" in path.read_text(encoding="utf-8")
    before = path.stat().st_mtime_ns
    assert config_path(fleet, file, fleet.tenants[1]) == path
    assert path.stat().st_mtime_ns == before
    assert path.stat().st_mode & 0o077 == 0


def test_who_shares_an_account_shares_its_limit_and_no_key_is_in_its_name(file: Path) -> None:
    fleet = load_fleet(file)
    shop, bank = (accounts_of(load_config(config_path(fleet, file, tenant), ENVIRONMENT)) for tenant in fleet.tenants)
    assert len(set(shop) | set(bank)) == 3
    (shared,) = set(shop) & set(bank)
    assert shared.startswith("migrator-qacomplete-rest-qacomplete-smartbear-com-")
    secrets = [ENVIRONMENT[name] for name in ("QACOMPLETE_PASSWORD", "QASPHERE_API_KEY", "BANK_API_KEY")]
    assert not [name for name in (*shop, *bank) if any(secret in name for secret in secrets)]


def test_tenants_are_chosen_by_name_and_by_all_labels(file: Path) -> None:
    fleet = load_fleet(file)

    def names(chosen: tuple[Any, ...]) -> list[str]:
        return [tenant.name for tenant in chosen]

    assert names(fleet.chosen([], [])) == ["shop", "bank"]
    assert names(fleet.chosen([], ["emea", "nightly"])) == ["shop"]
    with pytest.raises(ConfigError, match="no tenant bonk"):
        fleet.chosen(["bonk"], [])
    with pytest.raises(ConfigError, match="labels apac"):
        fleet.chosen([], ["apac"])


def test_policies_of_a_tenant_replace_those_of_the_fleet(file: Path) -> None:
    fleet = load_fleet(file)
    assert [fleet.policies_of(tenant).retries for tenant in fleet.tenants] == [3, 10]
    assert isinstance(fleet, Fleet)


def test_validate_list_and_schema_need_no_prefect_and_no_secrets(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect", None)
    for arguments in (["validate", "--file", str(file), "--json"], ["list", "--file", str(file)], ["schema"]):
        ended = CliRunner().invoke(app, ["fleet", *arguments])
        assert ended.exit_code == 0, ended.output


def test_without_prefect_a_run_says_so_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect", None)
    monkeypatch.delitem(sys.modules, "migrator.fleet.flows", raising=False)
    with pytest.raises(ConfigError, match="Prefect 3, which is not installed") as raised:
        flows()
    assert raised.value.next_step == "pip install 'qasphere-migrator[prefect]'"
