"""Connectors are found by their folders, and need not have everything that one can have."""

from pathlib import Path

import pytest

import connectors
from migrator.core.errors import ConfigError
from tests.support.sources import factories


def test_a_source_without_a_stand_in_hides_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "plain_source"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Nothing but a connector."""\n')
    (folder / "connector.py").write_text("CONNECTOR = object()\n")
    known = connectors.sandbox_names()
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(tmp_path)])
    assert "plain_source" in connectors.source_names()
    assert connectors.sandbox_names() == known
    with pytest.raises(ConfigError, match="no stand-in"):
        connectors.load_sandbox("plain_source")


def test_an_unknown_source_names_those_there_are() -> None:
    with pytest.raises(ConfigError) as caught:
        connectors.load_source("nobody")
    assert all(name in caught.value.next_step for name in connectors.source_names())


def test_every_source_is_held_to_the_contract() -> None:
    assert {factory.name for factory in factories()} == set(connectors.source_names())
