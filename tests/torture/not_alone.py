"""The workspace is not the newest truth, and nobody is alone: copies, colleagues, clocks that are set.

Each function plays one such story and returns in words what is wrong afterwards: what QA Sphere holds beside what an
undisturbed migration of the same world leaves, and words or exit codes that mislead.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.qasphere.sandbox.store import Case
from migrator.standin.options import FaultPlan, StandInOptions
from tests.support.image import Image, differences, image
from tests.support.rig import Ended, Rig, ended, rig, started
from tests.torture.twins import World

STEPPED_CLOCK = Path(__file__).with_name("stepped_clock")
WORLD = World("a small one", cases=60, files=4, runs=4, items=12)
_GOOD = (0, 3, 8)
_LOCKED = 10
_TRIES = 20


@dataclass(frozen=True)
class Story:
    """``play`` takes a folder of its own and a seed."""

    name: str
    play: Callable[[Path, int], Awaitable[list[str]]]


# --- an older workspace that is continued -----------------------------------------------------------------------------


async def restored_backup(folder: Path, seed: int) -> list[str]:
    """Killed in the load and copied; finished; the copy is put back and continued."""
    async with _world(folder, seed) as running:
        await running.migrate(kill_at=running.writes() + 12 + seed * 7)
        _copy(running, "backup")
        await _finished(running)
        _put_back(running, "backup")
        end = await running.migrate("run")
        return await _judged(running, folder, seed, end)


async def copied_live(folder: Path, seed: int) -> list[str]:
    """Copied while it works, killed a moment later; finished; the copy is put back and continued."""
    async with _world(folder, seed) as running:
        process = started(running.write_config(), "run")
        waiting = asyncio.create_task(asyncio.to_thread(ended, process))
        await _until(lambda: running.writes() >= 10 + seed * 5, waiting)
        _copy(running, "backup")
        await asyncio.sleep(0.2)
        process.kill()
        await waiting
        await _finished(running)
        _put_back(running, "backup")
        end = await running.migrate("run")
        return await _judged(running, folder, seed, end)


async def lost_wal(folder: Path, seed: int) -> list[str]:
    """Killed; the database's ``-wal`` file is lost; continued."""
    async with _world(folder, seed) as running:
        await running.migrate(kill_at=running.writes() + 15 + seed * 6)
        for name in ("migration.db-wal", "migration.db-shm"):
            (folder / "workspace" / name).unlink(missing_ok=True)
        end = await _finished(running)
        return await _judged(running, folder, seed, end)


async def finished_elsewhere(folder: Path, seed: int) -> list[str]:
    """Killed; finished from a new workspace; then the old one is continued."""
    async with _world(folder, seed) as running:
        await running.migrate(kill_at=running.writes() + 15 + seed * 9)
        (folder / "workspace").rename(folder / "old")
        await _finished(running)
        shutil.rmtree(folder / "workspace")
        (folder / "old").rename(folder / "workspace")
        end = await running.migrate("run")
        return await _judged(running, folder, seed, end)


async def copy_and_original(folder: Path, seed: int) -> list[str]:
    """Killed and copied; the copy and the original go on at the same time."""
    async with _world(folder, seed) as running:
        await running.migrate(kill_at=running.writes() + 12 + seed * 7)
        _copy(running, "copy")
        other = _beside(running, "copy")
        ends = await asyncio.gather(running.migrate("run"), other.migrate("run"))
        end = await _finished(running)
        return [*_one_stopped(ends), *await _judged(running, folder, seed, end)]


# --- colleagues -------------------------------------------------------------------------------------------------------


async def colleague_during_the_load(folder: Path, seed: int) -> list[str]:
    """A colleague edits cases while others are still being created; later the source changes the same cases."""
    async with _world(folder, seed, latency=0.02) as running:
        first = asyncio.create_task(running.migrate("run"))
        await _until(lambda: running.stored() >= 20, first)
        edited = running.shop.cases[2:12:2]
        for case in edited:
            case.title = f"{case.title} (edited by a colleague)"
            case.version += 1
        end = await first
        if end.code not in _GOOD:
            return [f"run ended with {end.code}: {end.err[-300:]}"]
        for test in running.source.data.tests:
            test.title = f"{test.title} (changed at the source)"
        await running.migrate("sync")
        return [f"a colleague's title was overwritten: {case.title}" for case in edited if not _is_kept(case)]


def _is_kept(case: Case) -> bool:
    return case.title.endswith("(edited by a colleague)")


# --- clocks -----------------------------------------------------------------------------------------------------------


