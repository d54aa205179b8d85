"""The fixtures of the contract, which ships with the program."""

from migrator.testing.fixtures import *  # noqa: F403 - fixtures are found by their names
