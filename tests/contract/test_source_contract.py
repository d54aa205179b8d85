"""What every source promises to the engine (``migrator.core.ports.source.Source``), shown against its stand-in."""

from connectors import source_names
from migrator.testing.contract.source import *  # noqa: F403 - a suite is taken as a whole
from tests.support.sources import factories

SOURCES = factories()


def test_every_source_is_under_contract() -> None:
    assert [factory.name for factory in SOURCES] == source_names()
