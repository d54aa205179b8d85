"""The fixture of the tests of planning cases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.workspace import open_workspace
from tests.support.planned_cases import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_workspace(tmp_path) as opened:
        yield World(opened)
