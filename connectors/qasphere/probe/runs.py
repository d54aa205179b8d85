"""Questions about milestones, runs and results (§3.11 to §3.13)."""

import re
from typing import Any

from connectors.qasphere.probe.asker import Answer
from connectors.qasphere.probe.lab import Lab

_NAMED = re.compile(r"conflicting run id: (\d+)\s*$")
_MANY = 501
_AFTER_CLOSE = ("run.title_clash_closed", "run.close_twice", "run.log_closed", "result.closed")


async def ask_runs(lab: Lab, cases: list[str]) -> None:
    """Make runs of two cases, fill one with results, close it. ``cases``: two plain ones and a draft."""
    plain, draft = cases[:2], cases[2]
    milestones = [await lab.ask.post(f"{lab.path}/milestone", {"title": f"M{n} {lab.stamp}"}) for n in (1, 2)]
    again = await lab.ask.post(f"{lab.path}/milestone", {"title": f"M1 {lab.stamp}"})
    lab.status("milestone.twice", again)
    one, two = (milestone.get("id") for milestone in milestones)
    run = await _run(lab, "run", plain, milestoneId=one)
    lab.status("run.created", run)
    clash = await _run(lab, "run", plain, milestoneId=one)
    lab.status("run.title_clash", clash)
    named = _NAMED.search(clash.message)
    lab.found("run.title_clash_names", named is not None and int(named[1]) == run.get("id"), clash.message)
    lab.found("run.title_per_milestone", (await _run(lab, "run", plain, milestoneId=two)).is_good)
    lab.status("run.description_513", await _run(lab, "long", plain, description="x" * 513))
    lab.status("run.draft", await _run(lab, "draft", [*plain, draft]))
    lab.status("run.no_case", await _run(lab, "empty", []))
    if not run.is_good:
        for key in _AFTER_CLOSE:
            lab.skipped(key, "no run could be created")
        return
    path = f"{lab.path}/run/{run.get('id')}"
    await _ask_results(lab, path, plain, draft)
    await lab.ask.post(f"{path}/close", None)
    lab.status("run.close_twice", await lab.ask.post(f"{path}/close", None))
    lab.status("run.log_closed", await lab.ask.post(f"{path}/log", {"comment": "<p>late</p>"}))
    lab.status("result.closed", await _results(lab, path, [_item(plain[0], "passed", "late")]))
    late = await _run(lab, "run", plain, milestoneId=one)
    lab.found("run.title_clash_closed", _NAMED.search(late.message) is not None, f"{late.status} {late.message}")


async def _run(lab: Lab, title: str, cases: list[str], **more: Any) -> Answer:
    body = {"title": f"{title} {lab.stamp}", "type": "static", "queryPlans": [{"tcaseIds": cases}]} | more
    return await lab.ask.post(f"{lab.path}/run", body)


async def _ask_results(lab: Lab, path: str, plain: list[str], outsider: str) -> None:
    first, second = plain
    bad = await _results(lab, path, [_item(second, "passed", "good"), _item(outsider, "passed", "bad")])
    lab.status("result.batch_refused", bad)
    stored = await _read(lab, path, second)
    lab.found("result.batch_atomic", not bad.is_good and not stored, f"results of the good item: {len(stored)}")
    lab.status("result.inactive_status", await _results(lab, path, [_item(second, "custom4", "inactive")]))
    await _results(lab, path, [_item(first, "failed", "one"), _item(first, "passed", "two")])
    read = await _read(lab, path, first)
    comments = [str(row.get("comment")) for row in read]
    both = len(comments) == 2 and any("one" in text for text in comments) and any("two" in text for text in comments)
    lab.found("result.read_back", both, f"keys: {sorted(read[0])}" if read else "no results are given back")
    if both:
        lab.found("result.oldest_first", "one" in comments[0])
    else:
        lab.skipped("result.oldest_first", "results are not given back with their comments")
    shown = (await lab.ask.get(f"{path}/tcase/{first}")).get("status")
    lab.found("result.last_decides", shown == "passed", f"failed, then passed: shown as {shown}")
    lab.status("result.batch_501", await _results(lab, path, [_item(second, "passed", "many")] * _MANY))
    timed = await _results(lab, path, [_item(first, "passed", "sixty thousand") | {"timeTaken": 60_000}])
    where = f"run “run {lab.stamp}”: if the last result took one minute, it is milliseconds"
    lab.skipped("result.time_unit", f"only people can see it, in the {where}" if timed.is_good else timed.message)


def _item(case: str, status: str, comment: str) -> dict[str, Any]:
    return {"tcaseId": case, "status": status, "comment": f"<p>{comment}</p>"}


async def _results(lab: Lab, path: str, items: list[dict[str, Any]]) -> Answer:
    return await lab.ask.post(f"{path}/result/batch", {"items": items})


async def _read(lab: Lab, path: str, case: str) -> list[dict[str, Any]]:
    found = (await lab.ask.get(f"{path}/tcase/{case}")).get("results") or []
    return [row for row in found if isinstance(row, dict)]
