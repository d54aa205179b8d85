"""Items beside tests on their way through the books: extracted, archived, balanced, and nothing of them is sent."""

from collections import Counter
from pathlib import Path

from connectors.qacomplete.sandbox import Requirement, add_sample, generate
from tests.support.rig import Rig, rig

# more than the planner takes at once
MANY = 230


def archived(running: Rig) -> dict[str, int]:
    data = running.source.data
    kept = (data.users, data.configurations, data.defects, data.test_sets, data.notes)
    links = [link for link in data.links if {link.code, link.linked_code} != {"Tests"}]
    return {
        "archive": sum(len(items) for items in kept) + len(links),
        "requirement": len(data.requirements),
    }


def kept(fates: dict[str, int]) -> int:
    """How many items stay in the workspace, or stand in a case."""
    assert set(fates) <= {"archived", "folded"}
    return sum(fates.values())


async def test_every_item_is_archived_and_the_books_balance(tmp_path: Path) -> None:
    data = generate(20, items=MANY)
    add_sample(data)
    async with rig(tmp_path, data) as running:
        first = await running.run()
        assert first.balanced, first.imbalance
        assert {kind: kept(first.items[kind]) for kind in archived(running)} == archived(running)
        # every generated requirement is linked with a test, and one of the sample
        assert first.items["requirement"] == {"archived": 3, "folded": MANY}
        assert first.items["milestone"] == {"migrated": len(data.releases)}
        assert first.items["case"] == {"migrated": 20}
        calls = Counter(call.partition(" ")[2] for call in running.destination.log.counts)
        assert not [call for call in calls if "/requirement" in call]
        writes = running.writes()
        again = await running.run()
        assert (again.balanced, running.writes()) == (True, writes)
        assert again.items["milestone"] == {"unchanged": len(data.releases)}


async def test_items_that_come_and_go_at_the_source_leave_the_books_in_balance(tmp_path: Path) -> None:
    data = generate(5, items=3)
    add_sample(data)
    async with rig(tmp_path, data) as running:
        await running.run()
        del data.releases[0], data.defects[-1], data.links[:2]
        data.notes[0].text = "changed"
        data.requirements.append(Requirement(9001, 12, "New"))
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        assert kept(ended.items["requirement"]) == len(data.requirements)


async def test_a_plan_counts_what_stays_in_the_workspace(tmp_path: Path) -> None:
    data = generate(5)
    add_sample(data)
    async with rig(tmp_path, data) as running:
        plan = await running.plan()
        assert plan.items["milestone"] == {"pending": 4}
        assert plan.items["requirement"] == {"archived": 3}
        assert running.writes() == 0
