"""The demo's company with everything: its tests, the items beside them, its history, and its files."""

from base64 import b64encode

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.demo import demo_data
from connectors.qacomplete.sandbox.history import add_history
from connectors.qacomplete.sandbox.sample import add_sample
from connectors.qacomplete.sandbox.sample_files import add_files, png

ITEM_URL = "https://qa.acme.example/tests/{id}"
"""Where people open a test of this company."""


def demo_company() -> SeedData:
    """Return a new copy; changing it changes nobody else's."""
    data = demo_data()
    add_sample(data)
    add_history(data)
    add_files(data)
    _illustrate(data)
    return data


def _illustrate(data: SeedData) -> None:
    """Let what came of a failed step hold a pasted screenshot and name another test."""
    outcome = next(
        item for run in data.runs for item in run.items if item.status == "Failed" and item.outcomes
    ).outcomes[0]
    other = data.tests_of(data.projects[0].id)[7]
    screenshot = b64encode(png(160, 90, (220, 220, 240))).decode()
    outcome.actual_result = (
        f"{outcome.actual_result}"
        f'<p><img src="data:image/png;base64,{screenshot}" alt="the basket with a wrong sum"></p>'
        f'<p>It is the same in <a href="{ITEM_URL.format(id=other.id)}">{other.title}</a>.</p>'
    )
