"""Runs are made while cases still load, and never of a case that is not yet as it is to be."""

from pathlib import Path
from typing import Any

import anyio

from migrator.core.model import AnyEntity, RichText, StepResult
from tests.support.drafts import ref
from tests.support.history import case, folder, plain, result, run
from tests.support.history_rig import HistoryRig, history_rig
from tests.support.services import shell_of

ADDRESS = "https://acme.example/tests/20"
LINK = RichText(value=f'<p>See <a href="{ADDRESS}">the last one</a></p>', markup="html")
LAST = 20
EARLY = {ref("result", "12", run, result).marker for run, result in (("6", "3"), ("6", "4"))}


def project() -> list[AnyEntity]:
    """The first case links the last one, and so does the last result. A run is of the first, two are of others."""
    failed = StepResult(status="Failed", action=plain("Open"), actual=LINK)
    return [
        folder(),
        case(1, description=LINK), *(case(number) for number in range(2, LAST)), case(LAST, address=ADDRESS),
        run(5), result(1, 5, 1), result(2, 5, 2),
        run(6), result(3, 6, 2), result(4, 6, 3),
        run(7), result(5, 7, 4), result(6, 7, 4, steps=(failed,)),
    ]  # fmt: skip


def hold_last_case(rig: HistoryRig, until: set[str]) -> list[str]:
    """Let the last case come only when these results are there; return what is written, in order."""
    order: list[str] = []
    shell = shell_of(rig.stand_in.app)
    answer = shell._answer

    async def held(request: Any, handler: Any, fault: Any) -> Any:
        body = await request.json() if request.can_read_body and "json" in request.content_type else {}
        name = f"{request.method} {body.get('title', request.path.rpartition('/')[2])}"
        if name == f"POST Case {LAST}":
            with anyio.fail_after(20):
                while not until <= rig.results().keys():  # noqa: ASYNC110 - the stand-in does not announce
                    await anyio.sleep(0.01)
        done = await answer(request, handler, fault)
        order.append(name)
        return done

    shell._answer = held
    return order


async def test_runs_of_cases_that_are_there_do_not_wait_for_others(tmp_path: Path) -> None:
    async with history_rig(tmp_path, project()) as rig:
        order = hold_last_case(rig, EARLY)
        status = await rig.run()
        assert status.failures == []
        assert status.balanced, status.imbalance
        assert set(rig.results().values()) == {1}
        assert rig.results().total() == 6
        made = [place for place, name in enumerate(order) if name == f"POST Case {LAST}"]
        changed = [place for place, name in enumerate(order) if name.startswith("PATCH")]
        runs = {
            number: place for place, name in enumerate(order) for number in (5, 6, 7) if name.endswith(f"#{number}")
        }
        assert max(runs[6], runs[7]) < made[0] < changed[0] < runs[5]
        comments = [
            done.comment for run in rig.shop.runs.values() for row in run.cases.values() for done in row.results
        ]
        assert sum("/tcase/" in comment for comment in comments) == 1
        assert not any(ADDRESS in comment for comment in comments)
