"""Addresses in a config are looked at when it is read, not when an evening has been spent."""

from pathlib import Path
from typing import Any

import pytest

from migrator.config import Config, parse_config
from migrator.core.errors import ConfigError

NO_ADDRESS = [
    "acme.example", "htps://acme.example", "https://", "https:///path", "https:acme.example", "//acme.example",
    "https://acme.example:port", "https://acme.example:0", "ftp://acme.example", "file:///etc/passwd",
    "https://[::1", "javascript:alert(1)", "https://acme..example", "https://.example", "https://acme,example",
    "https://h;x", "https://*.example", "https://acme%2fx",
]  # fmt: skip
BLANKS = [" https://acme.example", "https://acme .example", "https://acme.example\n", "https://acme.example/\u00a0x"]
NEVER = [
    "https://h\\x/y",
    "https://<h>/y",
    'https://h/<y>"',
    'https://h/"',
    "https://h/`",
    "https://h/^",
    "https://h/a|b",
]
SOURCES: dict[str, dict[str, Any]] = {
    "qacomplete": {"base_url": "https://acme.example", "username": "u", "password": "p", "timezone": "UTC"},
    "workiva": {"base_url": "https://acme.example", "client_id": "u", "client_secret": "p"},
    "spreadsheet": {"path": "x.csv"},
}
KEYS = [
    ("destination", "base_url"), ("qacomplete", "base_url"), ("qacomplete", "soap_url"), ("qacomplete", "web_url"),
    ("qacomplete", "item_url"), ("qacomplete", "requirement_url"), ("qacomplete", "attachments_url"),
    ("workiva", "base_url"), ("workiva", "item_url"), ("spreadsheet", "item_url"),
]  # fmt: skip


def read(place: str, key: str, value: str) -> Config:
    name = "spreadsheet" if place == "destination" else place
    source = {"connector": name, "instance": "acme"} | SOURCES[name]
    destination = {"base_url": "https://acme.example", "api_key": "k" * 20}
    (destination if place == "destination" else source)[key] = value
    given = {"source": source, "destination": destination, "projects": [{"source": "*", "destination": "WEB"}]}
    return parse_config(given | {"workspace": "w"}, Path("config.yaml"), {})


@pytest.mark.parametrize("value", NO_ADDRESS)
@pytest.mark.parametrize(("place", "key"), KEYS)
def test_what_is_no_web_address_is_named(place: str, key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(place, key, value)
    assert f"{key}: " in caught.value.cause
    assert "must be a web address that begins with" in caught.value.cause


@pytest.mark.parametrize("value", BLANKS)
@pytest.mark.parametrize(("place", "key"), KEYS)
def test_blanks_are_named(place: str, key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(place, key, value)
    assert f"{key}: must not hold blanks or line ends" in caught.value.cause


@pytest.mark.parametrize("value", NEVER)
@pytest.mark.parametrize(("place", "key"), KEYS)
def test_characters_that_no_address_holds_are_named(place: str, key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(place, key, value)
    assert f"{key}: must not hold " in caught.value.cause


def test_a_brace_in_a_template_is_no_part_of_an_address() -> None:
    with pytest.raises(ConfigError) as caught:
        read("spreadsheet", "item_url", "https://acme.example/{{id}}")
    assert "item_url: must not hold { as it is; in a path, write %7B" in caught.value.cause


@pytest.mark.parametrize(("place", "key"), KEYS)
def test_credentials_are_refused_and_not_shown(place: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(place, key, "https://ann:hidden@acme.example")
    assert f"{key}: must not hold a user name or password" in caught.value.cause
    assert "hidden" not in f"{caught.value} {caught.value.cause}"


@pytest.mark.parametrize(
    "value",
    [
        "https://acme.example",
        "http://10.0.0.1:8080/base",
        "https://[::1]:8443",
        "HTTPS://A.B",
        "https://bücher.example",
        "http://a_b-c.",
    ],
)
@pytest.mark.parametrize(("place", "key"), KEYS)
def test_what_is_one_is_taken(place: str, key: str, value: str) -> None:
    config = read(place, key, value)
    block: Any = config.destination if place == "destination" else config.source
    assert getattr(block, key) == value
    assert getattr(read(place, key, f"{value}/").source if place == "spreadsheet" else block, key)
