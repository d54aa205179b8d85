"""What every source promises about leaving out what has not changed since an earlier reading."""

from migrator.testing.contract.readings import *  # noqa: F403 - a suite is taken as a whole
from tests.support.sources import factories

SOURCES = factories()
