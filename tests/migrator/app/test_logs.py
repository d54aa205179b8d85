"""The log file of a workspace."""

import json
import logging
from contextlib import suppress
from pathlib import Path

import pytest

from migrator import __version__
from migrator.app.runtime.logs import LOG, LoggingListener, logging_to
from migrator.core.errors import StorageFull
from migrator.core.events import ItemFailed, PhaseEnded, PhaseStarted, ignore
from migrator.core.redact import remember

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_log_that_cannot_be_closed_does_not_hide_what_ended_the_program(tmp_path: Path) -> None:
    (tmp_path / LOG).symlink_to(FULL)

    def work() -> None:
        with logging_to(tmp_path, "run"):
            logging.getLogger("migrator").warning("this does not fit")
            raise StorageFull("no space")

    with pytest.raises(StorageFull):
        work()


def test_the_log_tells_the_run_without_secrets(tmp_path: Path) -> None:
    remember(["logged-secret"])
    with suppress(StorageFull), logging_to(tmp_path, "apply"):
        listener = LoggingListener(ignore)
        listener(PhaseStarted("load", "12", 3))
        listener(ItemFailed("case", "m", "t", "failed", "because of logged-secret"))
        listener(PhaseEnded("load", "12", 1))
        raise StorageFull("no space")
    with suppress(ValueError), logging_to(tmp_path, "apply"):
        raise ValueError("logged-secret")
    lines = [json.loads(line) for line in (tmp_path / LOG).read_text(encoding="utf-8").splitlines()]
    assert [line["message"] for line in lines[1:5]] == [
        "project 12: load begins",
        "failed: case m: because of •••",
        "project 12: load ends, 1 item",
        "`migrator apply` ends with exit code 5: no space",
    ]
    assert __version__ in lines[0]["message"]
    assert "ValueError: •••" in lines[-1]["traceback"]
    assert "logged-secret" not in json.dumps(lines)
