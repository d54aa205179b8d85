"""The folder as the rest of the program finds it: by name, with defaults, settings and an example."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from connectors import load_settings, load_source, source_names
from connectors.workiva.config import SETTINGS, WorkivaSettings
from connectors.workiva.connector import CONNECTOR
from connectors.workiva.convert.verdicts import _FAILED, _PASSED, _SKIPPED
from mappings.rules import MappingRules
from mappings.vocabulary import looked_up
from migrator.config import parse_config

FOLDER = SETTINGS.defaults.parent
GRANT = {"client_id": "a", "client_secret": "b"}


def settings(**given: Any) -> WorkivaSettings:
    return WorkivaSettings.model_validate({**GRANT, **given})


def test_it_is_found_by_its_folder() -> None:
    assert "workiva" in source_names()
    assert load_source("workiva") is CONNECTOR
    assert load_settings("workiva") is SETTINGS


def test_the_vocabulary_is_a_whole_mapping_block_that_knows_every_word() -> None:
    defaults = yaml.safe_load(SETTINGS.defaults.read_text(encoding="utf-8"))
    assert set(defaults) == set(MappingRules.model_fields)
    rules = MappingRules.model_validate(defaults)
    for words, status in ((_FAILED, "failed"), (_PASSED, "passed"), (_SKIPPED, "skipped")):
        assert {looked_up(word, rules.status) for word in words} == {status}


def test_the_example_is_valid() -> None:
    example = yaml.safe_load((FOLDER / "example.yaml").read_text(encoding="utf-8"))
    block = {name: str(value).replace("${", "").replace("}", "") for name, value in example["source"].items()}
    assert WorkivaSettings.model_validate(block).base_url == "https://api.eu.wdesk.com"


def test_a_whole_config_takes_a_list_of_forms(tmp_path: Path) -> None:
    raw = {
        "workspace": "w",
        "source": {"connector": "workiva", "region": "eu", **GRANT},
        "destination": {"base_url": "https://acme.eu1.qasphere.com", "api_key": "k"},
        "projects": [{"source": ["f1", "f2"], "destination": "SOX"}],
    }
    config = parse_config(raw, tmp_path / "config.yaml", {})
    assert config.projects[0].source == "f1,f2"
    assert config.instance == "api.eu.wdesk.com"
    assert config.mapping.custom_fields == {"*": "text"}


@pytest.mark.parametrize(
    ("region", "url"),
    [("us", "https://api.app.wdesk.com"), ("eu", "https://api.eu.wdesk.com"), ("apac", "https://api.apac.wdesk.com")],
)
def test_a_region_names_a_host_and_trusts_the_vendors(region: str, url: str) -> None:
    found = settings(region=region)
    assert (found.base_url, found.trusted_hosts) == (url, ("*.wdesk.com",))


def test_another_host_trusts_nobody() -> None:
    assert settings(base_url="https://workiva.acme.example").trusted_hosts == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give source.region"),
        ({"region": "mars"}, "region"),
        ({"region": "eu", "base_url": "https://api.app.wdesk.com"}, "name different places"),
        ({"base_url": "https://a:b@api.eu.wdesk.com"}, "must not hold a user name"),
        ({"region": "eu", "item_url": "{base_url}/{secret}"}, "may hold only"),
        ({"region": "eu", "item_url": "{"}, "may hold only"),
        ({"region": "eu", "item_url": "w.example/{form}"}, "must be a web address"),
        ({"region": "eu", "item_url": "https://w.example/a {form}"}, "must not hold blanks"),
        ({"region": "eu", "api_version": "2024-01-01"}, "api_version"),
    ],
)
def test_what_does_not_fit_is_said(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**given)


@pytest.mark.parametrize(
    ("version", "prefix", "token_path"),
    [("2026-01-01", "", "/oauth2/token"), ("2022-01-01", "/platform/v1", "/iam/v1/oauth2/token")],
)
def test_a_generation_is_prefix_and_token_path(version: str, prefix: str, token_path: str) -> None:
    found = settings(region="eu", api_version=version)
    assert (found.prefix, found.token_path) == (prefix, token_path)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"region": "us"}, "https://app.wdesk.com/?item={path}"),
        ({"region": "eu"}, "https://eu.wdesk.com/?item={path}"),
        ({"base_url": "https://api.apac.wdesk.com"}, "https://apac.wdesk.com/?item={path}"),
        ({"base_url": "https://api.sandbox.wdesk.com"}, "{base_url}{path}"),
        ({"region": "eu", "item_url": "https://eu.wdesk.com/a/1/{form}"}, "https://eu.wdesk.com/a/1/{form}"),
    ],
)
def test_links_lead_where_people_can_go(given: dict[str, str], address: str) -> None:
    settings = WorkivaSettings.model_validate({"client_id": "c", "client_secret": "s", **given})
    assert settings.item_url == address
    assert settings.links_to_api == address.startswith("{base_url}")
