"""Sources of other distributions: found by their entry points, and what is wrong about one is its own trouble only."""

import importlib
from pathlib import Path

import pytest
import typer

import connectors
from migrator.app.check.run import check
from migrator.cli.guard import guarded
from migrator.config import json_schema, parse_config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from tests.support.plugged import put, site

__all__ = ["site"]

_CONFIG = """
from pathlib import Path
from typing import Literal
from pydantic import BaseModel
from connectors import SourceSettings

class Settings(BaseModel):
    connector: Literal["NAME"] = "NAME"
    instance: str = "x"

SETTINGS = SourceSettings(Settings, Path(__file__).with_name("defaults.yaml"))
"""
_CONNECTOR = """
from connectors import SourceConnector

CONNECTOR = SourceConnector(lambda settings, http: None)
"""


def test_a_source_of_another_distribution_stands_behind_those_in_the_tree(site: Path) -> None:
    ours, served = connectors.source_names(), connectors.sandbox_names()
    put(site, "aaa", {"config.py": _CONFIG, "connector.py": _CONNECTOR})
    assert connectors.source_names() == [*ours, "aaa"]
    assert connectors.sandbox_names() == served
    assert "connector" in connectors.load_settings("aaa").model.model_fields
    assert isinstance(connectors.load_source("aaa"), connectors.SourceConnector)
    assert connectors.unusable_sources() == {}
    names = [branch["$ref"].rpartition("/")[2] for branch in json_schema()["properties"]["source"]["anyOf"]]
    assert names[-1] == "Settings"


def test_its_code_is_part_of_how_the_source_is_read(site: Path) -> None:
    put(site, "aaa", {"config.py": _CONFIG, "connector.py": _CONNECTOR})
    before = connectors.source_digest("aaa")
    assert before
    assert connectors.source_digest("aaa") == before
    assert connectors.source_digest("workiva") == ""
    (site / "acme_aaa" / "connector.py").write_text(_CONNECTOR + "\n", encoding="utf-8")
    assert connectors.source_digest("aaa") != before


def test_paths_of_its_settings_start_at_the_folder_of_the_config_however_they_are_held(
    site: Path, tmp_path: Path
) -> None:
    fields = """    sheet: Path
    more: tuple[Path, ...]
    parts: list[Path]
    by_name: dict[str, Path]
    tabs: tuple[Tab, ...]
    words: tuple[str, ...] = ("not/a/path",)
"""
    tab = "class Tab(BaseModel):\n    file: Path\n    beside: dict[str, list[Path]] = {}\n\nclass Settings("
    put(
        site,
        "many",
        {"config.py": _CONFIG.replace("class Settings(", tab).replace("    instance", fields + "    instance")},
    )
    source = {
        "connector": "many",
        "sheet": "a",
        "more": ["b", "/c"],
        "parts": ["d/../e"],
        "by_name": {"one": "f"},
        "tabs": [{"file": "g", "beside": {"x": ["h"]}}],
    }
    config = parse_config(
        {
            "workspace": "w",
            "source": source,
            "destination": {"base_url": "http://127.0.0.1:9", "api_key": "k" * 20},
            "projects": [{"source": "*", "destination": "WEB"}],
        },
        tmp_path / "config.yaml",
        {},
    )
    assert config.source.model_dump() == {
        "connector": "many",
        "instance": "x",
        "sheet": tmp_path / "a",
        "more": (tmp_path / "b", Path("/c")),
        "parts": [tmp_path / "e"],
        "by_name": {"one": tmp_path / "f"},
        "tabs": ({"file": tmp_path / "g", "beside": {"x": [tmp_path / "h"]}},),
        "words": ("not/a/path",),
    }


_BROKEN = {
    "raises": ({"config.py": "import nothing_like_that\n"}, "ModuleNotFoundError: No module named 'nothing_like_that'"),
    "leaves": ({"config.py": "raise SystemExit(9)\n"}, "SystemExit: 9"),
    "spelt": ({"config.py": "SETTINGS = 3\n"}, "acme_spelt.config has no SETTINGS that is a SourceSettings"),
    "empty": ({}, "ModuleNotFoundError: No module named 'acme_empty.config'"),
    "client": (
        {"config.py": _CONFIG, "connector.py": "CONNECTOR = open\n"},
        "acme_client.connector has no CONNECTOR that is a SourceConnector",
    ),
    "nameless": (
        {"config.py": _CONFIG.replace("    instance: str", "    other: str")},
        "its settings have no instance",
    ),
}


@pytest.mark.parametrize("name", _BROKEN)
async def test_a_broken_one_names_its_distribution_and_hides_nobody_else(site: Path, tmp_path: Path, name: str) -> None:
    files, cause = _BROKEN[name]
    put(site, name, files)
    error = connectors.unusable_sources()[name]
    assert f"{name} of the distribution acme-{name} 1.2" in str(error)
    assert (error.code, error.cause) == (ErrorCode.PLUGIN_UNUSABLE, cause)
    assert f"acme-{name}" in error.next_step
    assert json_schema()["$defs"]
    assert callable(connectors.load_sandbox(""))
    (tmp_path / "cases.csv").write_text("ID,Title\n1,One\n", encoding="utf-8")
    config = parse_config(
        {
            "workspace": "w",
            "source": {"connector": "spreadsheet", "path": "cases.csv"},
            "destination": {"base_url": "http://127.0.0.1:9", "api_key": "k" * 20},
            "projects": [{"source": "*", "destination": "WEB"}],
        },
        tmp_path / "config.yaml",
        {},
    )
    lines = {line.subject: line for line in (await check(config)).lines}
    assert (lines[f"connector {name}"].state, lines["source"].state) == ("warning", "ok")
    assert cause in lines[f"connector {name}"].text


def test_what_it_raises_unexpectedly_names_it(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    put(site, "aaa", {"config.py": _CONFIG, "connector.py": "def page():\n    return {}['rows']\n"})
    page = importlib.import_module("acme_aaa.connector").page
    with pytest.raises(typer.Exit) as left:
        guarded(page, as_json=False)
    said = " ".join(capfd.readouterr().err.split())
    assert (left.value.exit_code, "QM113" in said) == (ConfigError.exit_code, True)
    assert "aaa of the distribution acme-aaa 1.2 cannot be used" in said
    assert "unexpected KeyError: 'rows'" in said
    with pytest.raises(typer.Exit):
        guarded(lambda: int("ours"), as_json=False)
    assert "QM902" in capfd.readouterr().err


def test_two_of_one_name_are_an_error_that_names_both(site: Path) -> None:
    put(site, "twice", {"config.py": _CONFIG, "connector.py": _CONNECTOR})
    put(site, "twice", {}, distribution="acme-other")
    assert connectors.source_names().count("twice") == 1
    with pytest.raises(ConfigError) as caught:
        connectors.load_settings("twice")
    assert "acme-twice" in str(caught.value)
    assert "acme-other" in str(caught.value)


def test_nobody_takes_the_name_of_a_source_in_the_tree(site: Path) -> None:
    put(site, "workiva", {"config.py": _CONFIG, "connector.py": _CONNECTOR})
    assert connectors.load_settings("workiva").model.__name__ == "WorkivaSettings"


def test_a_part_of_a_module_is_no_source(site: Path) -> None:
    put(site, "part", {"config.py": _CONFIG, "connector.py": _CONNECTOR}, module="acme_part:SOURCE")
    assert connectors.unusable_sources()["part"].cause == "its entry point names a part of a module, not a package"
