"""The folder as the rest of the program finds it: by name, with defaults and an example."""

import yaml

from connectors import load_settings, load_source, source_names
from connectors.qacomplete.config import SETTINGS, QACompleteSettings
from connectors.qacomplete.connector import CONNECTOR
from mappings.rules import MappingRules

FOLDER = SETTINGS.defaults.parent


def test_it_is_found_by_its_folder() -> None:
    assert "qacomplete" in source_names()
    assert load_source("qacomplete") is CONNECTOR
    assert load_settings("qacomplete") is SETTINGS


def test_the_vocabulary_is_a_whole_mapping_block() -> None:
    defaults = yaml.safe_load(SETTINGS.defaults.read_text(encoding="utf-8"))
    assert set(defaults) == set(MappingRules.model_fields)
    rules = MappingRules.model_validate(defaults)
    assert [rules.priority[word] for word in ("1-High", "2-Medium", "3-Low")] == ["high", "medium", "low"]
    assert rules.tags == ("test_type",)


def test_beside_its_vocabulary_it_changes_nothing() -> None:
    defaults = MappingRules.model_validate(yaml.safe_load(SETTINGS.defaults.read_text(encoding="utf-8")))
    assert defaults.model_copy(update={"priority": {}, "status": {}}) == MappingRules()


def test_the_example_is_valid() -> None:
    example = yaml.safe_load((FOLDER / "example.yaml").read_text(encoding="utf-8"))
    settings = QACompleteSettings.model_validate(example["source"])
    assert settings.connector == "qacomplete"
    assert settings.timezone == "America/Denver"
