"""Shared by all tests: asyncio is the one backend, because aiohttp runs on it."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
