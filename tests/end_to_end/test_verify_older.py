"""``verify`` in a workspace that knows less than QA Sphere holds, because another one went on."""

import shutil
from pathlib import Path

from connectors.qasphere.sandbox.store_runs import Result
from tests.support.drafts import ref
from tests.support.history import case, folder, plain, result, run
from tests.support.history_rig import HistoryRig, history_rig


async def _classes(rig: HistoryRig) -> set[tuple[str, str]]:
    _, found = await rig.verify("all")
    return {(finding.what, finding.kind) for finding in found}


async def test_what_another_workspace_has_sent_since_is_newer_and_not_extra(tmp_path: Path) -> None:
    async with history_rig(tmp_path, []) as rig:
        first = result(1, 5, 1, "Failed")
        rig.source.entities = [folder(), case(1), run(5, closed=False), first]
        await rig.run()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        for words in ("the sum is wrong", "the tax is wrong"):
            rig.source.entities[-1] = first.model_copy(update={"comment": plain(words)})
            await rig.run()
        assert await _classes(rig) == set()
        rig.workspace = "older"
        assert await _classes(rig) == {("newer", "result")}
        await rig.run()
        assert await _classes(rig) == set()


async def test_a_result_of_which_nobody_knows_stays_extra(tmp_path: Path) -> None:
    async with history_rig(tmp_path, []) as rig:
        rig.source.entities = [folder(), case(1), run(5, closed=False), result(1, 5, 1, "Failed")]
        await rig.run()
        [row] = [row for made in rig.shop.runs.values() for row in made.cases.values()]
        strange = f"<p>Source: {ref('result', '12', '5', '77').marker}@9a6998ff</p>"
        row.results.insert(0, Result(901, "skipped", strange, None, [], 1))
        assert await _classes(rig) == {("extra", "result")}
