"""Shared by all tests: asyncio is the one backend, because aiohttp runs on it."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.planted import forget
from tests.support.quick_clock import QuickClockLoop

# a slow machine is no defect, and a build must not fail by chance: there the examples are always the same
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("project")


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
    """Begin with what takes longest, so that no worker is left alone with it: kills and faults, then migrations."""

    def rank(item: pytest.Item) -> int:
        return 0 if item.get_closest_marker("torture") else 1 if "end_to_end" in item.nodeid else 2

    items.sort(key=rank)
