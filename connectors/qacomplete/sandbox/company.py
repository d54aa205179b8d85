"""The demo's company with everything: its tests, the items beside them, its history, and its files."""

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.demo import demo_data
from connectors.qacomplete.sandbox.history import add_history
from connectors.qacomplete.sandbox.sample import add_sample
from connectors.qacomplete.sandbox.sample_files import add_files


def demo_company() -> SeedData:
    """Return a new copy; changing it changes nobody else's."""
    data = demo_data()
    add_sample(data)
    add_history(data)
    add_files(data)
    return data
