"""What is said of a test that was not run makes a result, or is noted with its words: whichever field it is in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mappings.untested import BESIDE, NOTED, OF_STEP, PLACE
from migrator.core.model import Attachment, Comment, Person, Result, StepResult
from migrator.core.ports.mapping import Around, Mapped, ResultPlace
from migrator.core.text import visible_text
from tests.mappings.test_history import mapped_result, mapper, unit
from tests.support.drafts import ref
from tests.support.history import plain, result, run

WORDS = "half way"
DAY = datetime(2024, 3, 6, 9, 30, tzinfo=UTC)
SAID: dict[str, tuple[Any, str]] = {
    "executed_at": (DAY, "2024-03-06 09:30"),
    "other_date": (DAY, ""),  # shown beside a date of the run only, without which a source gives none
    "duration_ms": (61_000, "0:01:01"),
    "comment": (plain(WORDS), WORDS),
    "defects": ((ref("defect", "12", "8"),), "#8"),
    "remarks": ({"File log": WORDS}, WORDS),
    "tester": (Person(name="Bob"), "Bob"),
    "assigned": (Person(name="Bob"), "Bob"),
    "facts": ({"Extra": "EXTRAONLY"}, "EXTRAONLY"),
}
"""For each field that people may have written: a value, and the words that a reader has to find."""
SAID_OF_STEP: dict[str, Any] = {"actual": plain(WORDS)}


def untested(**said: Any) -> Result:
    return result(1, 5, 2, **({"status": "Awaiting Run", "steps": ()} | said))


def mapped(made: Result, around: Around | None = None, **rules: Any) -> Mapped:
    place = ResultPlace(made.ref.marker, "r", unit(run(5)), run(5), {}, around or Around())
    return mapper(**rules).result(made, place)


@pytest.mark.parametrize("name", sorted(Result.model_fields.keys() - PLACE - BESIDE - {"steps", "preset"}))
def test_each_field_of_a_result_makes_one_or_is_noted(name: str) -> None:
    value, words = SAID[name]
    made = untested(**{name: value})
    if name in NOTED:
        found = mapped(made)
        assert found.outcome == "folded"
        assert [(note.code.value, note.original) for note in found.notes] == [("untested_words", words)]
    else:
        _, draft = mapped_result(mapper(), made)
        assert draft.status == "open"
        assert words in visible_text(draft.comment)


@pytest.mark.parametrize("name", sorted(StepResult.model_fields.keys() - OF_STEP))
def test_each_field_of_a_step_makes_a_result(name: str) -> None:
    made = untested(steps=(StepResult.model_validate({name: SAID_OF_STEP[name]}),))
    _, draft = mapped_result(mapper(), made)
    assert WORDS in visible_text(draft.comment)


@pytest.mark.parametrize("name", [*sorted(SAID.keys() - NOTED - {"executed_at", "other_date", "duration_ms"})])
def test_blanks_are_no_words(name: str) -> None:
    blank: dict[str, Any] = {"comment": plain(" \n"), "remarks": {"File log": " "}, "defects": ()}
    assert mapped(untested(**{name: blank[name]})).outcome == "folded"


def test_what_hangs_on_a_result_makes_one() -> None:
    made = untested()
    shot = Attachment(ref=ref("file", "12", "9"), title="shot.png", about=made.ref)
    said = Comment(ref=ref("note", "12", "9"), title="", about=made.ref, text=plain(WORDS))
    assert mapped(made, Around(attachments=(shot,))).outcome == "draft"
    assert mapped(made, Around(comments=(said,))).outcome == "draft"


def test_what_a_source_gives_every_planned_test_is_no_word_and_people_go_by_their_rule() -> None:
    facts = {"folder_name": "Login", "test_host": "lab-1"}
    made = untested(facts=facts, preset=("folder_name",), tester=Person(name="Bob"))
    assert [note.field for note in mapped(made).notes] == ["tester", "test_host"]
    assert [note.field for note in mapped(made, people="none").notes] == ["test_host"]


def test_a_word_that_a_fallback_leaves_open_is_noted() -> None:
    found = mapped(untested(status="waits for Ann"), fallback={"status": "open"})
    assert [(note.code.value, note.original) for note in found.notes] == [("status_unmapped", "waits for Ann")]
