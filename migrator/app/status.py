"""``status``: what stands where, from the workspace alone."""

from migrator.app.reports.documents import Status, status_of
from migrator.config import Config
from state.workspace import open_workspace


def status(config: Config, *, failures: int | None) -> Status:
    """Ask the workspace, without network and without waiting for whoever works there.

    Args:
        failures: how many troubled items to list; None lists them all.
    """
    with open_workspace(config.workspace, write=False) as workspace:
        return status_of(workspace, failures=failures)
