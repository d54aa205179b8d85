"""The demo's company with everything: its tests, the items beside them, and its history."""

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.demo import demo_data
from connectors.qacomplete.sandbox.history import add_history
from connectors.qacomplete.sandbox.sample import add_sample


def demo_company() -> SeedData:
    """Return a new copy; changing it changes nobody else's."""
    data = demo_data()
    add_sample(data)
    add_history(data)
    return data
