"""What every source promises about its lists: where one is empty once, items of the others name what stands in it."""

from migrator.testing.contract.lists import *  # noqa: F403 - a suite is taken as a whole
from tests.support.sources import factories

SOURCES = factories()
