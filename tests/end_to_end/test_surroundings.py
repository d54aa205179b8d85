"""What hangs on a case arrives with it, and a change of it is a change of the case."""

from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import Link, Note, SeedData, add_sample, generate
from connectors.qasphere.sandbox.store import Case
from migrator.core.drafts import CaseDraft
from migrator.core.errors import StalePlan
from migrator.core.text import symbols_in, visible_text
from state.workspace import open_workspace
from tests.support.rig import Rig, rig


def shop() -> SeedData:
    data = generate(12)
    add_sample(data)
    return data


def first_case(running: Rig) -> Case:
    test = running.source.data.tests_of(12)[0]
    return next(case for case in running.shop.cases if case.links[0]["text"].endswith(f":test:12/{test.id}"))


async def test_requirements_defects_and_notes_stand_in_the_case(tmp_path: Path) -> None:
    async with rig(tmp_path, shop()) as running:
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        case = first_case(running)
        assert [(row["text"], row["url"]) for row in case.requirements] == [("Guests can order [#501]", "")]
        text = visible_text(case.precondition)
        assert "Defects #602 Voucher works twice (Active)" in text
        assert "Notes 2020-04-01 10:00:00-06:00, Jon Vik: Takes long" in text
        assert ended.items["requirement"] == {"archived": 3}
        verified = await running.verify()
        assert (verified.missing, verified.different) == ([], [])


async def test_planning_again_finds_nothing_to_write(tmp_path: Path) -> None:
    async with rig(tmp_path, shop()) as running:
        await running.run()
        writes = running.writes()
        again = await running.run()
        assert (running.writes(), again.items["case"]) == (writes, {"unchanged": 12})
        assert again.items["requirement"] == {"archived": 3}


async def test_a_new_note_and_a_renamed_requirement_are_updates_of_the_case(tmp_path: Path) -> None:
    async with rig(tmp_path, shop()) as running:
        await running.run()
        data = running.source.data
        test = data.tests_of(12)[0].id
        data.notes.append(Note(899, 12, "Tests", test, "Ask Ada first", date_created="2021-01-05T08:00:00.0000000"))
        data.requirements[0].title = "Guests may order"
        ended = await running.run()
        assert ended.items["case"] == {"unchanged": 11, "updated": 1}
        case = first_case(running)
        assert [row["text"] for row in case.requirements] == ["Guests may order [#501]"]
        assert visible_text(case.precondition).endswith("Ask Ada first")


async def test_a_change_that_no_case_shows_writes_nothing_and_is_remembered(tmp_path: Path) -> None:
    async with rig(tmp_path, shop()) as running:
        await running.run()
        writes = running.writes()
        running.source.data.requirements[0].description = "<p>Also on mobile</p>"
        ended = await running.run()
        assert (running.writes(), ended.items["case"]) == (writes, {"unchanged": 12})
        running.settings["mapping"] = {"people": "email"}
        # the rules alone changed since, so this is no update
        plan = await running.plan()
        assert plan.items["case"] == {"unchanged": 12}


async def test_a_requirement_that_a_colleague_added_stays(tmp_path: Path) -> None:
    async with rig(tmp_path, shop()) as running:
        await running.run()
        theirs = {"id": "theirs", "text": "Ours by hand", "url": ""}
        case = first_case(running)
        case.requirements = [*case.requirements, theirs]
        data = running.source.data
        data.links.append(Link(950, 12, "FunctionalSpecs", 502, "Tests", data.tests_of(12)[0].id))
        ended = await running.run()
        assert ended.items["case"]["updated"] == 1
        texts = [row["text"] for row in first_case(running).requirements]
        assert texts == ["Guests can order [#501]", "Ours by hand", "Vouchers expire [#502]"]


async def test_what_hangs_on_an_excluded_case_stays_in_the_archive(tmp_path: Path) -> None:
    async with rig(tmp_path, shop()) as running:
        running.source.data.tests_of(12)[0].active = False
        running.settings["mapping"] = {"inactive": "skip"}
        plan = await running.plan()
        assert plan.items["requirement"] == {"archived": 3}


async def test_a_link_to_another_case_is_a_symbol_in_the_draft_and_words_everywhere(tmp_path: Path) -> None:
    data = generate(3)
    first, second, _ = data.tests_of(12)
    async with rig(tmp_path, data) as running:
        address = f"{running.source_url}/v1/projects/12/tests/{second.id}"
        first.description = f'see <a href="{address}">that one</a>, not <a href="{address}9">this</a>'
        await running.run()
        with open_workspace(tmp_path / "workspace") as workspace:
            marker = f"qacomplete@acme:test:12/{first.id}"
            draft = workspace.store.ledger.holdings([marker])[marker].draft
        assert isinstance(draft, CaseDraft)
        assert list(symbols_in(draft.precondition)) == [("case", f"qacomplete@acme:test:12/{second.id}")]
        verified = await running.verify()
        assert (verified.missing, verified.different) == ([], [])


async def test_a_plan_made_before_the_hooks_changed_is_stale(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.py"
    hooks.write_text("def case(case, draft): return None\n", encoding="utf-8")
    async with rig(tmp_path, generate(2)) as running:
        running.settings["mapping"] = {"hooks": "hooks.py"}
        plan = await running.plan()
        hooks.write_text("def case(case, draft): return 'no'\n", encoding="utf-8")
        with pytest.raises(StalePlan):
            await running.apply(plan.plan_id)
        assert running.writes() == 0
