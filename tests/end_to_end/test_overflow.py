"""Texts of runs and results that do not fit, and whose file QA Sphere refuses: said in words, never a dead link."""

from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from migrator.app.reports.documents import Status
from migrator.core.model import AnyEntity
from migrator.core.text import visible_text
from migrator.standin.options import FaultKind, FaultPlan, Profile, StandInOptions
from tests.support.drafts import ref
from tests.support.history import case, folder, plain, result, run
from tests.support.history_rig import HistoryRig, history_rig
from tests.support.qasphere import refuse_files
from tests.support.rig import rig

LONG_RUN = "What was to be shown. " * 60
LONG_RESULT = "line of a log " * 9000
RUN, OTHER_RUN = (ref("run", "12", number).marker for number in ("5", "6"))
RESULT, OTHER_RESULT = (ref("result", "12", *ids).marker for ids in (("5", "1"), ("6", "2")))
RUN_FILE, RESULT_FILE = f"{RUN}#text-description", f"{RESULT}#text-comment"


def history() -> list[AnyEntity]:
    return [
        folder(), case(1), case(2),
        run(5, description=plain(LONG_RUN)), result(1, 5, 1, comment=plain(LONG_RESULT)), result(3, 5, 2),
        run(6, description=plain(LONG_RUN)), result(2, 6, 1, "Failed", comment=plain(LONG_RESULT)),
    ]  # fmt: skip


def texts(rig: HistoryRig) -> dict[str, str]:
    """The HTML of descriptions and of the comments of the first case, by the marker of run or result."""
    found = {marker: there.description for marker, there in rig.runs().items()}
    for row in (row for there in rig.shop.runs.values() for row in there.cases.values()):
        found |= {marker: seen.comment for seen in row.results for marker in (RESULT, OTHER_RESULT)
                  if marker in seen.comment}  # fmt: skip
    return found


def noted(status: Status, code: str) -> set[str]:
    return {example for note in status.notes if note["code"] == code for example in note["examples"]}


def writes_beside_files(rig: HistoryRig) -> int:
    return rig.calls("POST") - rig.calls("POST", "/file/batch") + rig.calls("PATCH")


def assert_said(rig: HistoryRig) -> None:
    """The refused ones say where the text is; the others lead to their files."""
    found = texts(rig)
    for marker in (RUN, RESULT):
        words = visible_text(found[marker])
        assert "The whole text is not in QA Sphere" in words
        assert "archive of the migration" in words
        assert "<a" not in found[marker]
        assert words.endswith(f"Source: {marker}")
    for marker in (OTHER_RUN, OTHER_RESULT):
        assert f'href="{rig.url}/api/file/' in found[marker]
        assert "is not in QA Sphere" not in found[marker]
    assert len(found[RUN]) <= 512


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_a_refused_text_is_said_brought_later_and_adopted(profile: Profile, tmp_path: Path) -> None:
    async with history_rig(tmp_path, history(), options=StandInOptions(profile=profile)) as rig:
        refused = refuse_files(rig.stand_in, "run-5.html", "result-1.html")
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert status.items["run"] == {"migrated": 2}, "one bad file sinks no run"
        assert status.items["result"] == {"migrated": 3}
        assert status.items["file"] == {"failed": 2, "migrated": 2}
        assert {failure["marker"]: failure["title"] for failure in status.failures} == {
            RUN_FILE: "run-5.html",
            RESULT_FILE: "result-1.html",
        }
        assert noted(status, "text_unlinked") == {RUN, RESULT}
        assert_said(rig)
        assert (await rig.verify("all"))[1] == []

        posts, writes, before = rig.calls("POST"), writes_beside_files(rig), texts(rig)
        again = await rig.run()
        assert rig.calls("POST") == posts
        assert again.items["run"] == {"unchanged": 2}
        assert {failure["marker"] for failure in again.failures} == {RUN_FILE, RESULT_FILE}, (
            "still missing, still named"
        )
        assert noted(again, "text_unlinked") == {RUN, RESULT}

        refused.clear()
        cured = await rig.retry()
        assert (cured.failures, cured.balanced) == ([], True)
        assert writes_beside_files(rig) == writes
        assert noted(cured, "text_late") == {RUN_FILE, RESULT_FILE}
        assert any("2 files came after" in text for text in rig.said())
        assert texts(rig) == before
        assert (await rig.verify("all"))[1] == []

        posts = rig.calls("POST")
        last = await rig.run()
        assert (rig.calls("POST"), last.failures, last.balanced) == (posts, [], True)
        assert noted(last, "text_late") == {RUN_FILE, RESULT_FILE}

        rig.workspace = "another"
        adopted = await rig.run()
        assert adopted.balanced, adopted.imbalance
        assert adopted.items["run"] == {"adopted": 2}
        assert adopted.items["result"] == {"adopted": 3}
        # where the list of runs shows no descriptions, nobody can see what this one says
        seen = {RESULT_FILE} if profile == "odd" else {RUN_FILE, RESULT_FILE}
        assert noted(adopted, "text_late") == seen
        assert writes_beside_files(rig) == writes
        assert texts(rig) == before


