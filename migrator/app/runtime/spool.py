"""Where files lie in the workspace."""

from migrator.config import Config
from migrator.engine.files.spool import Spool


def spool_of(config: Config) -> Spool:
    """Return the place in the workspace where files lie on their way."""
    return Spool(
        config.workspace / "spool", config.spool_mib * 1024 * 1024, config.workspace / "files", keeps=config.keep_files
    )
