"""Questions about milestones, runs and results (§3.11 to §3.13)."""

import re
from functools import partial
from typing import Any

from connectors.qasphere.probe.asker import Answer, Stuck
from connectors.qasphere.probe.lab import Lab, needed

_NAMED = re.compile(r"conflicting run id: (\d+)\s*$")
_MANY = 501
_TITLES = ("run.title_clash", "run.title_clash_names", "run.title_per_milestone")
_ORDER = ("result.read_back", "result.oldest_first", "result.last_decides")


async def ask_runs(lab: Lab) -> None:
    """Make runs of two cases, fill one with results, close it."""
    first, second = [await _case(lab, number, {}) for number in ("first", "second")]
    plain = [first, second]
    one, two = await _milestone(lab, "M1"), await _milestone(lab, "M2")
    with lab.asking("milestone.twice"):
        lab.status("milestone.twice", await lab.ask.post(f"{lab.path}/milestone", {"title": f"M1 {lab.stamp}"}))
    with lab.asking("run.description_513"):
        lab.status("run.description_513", await _run(lab, "long", plain, description="x" * 513))
    with lab.asking("run.no_case"):
        lab.status("run.no_case", await _run(lab, "empty", []))
    with lab.asking("run.draft"):
        draft = await _case(lab, "draft", {"isDraft": True})
        lab.status("run.draft", await _run(lab, "draft", [*plain, draft]))
    run = await _run(lab, "run", plain, milestoneId=one)
    lab.status("run.created", run)
    needed("no run could be created", run)
    with lab.asking(*_TITLES):
        clash = await _run(lab, "run", plain, milestoneId=one)
        lab.status("run.title_clash", clash)
        named = _NAMED.search(clash.message)
        lab.found("run.title_clash_names", named is not None and int(named[1]) == run.get("id"), clash.message)
        lab.found("run.title_per_milestone", (await _run(lab, "run", plain, milestoneId=two)).is_good)
    path = f"{lab.path}/run/{run.get('id')}"
    await _ask_results(lab, path, plain)
    await _ask_closed(lab, path, plain, one)


async def _ask_closed(lab: Lab, path: str, plain: list[str], milestone: Any) -> None:
    needed("the run could not be closed", await lab.ask.post(f"{path}/close", None))
    with lab.asking("run.close_twice"):
        lab.status("run.close_twice", await lab.ask.post(f"{path}/close", None))
    with lab.asking("run.log_closed"):
        lab.status("run.log_closed", await lab.ask.post(f"{path}/log", {"comment": "<p>late</p>"}))
    with lab.asking("result.closed"):
        lab.status("result.closed", await _results(lab, path, [_item(plain[0], "passed", "late")]))
    with lab.asking("run.title_clash_closed"):
        late = await _run(lab, "run", plain, milestoneId=milestone)
        lab.found("run.title_clash_closed", _NAMED.search(late.message) is not None, f"{late.status} {late.message}")


async def _case(lab: Lab, title: str, more: dict[str, Any]) -> str:
    created = await lab.prepared("a case for runs was refused", partial(lab.create_case, f"run {title}", more))
    if not isinstance(ident := created.get("id"), str):
        raise Stuck("a case was created without an id")
    return ident


async def _milestone(lab: Lab, title: str) -> Any:
    body = {"title": f"{title} {lab.stamp}"}
    return needed("a milestone was refused", await lab.ask.post(f"{lab.path}/milestone", body)).get("id")


async def _run(lab: Lab, title: str, cases: list[str], **more: Any) -> Answer:
    body = {"title": f"{title} {lab.stamp}", "type": "static", "queryPlans": [{"tcaseIds": cases}]} | more
    return await lab.ask.post(f"{lab.path}/run", body)


async def _ask_results(lab: Lab, path: str, plain: list[str]) -> None:
    first, second = plain
    with lab.asking("result.batch_refused", "result.batch_atomic"):
        outsider = await _case(lab, "outsider", {})
        bad = await _results(lab, path, [_item(second, "passed", "good"), _item(outsider, "passed", "bad")])
        lab.status("result.batch_refused", bad)
        stored = await _read(lab, path, second)
        text = f"results of the good item: {len(stored)}"
        lab.found("result.batch_atomic", not bad.is_good and not stored, text)
    with lab.asking("result.inactive_status"):
        lab.status("result.inactive_status", await _results(lab, path, [_item(second, "custom4", "inactive")]))
    with lab.asking(*_ORDER):
        await _ask_order(lab, path, first)
    with lab.asking("result.batch_501"):
        lab.status("result.batch_501", await _results(lab, path, [_item(second, "passed", "many")] * _MANY))
    with lab.asking("result.time_unit"):
        timed = await _results(lab, path, [_item(first, "passed", "sixty thousand") | {"timeTaken": 60_000}])
        where = f"run “run {lab.stamp}”: if the last result took one minute, it is milliseconds"
        lab.skipped("result.time_unit", f"only people can see it, in the {where}" if timed.is_good else timed.message)


async def _ask_order(lab: Lab, path: str, case: str) -> None:
    both = await _results(lab, path, [_item(case, "failed", "one"), _item(case, "passed", "two")])
    needed("two results of one case were refused", both)
    read = await _read(lab, path, case)
    comments = [str(row.get("comment")) for row in read]
    are_there = (
        len(comments) == 2 and any("one" in text for text in comments) and any("two" in text for text in comments)
    )
    lab.found("result.read_back", are_there, f"keys: {sorted(read[0])}" if read else "no results are given back")
    if are_there:
        lab.found("result.oldest_first", "one" in comments[0])
    else:
        lab.skipped("result.oldest_first", "results are not given back with their comments")
    shown = needed("the case of a run could not be read", await lab.ask.get(f"{path}/tcase/{case}")).get("status")
    lab.found("result.last_decides", shown == "passed", f"failed, then passed: shown as {shown}")


def _item(case: str, status: str, comment: str) -> dict[str, Any]:
    return {"tcaseId": case, "status": status, "comment": f"<p>{comment}</p>"}


async def _results(lab: Lab, path: str, items: list[dict[str, Any]]) -> Answer:
    return await lab.ask.post(f"{path}/result/batch", {"items": items})


async def _read(lab: Lab, path: str, case: str) -> list[dict[str, Any]]:
    answer = needed("the case of a run could not be read", await lab.ask.get(f"{path}/tcase/{case}"))
    found = answer.get("results") or []
    return [row for row in found if isinstance(row, dict)]
