"""Questions about folders and test cases (§3.2 to §3.5)."""

from functools import partial
from typing import Any

import anyio

from connectors.qasphere.probe.asker import Answer, Stuck, Trouble
from connectors.qasphere.probe.lab import Lab, needed

_AT_ONCE = 10
_STEP = {"description": "<p>x</p>", "expected": "<p>y</p>"}


async def ask_folders(lab: Lab) -> None:
    """Make the folder for everything else, then names that may be refused or cleaned."""
    base = await lab.prepared("no folder could be made", partial(_folder, lab, f"probe {lab.stamp}"))
    lab.folder = base.get("ids", 0, -1) or 0
    if not lab.folder:
        raise Stuck(f"no folder could be made: the answer {base.status} names none")
    with lab.asking("folder.slash"):
        lab.status("folder.slash", await _folder(lab, f"probe {lab.stamp}", "a/b"))
    with lab.asking("folder.trimmed", "folder.case"):
        plain = await _folder_id(lab, "trimmed")
        blank = await _folder(lab, f"probe {lab.stamp}", " trimmed ")
        lab.found("folder.trimmed", blank.is_good and blank.get("ids", 0, -1) == plain, blank.message)
        lab.found("folder.case", await _folder_id(lab, "TRIMMED") != plain)


async def _folder_id(lab: Lab, name: str) -> Any:
    what = f"the folder “{name}” could not be made"
    return (await lab.prepared(what, partial(_folder, lab, f"probe {lab.stamp}", name))).get("ids", 0, -1)


async def _folder(lab: Lab, *path: str) -> Answer:
    return await lab.ask.post(f"{lab.path}/tcase/folder/bulk", {"folders": [{"path": list(path)}]})


async def ask_cases(lab: Lab, files: list[dict[str, object]]) -> None:
    """Create cases of all kinds."""
    ident = await _ask_create(lab)
    with lab.asking("case.position_beyond"):
        lab.status("case.position_beyond", await lab.create_case("far away", {"pos": 100_000}))
    await _ask_unknown_key(lab)
    with lab.asking("case.empty_tag"):
        lab.status("case.empty_tag", await lab.create_case("empty tag", {"tags": [""]}))
    with lab.asking("case.title_512"):
        lab.status("case.title_512", await lab.create_case("x" * (511 - len(lab.stamp))))
    await _ask_versions(lab, ident)
    await _ask_step_data(lab)
    await _ask_files(lab, files)
    await _ask_clash(lab)


async def _ask_create(lab: Lab) -> Any:
    answer: Answer | None = None

    async def create() -> Answer:
        nonlocal answer
        answer = await lab.create_case("first")
        return answer

    try:
        return (await lab.prepared("a plain case was refused", create)).get("id")
    finally:
        if answer is not None:
            lab.status("case.created", answer)


async def _ask_unknown_key(lab: Lab) -> None:
    with lab.asking("case.unknown_key", "case.legacy_id"):
        unknown = await lab.create_case("unknown key", {"probeKey": 1, "legacyId": f"L-{lab.stamp}"})
        lab.status("case.unknown_key", unknown)
        needed("a case with a key nobody knows was refused", unknown)
        lab.found("case.legacy_id", (await lab.case(unknown.get("id"))).get("legacyId") == f"L-{lab.stamp}")


async def _ask_versions(lab: Lab, ident: Any) -> None:
    with lab.asking("case.versions"):
        versions = [(await lab.case(ident)).get("version")]
        for _ in range(2):
            changed = await lab.ask.patch(f"{lab.path}/tcase/{ident}", {"priority": "high"})
            needed("a change was refused", changed)
            versions.append((await lab.case(ident)).get("version"))
        lab.found("case.versions", versions)


async def _ask_step_data(lab: Lab) -> None:
    data = [{"type": "text", "label": "probe", "text": "x"}]
    with lab.asking("case.step_data"):
        created = await lab.create_case("step data", {"steps": [_STEP | {"data": data}]})
        read = await lab.case(created.get("id")) if created.is_good else created
        lab.found("case.step_data", bool(read.get("steps", 0, "data")), created.message)


async def _ask_files(lab: Lab, files: list[dict[str, object]]) -> None:
    with lab.asking("case.files", "case.files_replaced"):
        if not files:
            raise Stuck("no file could be uploaded")
        created = await lab.create_case("files", {"files": files})
        names = await _file_names(lab, created)
        text = f"given back: {names}; {created.message}"
        lab.found("case.files", names == [file["fileName"] for file in files], text)
        if not names:
            raise Stuck("the case lists no files")
        changed = await lab.ask.patch(f"{lab.path}/tcase/{created.get('id')}", {"files": files[:1]})
        needed("a change of the files was refused", changed)
        after = await _file_names(lab, created)
        lab.found("case.files_replaced", after == names[:1], f"after sending one of two: {after}")


async def _file_names(lab: Lab, created: Answer) -> list[Any]:
    read = await lab.case(created.get("id")) if created.is_good else created
    return [row.get("fileName") for row in read.get("files") or []]


async def _ask_clash(lab: Lab) -> None:
    """Create ten cases at once. All that were answered as created must be there, once each, and nothing else."""
    with lab.asking("case.clash", "case.all_there"):
        crowd = await _folder_id(lab, "at once")
        answers: list[Answer] = []
        failures: list[Trouble] = []

        async def create(number: int) -> None:
            try:
                answers.append(await lab.create_case(f"at once {number}", {"folderId": crowd}))
            except Trouble as trouble:
                failures.append(trouble)

        async with anyio.create_task_group() as group:
            for number in range(_AT_ONCE):
                group.start_soon(partial(create, number))
        refused = [answer for answer in answers if answer.status == 409]
        if refused:
            lab.found("case.clash", found=True, text=f"{len(refused)} of {_AT_ONCE} were refused with 409")
        else:  # which proves nothing: calls leave one after the other, at the pace that is allowed
            lab.skipped("case.clash", f"none of {_AT_ONCE} was refused; at the allowed pace they may not have met")
        if failures:  # whether those were created nobody knows
            raise failures[0]
        await _ask_all_there(lab, crowd, {answer.get("id") for answer in answers if answer.is_good})


async def _ask_all_there(lab: Lab, folder: Any, created: set[Any]) -> None:
    query = [("folders", str(folder)), ("limit", "100"), ("sortField", "seq"), ("sortOrder", "asc")]
    answer = needed("the cases could not be listed", await lab.ask.get(f"{lab.path}/tcase", query))
    listed = [row.get("id") for row in answer.get("data") or []]
    text = f"{len(created)} were answered as created, {len(listed)} are listed"
    lab.found("case.all_there", len(listed) == len(created) and set(listed) == created, text)
