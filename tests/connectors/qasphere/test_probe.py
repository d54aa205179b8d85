"""What a probe believes when a request of it fails: nothing that it would not have found out otherwise."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from connectors.qasphere.probe import QUESTIONS, Asker, Lab, ask_everything
from migrator.core.events import ignore
from migrator.core.probe import ProbeAnswer
from migrator.standin.options import FaultKind
from tests.support.qasphere import Scene, scene
from tests.support.services import shell_of


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as opened:
        opened.stand_in.store.add_custom_field("source_id", "Source")
        yield opened


async def answers_of(made: Scene, code: str, fault: FaultKind | None = None, at: int = -1) -> dict[str, ProbeAnswer]:
    """Ask everything in a new project; the request of this number goes wrong."""
    made.stand_in.store.add_project(code, "probe")
    numbers = count()
    shell_of(made.stand_in.app)._dice.throw = lambda: fault if next(numbers) == at else None
    lab = Lab(Asker(made.api.client._transport), code, f"stamp-{code}", marker_field="source_id", required={})
    lab.skipped("project.no_default_folder", "the project was made by the test")
    return await ask_everything(lab, ignore)


@pytest.mark.parametrize("fault", ["status_503", "drop_after"])
async def test_a_request_that_fails_gives_no_false_answer(made: Scene, fault: FaultKind) -> None:
    truth = await answers_of(made, "T")
    assert {key for key in truth if truth[key].verdict == "differs"} == set()
    missing = set()
    for at in range(0, 110, 9):
        found = await answers_of(made, f"A{at}", fault, at)
        wrong = {key for key, answer in found.items() if answer.found not in (truth[key].found, None)}
        assert wrong == set(), at
        missing |= {key for key in found if found[key].verdict != truth[key].verdict}
        assert set(found) == set(QUESTIONS)
    assert missing
