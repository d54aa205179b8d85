"""Shared by all tests: asyncio is the one backend, because aiohttp runs on it."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from migrator.testing.quick_clock import QuickClockLoop
from tests.support.planted import forget
from tests.support.properties import examples

# a slow machine is no defect, and a build must not fail by chance: there the examples are always the same
settings.register_profile(
    "project",
    max_examples=examples(50),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("project")

MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30
"""Bytes. A container may have 64 MiB of it, which some tests fill."""

# a flush to a disk takes some milliseconds, and the suite makes some thousand; what they are good for no test can see
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH:
    tempfile.tempdir = str(MEMORY)


@pytest.fixture(autouse=True)
def _no_secrets_of_others() -> None:
    """The list of secrets grows as long as a process lives: a password of one test, such as "wrong", would be hidden in
    the texts of the next."""
    forget()


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    quick = request.node.get_closest_marker("quick_clock")
    return "asyncio", {"loop_factory": QuickClockLoop} if quick else {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it: kills and faults, then migrations.

    xdist deals the list in as many pieces as there are workers, so each piece gets its share of all three.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    kinds: dict[str, list[pytest.Item]] = {"torture": [], "migration": [], "short": []}
    for item in items:
        is_migration = "end_to_end" in item.nodeid
        kind = "torture" if item.get_closest_marker("torture") else "migration" if is_migration else "short"
        kinds[kind].append(item)
    long, migrations, short = kinds.values()
    pieces = [
        # neighbours of the short ones stay together: some share a fixture of their module
        [
            *long[n::workers],
            *migrations[n::workers],
            *short[len(short) * n // workers : len(short) * (n + 1) // workers],
        ]
        for n in range(workers)
    ]
    items[:] = [item for piece in pieces for item in piece]
