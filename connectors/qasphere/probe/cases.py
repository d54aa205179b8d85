"""Questions about folders and test cases (§3.2 to §3.5)."""

from functools import partial
from typing import Any

import anyio

from connectors.qasphere.probe.asker import Answer
from connectors.qasphere.probe.lab import Lab, Stuck

_AT_ONCE = 10
_STEP = {"description": "<p>x</p>", "expected": "<p>y</p>"}


async def ask_folders(lab: Lab) -> None:
    """Make the folder for everything else, then names that may be refused or cleaned."""
    base = await _folder(lab, f"probe {lab.stamp}")
    lab.folder = base.get("ids", 0, -1) or 0
    if not lab.folder:
        raise Stuck(f"no folder could be made: {base.status} {base.message}")
    lab.status("folder.slash", await _folder(lab, f"probe {lab.stamp}", "a/b"))
    plain = await _folder(lab, f"probe {lab.stamp}", "trimmed")
    blank = await _folder(lab, f"probe {lab.stamp}", " trimmed ")
    upper = await _folder(lab, f"probe {lab.stamp}", "TRIMMED")
    lab.found("folder.trimmed", blank.is_good and blank.get("ids", 0, -1) == plain.get("ids", 0, -1), blank.message)
    lab.found("folder.case", upper.get("ids", 0, -1) != plain.get("ids", 0, -1), upper.message)


async def _folder(lab: Lab, *path: str) -> Answer:
    return await lab.ask.post(f"{lab.path}/tcase/folder/bulk", {"folders": [{"path": list(path)}]})


async def ask_cases(lab: Lab, files: list[dict[str, object]]) -> list[str]:
    """Create cases of all kinds; return the ids of two plain ones and of a draft."""
    first = await lab.create_case("first")
    lab.status("case.created", first)
    if not first.is_good:
        raise Stuck(f"a plain case was refused: {first.status} {first.message}")
    second, draft = await lab.create_case("second"), await lab.create_case("draft", {"isDraft": True})
    beyond = await lab.create_case("far away", {"pos": 100_000})
    lab.status("case.position_beyond", beyond)
    unknown = await lab.create_case("unknown key", {"probeKey": 1, "legacyId": f"L-{lab.stamp}"})
    lab.status("case.unknown_key", unknown)
    if unknown.is_good:
        read = await lab.case(unknown.get("id"))
        lab.found("case.legacy_id", read.get("legacyId") == f"L-{lab.stamp}")
    else:
        lab.skipped("case.legacy_id", "a case with a key nobody knows was refused")
    lab.status("case.empty_tag", await lab.create_case("empty tag", {"tags": [""]}))
    lab.status("case.title_512", await lab.create_case("x" * (511 - len(lab.stamp))))
    await _ask_versions(lab, first)
    await _ask_step_data(lab)
    await _ask_files(lab, files)
    await _ask_clash(lab)
    return [str(answer.get("id")) for answer in (first, second, draft)]


async def _ask_versions(lab: Lab, created: Answer) -> None:
    ident = created.get("id")
    versions = [(await lab.case(ident)).get("version")]
    for _ in range(2):
        changed = await lab.ask.patch(f"{lab.path}/tcase/{ident}", {"priority": "high"})
        if not changed.is_good:
            lab.skipped("case.versions", f"a change was refused: {changed.status} {changed.message}")
            return
        versions.append((await lab.case(ident)).get("version"))
    lab.found("case.versions", versions)


async def _ask_step_data(lab: Lab) -> None:
    data = [{"type": "text", "label": "probe", "text": "x"}]
    created = await lab.create_case("step data", {"steps": [_STEP | {"data": data}]})
    read = await lab.case(created.get("id")) if created.is_good else created
    lab.found("case.step_data", bool(read.get("steps", 0, "data")), created.message)


async def _ask_files(lab: Lab, files: list[dict[str, object]]) -> None:
    if not files:
        for key in ("case.files", "case.files_replaced"):
            lab.skipped(key, "no file could be uploaded")
        return
    created = await lab.create_case("files", {"files": files})
    names = await _file_names(lab, created)
    lab.found("case.files", names == [file["fileName"] for file in files], f"given back: {names}; {created.message}")
    if not names:
        lab.skipped("case.files_replaced", "the case lists no files")
        return
    changed = await lab.ask.patch(f"{lab.path}/tcase/{created.get('id')}", {"files": files[:1]})
    after = await _file_names(lab, created)
    lab.found("case.files_replaced", after == names[:1], f"after sending one of two: {after}; {changed.message}")


async def _file_names(lab: Lab, created: Answer) -> list[Any]:
    read = await lab.case(created.get("id")) if created.is_good else created
    return [row.get("fileName") for row in read.get("files") or []]


async def _ask_clash(lab: Lab) -> None:
    """Create ten cases at once. All that were answered as created must be there, once each, and nothing else."""
    crowd = (await _folder(lab, f"probe {lab.stamp}", "at once")).get("ids", 0, -1)
    answers: list[Answer] = []

    async def create(number: int) -> None:
        answers.append(await lab.create_case(f"at once {number}", {"folderId": crowd}))

    async with anyio.create_task_group() as group:
        for number in range(_AT_ONCE):
            group.start_soon(partial(create, number))
    refused = [answer for answer in answers if answer.status == 409]
    if refused:
        lab.found("case.clash", found=True, text=f"{len(refused)} of {_AT_ONCE} were refused with 409")
    else:  # which proves nothing: calls leave one after the other, at the pace that is allowed
        lab.skipped("case.clash", f"none of {_AT_ONCE} was refused; at the allowed pace they may not have met")
    query = [("folders", str(crowd)), ("limit", "100"), ("sortField", "seq"), ("sortOrder", "asc")]
    rows = (await lab.ask.get(f"{lab.path}/tcase", query)).get("data") or []
    created = {answer.get("id") for answer in answers if answer.get("id")}
    listed = [row.get("id") for row in rows]
    text = f"{len(created)} were answered as created, {len(listed)} are listed"
    lab.found("case.all_there", len(listed) == len(created) and set(listed) == created, text)
