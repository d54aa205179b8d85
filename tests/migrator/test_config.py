"""The config file: the example, the environment, and errors that name the key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from migrator.config import json_schema, load_config, merged, parse_config, shown
from migrator.core.errors import ConfigError
from tests.support.rig import ROOT

EXAMPLE = ROOT / "config.example.yaml"
ENVIRONMENT = {"QACOMPLETE_USER": "me@acme.example", "QACOMPLETE_PASSWORD": "p4ss-word", "QASPHERE_API_KEY": "a.b.c"}


def raw() -> Any:
    return yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))


def parsed(change: dict[str, Any] | None = None, environment: dict[str, str] | None = None) -> Any:
    return parse_config(merged(raw(), change or {}), Path("config.yaml"), environment or ENVIRONMENT)


def refused(change: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        parsed(change)
    return f"{caught.value} | {caught.value.next_step}"


def test_the_example_is_valid_and_complete() -> None:
    config = load_config(EXAMPLE, ENVIRONMENT)
    assert config.connector == "qacomplete"
    assert config.workspace == ROOT / "acme-migration"
    schema = json_schema()
    given = raw()
    for block, keys in (("mapping", "MappingRules"), ("sync", "SyncSettings"), ("destination", "QASphereSettings")):
        optional = {"concurrency", "auth_scheme"}
        assert set(schema["$defs"][keys]["properties"]) - optional == set(given[block]), block
    assert set(schema["$defs"]["ProjectRules"]["properties"]) == set(given["projects"][0])
    assert set(schema["properties"]) == set(given)


def test_the_example_of_each_source_stands_in_the_example_file() -> None:
    block = yaml.safe_load((ROOT / "connectors" / "qacomplete" / "example.yaml").read_text(encoding="utf-8"))
    assert block["source"] == raw()["source"]


def test_the_vendors_vocabulary_is_the_default_and_the_config_wins() -> None:
    config = parsed({"mapping": {"priority": {"1-High": "low", "P1": "high"}, "tags": ["team"]}})
    assert config.mapping.priority["1-High"] == "low"
    assert config.mapping.priority["P1"] == "high"
    assert config.mapping.priority["3-Low"] == "low"
    assert config.mapping.tags == ("team",)


def test_secrets_are_not_shown() -> None:
    text = shown(parsed()) + repr(parsed())
    assert "p4ss-word" not in text
    assert "a.b.c" not in text


def test_a_variable_may_have_a_default() -> None:
    config = parsed({"destination": {"base_url": "${NOT_THERE:-https://x.example}"}})
    assert config.destination.base_url == "https://x.example"


def test_a_missing_variable_names_itself_and_the_key() -> None:
    with pytest.raises(ConfigError, match="QASPHERE_API_KEY is not set") as caught:
        parsed(environment={"QACOMPLETE_USER": "a", "QACOMPLETE_PASSWORD": "b"})
    assert "destination.api_key" in caught.value.cause


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"workspce": "x"}, "unknown key workspce (did you mean workspace?)"),
        ({"mapping": {"priorty": {}}}, "unknown key mapping.priorty (did you mean priority?)"),
        ({"mapping": {"priority": {"a": "urgent"}}}, "mapping.priority.a"),
        ({"source": {"connector": "jira"}}, "unknown source connector 'jira'"),
        ({"source": {"timezone": "Mars/Olympus"}}, "Mars/Olympus"),
        ({"source": {"base_url": "https://qa.intern/api", "timezone": ""}}, "timezone is missing"),
        ({"source": {"item_url": "https://x/{nope}"}}, "item_url"),
        ({"projects": []}, "projects"),
        ({"projects": [{"source": "1", "destination": "toolong"}]}, "projects.0.destination"),
        (
            {"projects": [{"source": "1", "destination": "A1"}, {"source": "1", "destination": "A2"}]},
            "source 1 is named",
        ),
        ({"destination": {"api_key": " "}}, "destination.api_key"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], said: str) -> None:
    assert said in refused(change)


@pytest.mark.parametrize("text", ["", "- a\n- b", "a: [1,", "workspace: x"])
def test_files_that_are_no_config(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.yaml") as caught:
        load_config(path, ENVIRONMENT)
    assert caught.value.next_step


def test_relative_paths_start_at_the_folder_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    change = {
        "workspace": "work",
        "source": {"attachments": "folder", "attachments_folder": "files"},
        "mapping": {"hooks": "hooks.py"},
        "http": {"ca_bundle": "tls/ca.pem", "client_cert": "/etc/tls/client.pem"},
    }
    (here / "config.yaml").write_text(yaml.safe_dump(merged(raw(), change)), encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    for path in (here / "config.yaml", Path("../here/config.yaml")):
        config = load_config(path, ENVIRONMENT)
        assert config.workspace == here / "work"
        assert getattr(config.source, "attachments_folder") == here / "files"  # noqa: B009 - the connector's own model
        assert config.mapping.hooks == here / "hooks.py"
        assert config.http.ca_bundle == here / "tls" / "ca.pem"
        assert config.http.client_cert == Path("/etc/tls/client.pem")
