"""What every source that gives runs promises about them and their results."""

from migrator.testing.contract.runs import *  # noqa: F403 - a suite is taken as a whole
from tests.support.sources import factories

SOURCES = factories()
