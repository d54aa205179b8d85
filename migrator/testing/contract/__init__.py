"""The contract: what every source promises, as tests. A module of tests takes them all, and says for which sources:

from migrator.testing.contract import *

SOURCES = [FACTORY]
"""

from migrator.testing.contract.files import *  # noqa: F403 - a suite is taken as a whole
from migrator.testing.contract.inspectable import *  # noqa: F403 - a suite is taken as a whole
from migrator.testing.contract.lists import *  # noqa: F403 - a suite is taken as a whole
from migrator.testing.contract.readings import *  # noqa: F403 - a suite is taken as a whole
from migrator.testing.contract.runs import *  # noqa: F403 - a suite is taken as a whole
from migrator.testing.contract.source import *  # noqa: F403 - a suite is taken as a whole
