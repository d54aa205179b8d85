"""The contract of sources, for who writes one: tests that hold for every connector in the tree, and for yours.

The only part of the program that needs pytest (``docs/writing-a-connector.md``).
"""

from migrator.testing.sources import Place, SourceFactory, running, served

__all__ = ["Place", "SourceFactory", "running", "served"]
