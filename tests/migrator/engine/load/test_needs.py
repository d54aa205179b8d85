"""What holds operations back until others have ended."""

import anyio

from migrator.engine.load.needs import Needs


class Way:
    """What is under way, and how often that was asked."""

    def __init__(self, *markers: str) -> None:
        self.markers = list(markers)
        self.asked = 0

    def one(self) -> str | None:
        self.asked += 1
        return self.markers[-1] if self.markers else None

    def end(self, needs: Needs, marker: str) -> None:
        self.markers.remove(marker)
        needs.ended([marker])


def test_who_is_held_is_asked_again_only_when_what_it_watches_has_ended() -> None:
    needs, way = Needs(), Way("a", "b")
    assert needs.hold("run", way.one)
    way.end(needs, "a")
    assert needs.hold("run", way.one)
    assert way.asked == 1
    way.end(needs, "b")
    assert not needs.hold("run", way.one)
    assert way.asked == 2


def test_what_ended_without_being_done_holds_on_until_all_is_over() -> None:
    needs, way = Needs(), Way("a")
    assert needs.hold("run", way.one)
    needs.ended(["a"])
    assert needs.hold("run", way.one)
    needs.over()
    assert not needs.hold("run", way.one)
    assert not needs.hold("another", way.one)


async def test_news_come_to_whoever_waits_and_end_when_nothing_more_can_come() -> None:
    needs, way, heard = Needs(), Way("a"), []

    async def listen() -> None:
        while await needs.next():
            heard.append(needs.hold("run", way.one))
        heard.append(needs.gave_up)

    async with anyio.create_task_group() as group:
        assert needs.hold("run", way.one)
        group.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        needs.ended(["something else"])
        await anyio.wait_all_tasks_blocked()
        assert heard == []
        way.end(needs, "a")
        await anyio.wait_all_tasks_blocked()
        needs.over(gave_up=True)
    assert heard == [False, True]


async def test_what_was_given_up_holds_for_good() -> None:
    needs = Needs()
    assert needs.hold("case", lambda: "file")
    needs.over(gave_up=True)
    assert needs.hold("case", lambda: "file")
    assert needs.hold("another", lambda: "file")
    assert not await needs.next()
