"""Every source in the tree, for the contract that all sources keep.

A new one says in ``tests/connectors/NAME/factory.py`` how it is run there, as ``FACTORY``; it is found by its folder.
"""

import importlib

from migrator.testing.sources import SourceFactory
from tests.support.rig import ROOT


def factories() -> list[SourceFactory]:
    """Return the factory of every source there is, by folder."""
    folders = sorted(path.parent.name for path in (ROOT / "tests" / "connectors").glob("*/factory.py"))
    return [importlib.import_module(f"tests.connectors.{name}.factory").FACTORY for name in folders]