def clock_steps(seconds: float) -> Callable[[Path, int], Awaitable[list[str]]]:
    """The clock is set while creates are in doubt that QA Sphere carries out later."""

    async def play(folder: Path, seed: int) -> list[str]:
        plan = FaultPlan(share=0.25, seed=seed, kinds=("late",), late_seconds=12.0, hang_seconds=0.6)
        async with _world(folder, seed, faults=plan) as running:
            running.settings["destination"] = {"settle_seconds": 15}
            clock = folder / "clock"
            clock.write_text("0", encoding="ascii")
            run = asyncio.create_task(
                running.migrate("run", environment={"MIGRATOR_CLOCK": str(clock)}, python_path=STEPPED_CLOCK)
            )
            # nobody is deceived by a clock that was set before the answer was given up
            await _until(lambda: _doubts(folder / "workspace") > 0, run)
            clock.write_text(str(seconds), encoding="ascii")
            end = await run
            end = end if end.code == 0 else await _finished(running)
            await _without_card(running, plan.late_seconds)
            return await _judged(running, folder, seed, end)

    return play


def _doubts(workspace: Path) -> int:
    """Return how many creates of cases are in doubt; 0 where there is no database yet."""
    try:
        with closing(sqlite3.connect(f"file:{workspace / 'migration.db'}?mode=ro", uri=True)) as database:
            asked = "SELECT count(*) FROM operation WHERE kind = 'case' AND state = 'unknown'"
            return int(database.execute(asked).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


STORIES = (
    Story("an older workspace is put back and continued", restored_backup),
    Story("a workspace that was copied while it worked is continued", copied_live),
    Story("the database's -wal is lost", lost_wal),
    Story("finished from a new workspace, then the old one is continued", finished_elsewhere),
    Story("a copy and the original at once", copy_and_original),
    Story("a colleague edits during the load", colleague_during_the_load),
    Story("the clock jumps an hour ahead", clock_steps(3600)),
    Story("the clock falls an hour back", clock_steps(-3600)),
)


# --- what the stories share -------------------------------------------------------------------------------------------


@asynccontextmanager
async def _world(
    folder: Path, seed: int, *, latency: float = 0.01, faults: FaultPlan | None = None
) -> AsyncIterator[Rig]:
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    options = StandInOptions(latency=latency, faults=faults or FaultPlan())
    async with rig(folder, WORLD.data(seed), destination_options=options) as running:
        running.settings = {"http": {"timeout": 0.5}, "destination": {"settle_seconds": 1}}
        yield running


async def _until(condition: Callable[[], bool], process: "asyncio.Future[Ended]") -> None:
    """Return once the condition holds, or the process has ended."""
    while not condition() and not process.done():  # noqa: ASYNC110 - the stand-in counts, it does not announce
        await asyncio.sleep(0.01)


def _copy(running: Rig, name: str) -> None:
    shutil.copytree(running.folder / "workspace", running.folder / name)


def _put_back(running: Rig, name: str) -> None:
    shutil.rmtree(running.folder / "workspace")
    shutil.move(running.folder / name, running.folder / "workspace")


def _beside(running: Rig, workspace: str) -> Rig:
    """Return a second operator: the same sides, another workspace."""
    folder = running.folder / f"of {workspace}"
    folder.mkdir()
    settings = running.settings | {"workspace": str(running.folder / workspace)}
    return replace(running, folder=folder, settings=settings)


async def _finished(running: Rig) -> Ended:
    """Run until nothing is left to do; return how the last one ended."""
    for _ in range(_TRIES):
        end = await running.migrate("run")
        if end.code == 3:
            end = await running.migrate("retry")
        if end.code not in (5, _LOCKED):
            return end
        await asyncio.sleep(1 if end.code == _LOCKED else 0)
    return end


async def _without_card(running: Rig, late_seconds: float) -> None:
    """Wait for what comes late; a renewal of the card that came after its end is what the next load takes away."""
    for _ in range(_TRIES):
        await asyncio.sleep(late_seconds)
        if not any("(card " in (folder.comment or "") for folder in running.shop.folders.values()):
            break
        await running.migrate("run")


def _one_stopped(ends: Sequence[Ended]) -> list[str]:
    """Somebody may have come too late to notice; who stops says that somebody else writes there."""
    codes = [end.code for end in ends]
    return [] if set(codes) <= {0, 3, _LOCKED} else [f"exit codes {codes}: {ends[0].err[-300:]}{ends[1].err[-300:]}"]


async def _judged(running: Rig, folder: Path, seed: int, end: Ended) -> list[str]:
    """Return what differs from an undisturbed migration of the same world."""
    wrong = [] if end.code in _GOOD else [f"exit {end.code}: {end.err[-400:]}"]
    return wrong + differences(await _undisturbed(folder / "undisturbed", seed), _image(running))


async def _undisturbed(folder: Path, seed: int) -> Image:
    async with _world(folder, seed, latency=0) as running:
        end = await running.migrate("run")
        assert end.code == 0, end.err
        return _image(running)


def _image(running: Rig) -> Image:
    return image(running.destination.store, running.shop)
