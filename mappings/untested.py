"""What a result says of a test that was not run: evidence, which makes a result of it, or what is only noted. Pure.

Each field of a result and of its steps is evidence unless it is named here, so that a new field cannot be forgotten.
"""

from collections.abc import Callable, Iterator, Mapping

from pydantic import BaseModel

from migrator.core.model import Person, Result, RichText, StepResult
from migrator.core.ports.mapping import Around

PLACE = frozenset(("ref", "kind", "title", "extra", "run", "case", "position", "case_version", "address"))
"""Fields that say which result of which test it is."""
BESIDE = frozenset(("status", "cells", "recorded_in"))
"""The status leaves the test open; what people wrote in a cell stands among remarks and steps, too; the last one says
where else to look."""
NOTED = frozenset(("tester", "assigned", "facts", "preset"))
"""Who is to test what, and where, is known of every test of a planned run: as results, these would be thousands that
say nothing. What a run says in them is noted."""
OF_STEP = frozenset(("status", "action", "expected", "names"))
"""Fields of a step that are the same whether it was carried out or not; its status counts when it leaves nothing
open."""
_EVIDENCE = sorted(Result.model_fields.keys() - PLACE - BESIDE - NOTED - {"steps"})
_EVIDENCE_OF_STEP = sorted(StepResult.model_fields.keys() - OF_STEP)


def is_evidence(result: Result, around: Around, leaves_open: Callable[[str], bool]) -> bool:
    """Whether a result whose status leaves its test open says more than that: what a person wrote or hung on it."""
    own = any(_says(getattr(result, name)) for name in _EVIDENCE)
    return bool(own or around.attachments or around.comments) or any(
        not leaves_open(step.status or "") or any(_says(getattr(step, name)) for name in _EVIDENCE_OF_STEP)
        for step in result.steps
    )


def noted(result: Result, person: Callable[[Person | None, str], str]) -> Iterator[tuple[str, str]]:
    """Yield field and words of what no result is made for. ``person``: returns how somebody is called."""
    for role in ("tester", "assigned"):
        yield role, person(getattr(result, role), role)
    yield from ((name, value) for name, value in result.facts.items() if name not in result.preset)


def _says(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, RichText):
        return bool(value.value.strip())
    if isinstance(value, Mapping):
        return any(map(_says, value.values()))
    return isinstance(value, BaseModel) or bool(value)
