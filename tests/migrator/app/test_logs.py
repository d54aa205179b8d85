"""The log file of a workspace."""

import logging
from pathlib import Path

import pytest

from migrator.app.runtime.logs import LOG, logging_to
from migrator.core.errors import StorageFull

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_log_that_cannot_be_closed_does_not_hide_what_ended_the_program(tmp_path: Path) -> None:
    (tmp_path / LOG).symlink_to(FULL)

    def work() -> None:
        with logging_to(tmp_path):
            logging.getLogger("migrator").warning("this does not fit")
            raise StorageFull("no space")

    with pytest.raises(StorageFull):
        work()
