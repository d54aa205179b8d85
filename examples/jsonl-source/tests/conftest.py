"""The fixtures of the contract that all sources keep."""

from migrator.testing.fixtures import *  # noqa: F403 - fixtures are found by their names
