"""What people see and do in QA Sphere, beside a migration."""

from connectors.qasphere.sandbox.store import Case
from tests.support.oracle import marker_of
from tests.support.rig import Rig


def by_id(running: Rig) -> dict[int, Case]:
    """Return the migrated cases by the id of their test."""
    return {int(marker_of(case).rpartition("/")[2]): case for case in running.shop.cases}


def edited_there(case: Case, **values: object) -> None:
    """Edit a case as a colleague does."""
    for name, value in values.items():
        setattr(case, name, value)
    case.version += 1
