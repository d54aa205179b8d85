"""The config file: the example, the environment, and errors that name the key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from migrator.config import json_schema, load_config, merged, parse_config, shown
from migrator.config.read import read_yaml
from migrator.core.errors import ConfigError
from migrator.core.redact import hidden
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
        optional = {"concurrency", "auth_scheme", "api_key_file", "people"}
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
        ({"source": {"item_url": "qa.example.com/tests/{id}"}}, "item_url"),
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


# --- secrets ----------------------------------------------------------------------------------------------------------


def written(folder: Path, change: dict[str, Any]) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(merged(raw(), change)), encoding="utf-8")
    return path


def test_secrets_come_from_files_and_lose_the_line_break_at_their_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n", encoding="utf-8")
    (tmp_path / "word").write_text("\ufeff  pass word \r\n", encoding="utf-8")
    document = merged(raw(), {"source": {"password_file": "word"}, "destination": {"api_key": "${file:key}"}})
    del document["source"]["password"]
    said: list[str] = []
    config = parse_config(document, tmp_path / "config.yaml", ENVIRONMENT, say=said.append)
    assert config.destination.api_key.get_secret_value() == "from-a-file"
    assert getattr(config.source, "password").get_secret_value() == "pass word"  # noqa: B009 - the connector's own model
    assert {line.partition(":")[0] for line in said} == {"source.password", "destination.api_key"}
    assert "pass word" not in " ".join(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"destination": {"api_key": "${file:not-there}"}}, "destination.api_key"),
        ({"destination": {"api_key_file": "x"}}, "both destination.api_key and destination.api_key_file"),
        ({"destination": {"api_key": "two\nlines"}}, "destination.api_key has a line break"),
        ({"destination": {"base_url": "https://me:pl4nted@q.example"}}, "must not hold a user name"),
        ({"projects": []}, "projects"),
    ],
)
def test_what_is_wrong_with_a_secret_is_said_without_it(change: dict[str, Any], said: str) -> None:
    text = refused(change)
    assert said in text
    assert "pl4nted" not in text
    assert "Value error" not in text


def test_a_proxy_with_its_password_is_a_secret() -> None:
    config = parsed({"http": {"proxy": "http://me:pr%40xy-pass@proxy:8080", "client_cert_password": "k3y-pass"}})
    assert not [word for word in ("pr%40xy-pass", "k3y-pass") if word in shown(config) + repr(config)]
    assert hidden("407 from me:pr@xy-pass") == "407 from me:•••"


def test_commands_that_ask_nobody_need_no_secrets(tmp_path: Path) -> None:
    path = written(tmp_path, {"destination": {"api_key": "${file:/not/there}"}})
    assert load_config(path, {}, needs_secrets=False).destination.base_url == raw()["destination"]["base_url"]
    with pytest.raises(ConfigError):
        load_config(path, {})
    # what is no secret is needed all the same
    path = written(tmp_path, {"destination": {"base_url": "${NOT_SET}"}})
    with pytest.raises(ConfigError, match="NOT_SET"):
        load_config(path, {}, needs_secrets=False)


def test_the_schema_knows_the_files_of_secrets() -> None:
    found = json_schema()["$defs"]["QASphereSettings"]
    assert "api_key_file" in found["properties"]
    assert "api_key" not in found["required"]


# --- the file itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_unicode_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(merged(raw(), {"workspace": "./größe"}), allow_unicode=True), encoding=encoding)
    assert load_config(path, ENVIRONMENT).workspace == tmp_path / "größe"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("mapping:\n  runs: {}\nworkspace: x\nmapping:\n  owner: y\n", (4, 1)),
        ("projects:\n- {source: 1, destination: A}\n- source: 2\n  'source': 3\n", (4, 3)),
        ("source: {password: pl4nted, password: pl4nted}", (1, 1)),
    ],
)
def test_a_key_given_twice_is_no_silent_loss(text: str, lines: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, ENVIRONMENT)
    assert caught.value.cause == f"line {lines[0]} gives the key of line {lines[1]} again"
    assert caught.value.next_step
    assert "pl4nted" not in str(caught.value.document())


def test_aliases_and_merges_repeat_no_key(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, x: 3}\n'1': x\n1: y\n", encoding="utf-8")
    there = {"x": 1, "y": 2}
    assert read_yaml(path) == {"a": there, "b": there, "c": {"x": 3, "y": 2}, "1": "x", 1: "y"}


def test_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("workspace: x\n# Größe\n".encode("cp1252"))
    with pytest.raises(ConfigError) as caught:
        load_config(path, ENVIRONMENT)
    assert "line 2" in caught.value.cause
    assert "UTF-8" in caught.value.next_step


@pytest.mark.parametrize(
    "text",
    [
        "source: {password: *pl4nted}",
        "source:\n  password: 'pl4nted\n  x: [",
        "source:\n  password: !pl4nted x",
        "source:\n\tpassword: pl4nted",
        'source: {password: "pl4nted\\q"}',
        "source: {password: pl4nted",
        "pl4nted: &a [*a]\nb: *a",
        "source: pl4nted: x",
        "? pl4nted\n: - x\n y",
    ],
)
def test_errors_of_yaml_name_the_place_and_quote_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, ENVIRONMENT)
    error = caught.value
    assert "pl4nted" not in f"{error} {error.next_step} {error.__cause__}"
    assert error.__suppress_context__ or error.__context__ is None


def test_bombs_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    for text in (f"a0: &a0 [x, x]\n{levels}", "[" * 20_000, "- " * 5_000, "{a: " * 3_000, "? " * 3_000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="YAML"):
            load_config(path, ENVIRONMENT)
