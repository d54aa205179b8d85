"""Words about tests that were not run, from round to round: as results once, or noted at their run once."""

from pathlib import Path
from typing import Any

from migrator.core.model import Person, Result
from migrator.core.notes import NoteCode
from tests.support.history import result, run, shop
from tests.support.history_rig import HistoryRig, history_rig

BOB = Person(name="Bob")
LOG = {"file_log": "LOGONLY words"}


def untested(number: int, of_case: int, **said: Any) -> Result:
    return result(number, 5, of_case, **({"status": "Awaiting Run", "steps": ()} | said))


def replace(rig: HistoryRig, made: Result) -> None:
    """Let the source say something else of a result."""
    rig.source.entities = [made if one.ref == made.ref else one for one in rig.source.entities]


def noted(rig: HistoryRig) -> list[tuple[str, str, str, str]]:
    with rig.open() as workspace:
        notes = workspace.notes.with_codes([NoteCode.UNTESTED_WORDS])
        return sorted((note.marker, note.field, note.original, note.message) for note in notes)


async def test_who_is_to_test_is_noted_once_for_a_run_and_makes_no_results(tmp_path: Path) -> None:
    planned = [untested(number, number, tester=BOB) for number in range(1, 6)]
    planned.append(untested(6, 6, facts={"Extra": "EXTRAONLY"}))
    async with history_rig(tmp_path, shop(run(5, closed=False), *planned, cases=6)) as rig:
        for _ in range(3):
            status = await rig.run()
            assert status.items["result"] == {"folded": 6}
            marker = run(5).ref.marker
            assert noted(rig) == [
                (marker, "Extra", "EXTRAONLY (Case 6)", "said of 1 test that was not run"),
                (marker, "tester", "Bob (Case 1, Case 2, Case 3, and 2 more)", "said of 5 tests that were not run"),
            ]
        assert rig.results().total() == 0
        replace(rig, result(1, 5, 1, "Passed", tester=BOB))
        await rig.run()
        assert [words for _, _, words, _ in noted(rig)] == [
            "EXTRAONLY (Case 6)",
            "Bob (Case 2, Case 3, Case 4, and 1 more)",
        ]


async def test_words_that_an_older_version_took_for_facts_arrive_once_in_a_closed_run_too(tmp_path: Path) -> None:
    """An older version left the log among the facts, so that nothing was sent of it."""
    for closed in (False, True):
        held = shop(run(5, closed=closed), untested(1, 1, facts=LOG), cases=1)
        async with history_rig(tmp_path / str(closed), held) as rig:
            await rig.run()
            assert rig.results().total() == 0
            assert [words for _, _, words, _ in noted(rig)] == ["LOGONLY words (Case 1)"]
            replace(rig, untested(1, 1, remarks=LOG))
            for _ in range(3):
                status = await rig.run()
                assert status.failures == []
                assert rig.results().total() == 1
            assert len(rig.shop.runs) == (2 if closed else 1)
            assert noted(rig) == []
            _, findings = await rig.verify("all")
            assert findings == []


async def test_the_same_facts_in_another_order_are_no_edit(tmp_path: Path) -> None:
    """A source may tell its columns in another order, and a newer version may take a fact for a remark."""
    facts = {"file_log": "1.txt", "automated": "yes"}
    held = shop(run(5, closed=False), result(1, 5, 1, facts=facts), cases=1)
    async with history_rig(tmp_path, held) as rig:
        await rig.run()
        replace(rig, result(1, 5, 1, facts={"automated": "yes"}, remarks={"file_log": "1.txt"}))
        status = await rig.run()
        assert status.items["result"] == {"unchanged": 1}
        assert rig.results().total() == 1
        replace(rig, result(1, 5, 1, facts={"automated": "yes"}, remarks={"file_log": "2.txt"}))
        await rig.run()
        assert rig.results().total() == 2
