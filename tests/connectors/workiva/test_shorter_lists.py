"""Lists that are politely empty or shorter: within one reading, after an end in between, beside the round before."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from connectors.workiva import sandbox
from connectors.workiva.sandbox.handlers import ReadHandlers
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached, MigratorError
from state.workspace import open_workspace
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

pytestmark = pytest.mark.long

Handler = Callable[[ReadHandlers, web.Request], Awaitable[web.Response]]
Answer = Callable[[web.Request, int], bool | None]
BELIEVED = {"runs": {"max_missing_share": 1}}


class Lies:
    """Answers that are no truth, of the list below one parent."""

    def __init__(self) -> None:
        self._level = ""
        self._asked: Counter[str] = Counter()
        self._answer: Answer = lambda _request, _time: False

    @contextmanager
    def answering(self, level: str, answer: Answer) -> Iterator[None]:
        """Let a list below one parent, the first that is asked for, be empty where ``answer`` says True, refused where
        it says None. It is given the request and how often that list was asked for."""
        self._level, self._answer = level, answer
        self._asked.clear()
        yield
        self._level = ""

    def told(self, level: str, request: web.Request) -> bool | None:
        if level != self._level or (self._asked and request.path not in self._asked):
            return False
        self._asked[request.path] += 1
        return self._answer(request, self._asked[request.path])

    def instead_of(self, level: str, real: Handler) -> Handler:
        async def answered(handlers: ReadHandlers, request: web.Request) -> web.Response:
            hidden = self.told(level, request)
            if hidden is None:
                raise web.HTTPForbidden
            return web.json_response({"data": []}) if hidden else await real(handlers, request)

        return answered


@pytest.fixture
def lies(monkeypatch: pytest.MonkeyPatch) -> Lies:
    """What a stand-in that is built afterwards asks before it answers."""
    found = Lies()
    for level in ("phases", "matrices", "samples"):
        monkeypatch.setattr(ReadHandlers, level, found.instead_of(level, getattr(ReadHandlers, level)))
    return found


async def refused(rig: WorkivaRig, words: str) -> None:
    """Expect the question, and that nothing is written for it."""
    before = rig.writes()
    with pytest.raises(CeilingReached, match=words) as told:
        await rig.run()
    assert told.value.code is ErrorCode.LIST_EMPTY
    assert rig.writes() == before


@pytest.mark.parametrize(
    ("level", "empty"),
    [
        ("phases", {1, 2}),  # no list shows the phases of what lies below them
        ("phases", {2, 3}),  # those that were listed have no matrices
        ("matrices", {1, 2}),
        ("matrices", {2, 3}),
    ],
)
async def test_streams_of_one_reading_have_to_agree(level: str, empty: set[int], lies: Lies, tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(sandbox.generate(2, phases=2, matrices=2, samples=2))) as rig:
        with lies.answering(level, lambda _request, time: time in empty):
            await refused(rig, "another time while everything was read")
        await rig.run()
        assert samples(rig) == 16


async def test_they_have_to_agree_after_an_end_in_between(lies: Lies, tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(sandbox.generate(1, phases=1, matrices=2, samples=2))) as rig:
        with (
            lies.answering("matrices", lambda _request, _time: None),
            pytest.raises(MigratorError) as ended,
        ):
            await rig.run()
        assert not isinstance(ended.value, CeilingReached)
        with lies.answering("phases", lambda _request, _time: True):
            await refused(rig, "list of phases of “.*” of project .* held 1 once and 0 another time")
        await rig.run()
        assert samples(rig) == 4


@pytest.mark.parametrize("level", ["phases", "matrices", "samples"])
async def test_a_parent_that_held_some_the_last_time_is_asked_about(level: str, lies: Lies, tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(sandbox.generate(2, phases=2, matrices=2, samples=2))) as rig:
        await rig.run()
        with lies.answering(level, lambda _request, _time: True):
            for _ in range(2):  # until it is answered
                await refused(rig, f"list of {level} of “.*holds 0, but held 2 the last time")
            rig.mapping = BELIEVED
            await rig.run()
            rig.mapping = {}
            await rig.run()
        await rig.run()


async def test_a_list_that_is_cut_short_is_asked_about(tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=4, samples=15)
    async with workiva_rig(tmp_path, stand_in(data, page_size=10)) as rig:
        await rig.run()
        rows = data.forms[0].phases[0].matrices[1].samples
        hidden = [rows.pop() for _ in range(5)]
        await rig.run()
        hidden += [rows.pop() for _ in range(6)]
        await refused(rig, "list of samples of “.*holds 4, but held 10 the last time")
        rows += hidden
        await rig.run()


async def test_a_further_page_without_rows_concludes_nothing(lies: Lies, tmp_path: Path) -> None:
    data = sandbox.generate(1, phases=1, matrices=1, samples=15)
    async with workiva_rig(tmp_path, stand_in(data, page_size=10)) as rig:
        with lies.answering("samples", lambda request, _time: "$next" in request.query):
            await rig.run()
            assert moved(rig) == ["samples"]
        await rig.run()
        assert (samples(rig), moved(rig)) == (15, [])
        with lies.answering("samples", lambda request, _time: "$next" in request.query):
            assert (await rig.sync()).deletions == []
            assert moved(rig) == ["samples"]


def samples(rig: WorkivaRig) -> int:
    """How many samples are cases."""
    return sum("overview" not in case.title for case in rig.cases())


def moved(rig: WorkivaRig) -> list[str]:
    """The lists that kept changing."""
    with open_workspace(rig.folder / "workspace", write=False) as workspace:
        return [field for (field,) in workspace.db.execute("SELECT field FROM note WHERE code = 'list_moved'")]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_list_is_cut_wherever_is_asked_about_or_little(seed: int, tmp_path: Path) -> None:
    """Rounds in which any list gives only its first rows: nothing of much leaves without a question."""
    chance = random.Random(seed)
    data = sandbox.generate(2, phases=2, matrices=3, samples=chance.choice([3, 12, 30]), seed=seed)
    lists: list[list[object]] = [data.forms]  # type: ignore[list-item]
    lists += [form.phases for form in data.forms]  # type: ignore[misc]
    lists += [phase.matrices for form in data.forms for phase in form.phases]  # type: ignore[misc]
    lists += [matrix.samples for *_, matrix in data.matrices()]  # type: ignore[misc]
    async with workiva_rig(tmp_path, stand_in(data, page_size=10)) as rig:
        await rig.run()
        for _ in range(5):
            one = chance.choice(lists)
            whole, writes = list(one), rig.writes()
            del one[chance.randrange(len(one)) :]
            lost = len(whole) - len(one)
            if not one or lost > max(5, int(len(whole) * 0.2)):
                with pytest.raises(CeilingReached):
                    await rig.run()
                assert rig.writes() == writes
            else:
                await rig.run()
            one[:] = whole
            await rig.run()
        assert samples(rig) == len(data.samples())
