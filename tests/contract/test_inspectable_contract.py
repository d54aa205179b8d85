"""What a source promises to ``check`` and ``init``, if it can be looked over (``migrator.core.ports.inspectable``)."""

from migrator.testing.contract.inspectable import *  # noqa: F403 - a suite is taken as a whole
from tests.support.sources import factories

SOURCES = factories()