@pytest.mark.quick_clock
@pytest.mark.parametrize("fault", ["drop_after", "late"])
async def test_a_lost_answer_is_recognised_by_what_its_text_says(fault: FaultKind, tmp_path: Path) -> None:
    """The run or batch came about with words in place of the link, though its file may have arrived meanwhile."""
    options = StandInOptions(faults=FaultPlan(late_seconds=0.8, hang_seconds=1.0))
    async with history_rig(tmp_path, history(), options=options) as rig:
        rig.settle_seconds, rig.timeout = 1.5, 0.5
        refused = refuse_files(rig.stand_in, "run-5.html", "result-1.html")
        rig.spoil("POST /api/public/v0/project/{project}/run", fault)
        rig.spoil("/result/batch", fault)
        status = await rig.run()
        assert status.items["run"] == {"migrated": 2}
        assert status.items["result"] == {"migrated": 3}
        assert set(rig.results().values()) == {1}
        assert_said(rig)
        assert noted(status, "text_unlinked") == {RUN, RESULT}
        assert (await rig.verify("all"))[1] == []
        refused.clear()
        cured = await rig.retry()
        assert noted(cured, "text_late") == {RUN_FILE, RESULT_FILE}


async def test_what_was_not_created_yet_gets_its_link_when_the_file_comes(tmp_path: Path) -> None:
    async with history_rig(tmp_path, history()) as rig:
        refused = refuse_files(rig.stand_in, "run-5.html", "result-1.html")
        bad = ["#5"]
        rig.refuse(
            "POST /api/public/v0/project/{project}/run", 400, lambda body: any(name in body["title"] for name in bad)
        )
        status = await rig.run()
        assert status.items["run"] == {"failed": 1, "migrated": 1}
        assert status.items["result"] == {"blocked": 2, "migrated": 1}
        refused.clear()
        bad.clear()
        cured = await rig.retry()
        assert (cured.failures, cured.balanced) == ([], True)
        found = texts(rig)
        assert all(f'href="{rig.url}/api/file/' in found[marker] for marker in (RUN, RESULT, OTHER_RUN, OTHER_RESULT))
        assert noted(cured, "text_unlinked") | noted(cured, "text_late") == set()
        assert (await rig.verify("all"))[1] == []


async def test_the_rest_of_a_text_that_was_edited_at_the_source_arrives(tmp_path: Path) -> None:
    data = generate(2)
    test = data.tests_of(12)[0]
    test.description = f"<p>{'word ' * 15_000}</p>"
    async with rig(tmp_path, data) as running:
        await running.run()
        test.description = f"<p>{'word ' * 15_000}and an end that is new</p>"
        test.date_updated = "2031-01-01T00:00:00.0000000"
        ended = await running.run()
        assert ended.items["case"] == {"updated": 1, "unchanged": 1}
        (case,) = [one for one in running.shop.cases if one.files]
        (listed,) = case.files
        assert b"an end that is new" in running.destination.store.files[listed["id"]].content
        assert f"/api/file/{listed['id']}" in case.precondition
        assert (await running.verify()).different == []
