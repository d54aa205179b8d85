"""What every source that gives files promises about their bytes (``migrator.core.ports.source.FileSource``)."""

from migrator.testing.contract.files import *  # noqa: F403 - a suite is taken as a whole
from tests.support.sources import factories

SOURCES = factories()
