"""Results and run logs, asked by the client, in every profile."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from connectors.qasphere.sandbox import RUNNER_KEY, VIEWER_KEY
from connectors.qasphere.sandbox.access import Access
from connectors.qasphere.wire.bodies import NewResult, StatusChange
from migrator.core.errors import OutcomeUnknown, Rejected
from migrator.standin.options import FaultKind, Profile
from tests.support.qasphere import ENDPOINTS, HOOKS, PROFILES, Scene, scene

profiles = pytest.mark.parametrize("profile", PROFILES)
PASSED = NewResult(status="passed")


async def refused(made: Scene, path: str, body: object) -> Rejected:
    """POST something that the client's own bodies would not let through."""
    address = f"/project/SHOP/run/{made.run_id}/{path}"
    with pytest.raises(Rejected) as caught:
        await made.api.write("POST", address, body, HOOKS, repeatable=False)
    return caught.value


def stored(made: Scene) -> int:
    return sum(len(case.results) for case in made.project.runs[made.run_id].cases.values())


@profiles
async def test_results_are_read_back_from_the_single_case_only(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        comment = '<p onclick="x">It "works"</p><script>no</script>'
        first = await made.result("failed", comment=comment)
        second = await made.result("passed")
        case = await made.api.run_case("SHOP", made.run_id, made.case_ids[0])
        assert [(row.id, row.status, row.time_taken) for row in case.results] == [
            (first, "failed", 60_000),
            (second, "passed", 60_000),
        ]
        assert case.results[0].comment == "<p>It &#34;works&#34;</p>"
        assert case.status == "passed"
        assert [row.status for row in await made.api.run_cases("SHOP", made.run_id)] == ["passed", "open"]
        document = await made.api.get(f"/project/SHOP/run/{made.run_id}/tcase")
        assert "results" not in document["tcases"][0]


@profiles
async def test_a_case_is_named_by_id_number_or_legacy_id(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        made.project.cases[1].legacy_id = "old/ID 7?#%"
        for name in (made.case_ids[1], "2", "old/ID 7?#%"):
            await made.api.create_result("SHOP", made.run_id, name, PASSED, HOOKS)
            assert (await made.api.run_case("SHOP", made.run_id, name)).seq == 2
        assert stored(made) == 3


@profiles
async def test_a_batch_answers_ids_in_order_and_its_last_result_decides(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        one, two = made.case_ids[:2]
        batch = [
            (one, NewResult(status="failed", comment="<p>1</p>")),
            (two, NewResult(status="blocked")),
            (one, NewResult(status="skipped", comment="<p>2</p>")),
        ]
        ids = await made.api.create_results("SHOP", made.run_id, batch, HOOKS)
        assert ids == sorted(ids)
        results = (await made.api.run_case("SHOP", made.run_id, one)).results
        assert [(row.id, row.comment) for row in results] == [(ids[0], "<p>1</p>"), (ids[2], "<p>2</p>")]
        counts = (await made.api.runs("SHOP"))[0].status_counts
        assert counts
        assert (counts["all"], counts["skipped"], counts["blocked"], counts["failed"]) == (2, 1, 1, 0)


@profiles
async def test_one_wrong_item_stores_nothing_of_a_batch(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        good = {"tcaseId": made.case_ids[0], "status": "passed"}
        for wrong in (
            {"tcaseId": made.case_ids[2], "status": "passed"},
            {"tcaseId": "1", "status": "passed"},
            {"status": "passed"},
            good | {"status": "custom1"},
            good | {"timeTaken": -1},
        ):
            assert (await refused(made, "result/batch", {"items": [good, wrong]})).status == 400
        for items in ([], [good] * 501, "x"):
            assert (await refused(made, "result/batch", {"items": items})).status == 400
        assert stored(made) == 0
        assert len(await made.api.create_results("SHOP", made.run_id, [(made.case_ids[0], PASSED)] * 500, HOOKS)) == 500


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "done"},
        {"status": None},
        {"status": "custom2"},
        {"timeTaken": 1.5},
        {"timeTaken": True},
        {"comment": 7},
        {"links": [{"text": "a", "url": "https://a.example"}]},
        {"links": [{"integrationId": "jira", "text": "a", "url": "https://a.example"}]},
    ],
)
async def test_a_result_that_is_wrong_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        path = f"tcase/{made.case_ids[0]}/result"
        assert (await refused(made, path, {"status": "passed"} | fields)).status == 400
        assert stored(made) == 0


@profiles
async def test_a_closed_run_takes_nothing(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.api.close_run("SHOP", made.run_id, HOOKS)
        for call in (
            made.result(),
            made.api.create_results("SHOP", made.run_id, [(made.case_ids[0], PASSED)], HOOKS),
            made.api.add_run_log("SHOP", made.run_id, "<p>late</p>", HOOKS),
        ):
            with pytest.raises(Rejected, match="run is closed") as caught:
                await call
            assert caught.value.status == 409
        assert stored(made) == 0


@profiles
async def test_what_is_not_there_is_404(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        for run_id, case_id in ((99, made.case_ids[0]), (made.run_id, made.case_ids[2]), (made.run_id, "nobody")):
            for call in (
                made.api.create_result("SHOP", run_id, case_id, PASSED, HOOKS),
                made.api.run_case("SHOP", run_id, case_id),
            ):
                with pytest.raises(Rejected) as caught:
                    await call
                assert caught.value.status == 404


@profiles
async def test_a_run_log_is_kept_and_not_empty(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        ident = await made.api.add_run_log("SHOP", made.run_id, "<p>Moved</p>", HOOKS)
        (log,) = made.project.runs[made.run_id].logs
        assert (log.id, log.comment) == (ident, "<p>Moved</p>")
        assert (await refused(made, "log", {"comment": ""})).status == 400


async def test_custom_statuses_work_once_they_are_active(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        change = StatusChange(id="custom1", name="Retest", color="orange", is_active=True)
        await made.api.update_statuses([change], HOOKS)
        await made.result("custom1")
        assert (await made.api.run_case("SHOP", made.run_id, "1")).status == "custom1"


async def test_links_write_to_issue_trackers_so_the_client_has_none(tmp_path: Path) -> None:
    async with scene(tmp_path, "lenient") as made:
        link = {"text": "a", "url": "https://a.example", "meta": {"id": "7"}}
        body = {"status": "passed", "links": [link]}
        await made.api.write("POST", "/project/SHOP/run/1/tcase/1/result", body, HOOKS, repeatable=False)
        assert made.stand_in.store.remote_comments == [link]
    with pytest.raises(ValidationError):
        NewResult.model_validate({"status": "passed", "links": [link]})
    assert NewResult(status="passed").document() == {"status": "passed", "comment": ""}


@pytest.mark.parametrize(("key", "may"), [(RUNNER_KEY, True), (VIEWER_KEY, False)])
async def test_results_need_a_test_runner(key: str, may: bool, tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.sign_in(key)
        if may:
            await made.result()
        else:
            with pytest.raises(Rejected) as caught:
                await made.result()
            assert caught.value.status == 403
        assert stored(made) == int(may)


# --- lost answers -----------------------------------------------------------------------------------------------------


CREATES = (
    "projects.create", "milestones.create", "test_cases.create", "test_cases.bulk_create", "runs.create", "runs.clone",
    "test_plans.create", "results.create", "results.batch_create", "runs.logs.create",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "html", "bad_json"])
@pytest.mark.parametrize("client", CREATES)
async def test_creates_are_sent_once_and_unknown_without_a_readable_answer(
    client: str, kind: FaultKind, tmp_path: Path
) -> None:
    async with scene(tmp_path) as made:
        endpoint = next(endpoint for endpoint in ENDPOINTS if endpoint.client == client)
        made.stand_in.log.last.clear()
        made.spoil(kind, kind)
        with pytest.raises(OutcomeUnknown):
            await endpoint.call(made)
        assert len(made.stand_in.log.last) == 1


@pytest.mark.parametrize("client", CREATES)
async def test_creates_count_only_with_an_id(client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as made:
        monkeypatch.setattr(Access, "_created", lambda _self, _document: web.json_response({"message": "done"}))
        endpoint = next(endpoint for endpoint in ENDPOINTS if endpoint.client == client)
        with pytest.raises(OutcomeUnknown, match="no id"):
            await endpoint.call(made)


async def test_an_answer_with_too_few_ids_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as made:
        body = [(made.case_ids[0], PASSED)] * 2
        monkeypatch.setattr(Access, "_created", lambda _self, _document: web.json_response({"ids": [1]}))
        with pytest.raises(OutcomeUnknown, match="1 id where 2 were due"):
            await made.api.create_results("SHOP", made.run_id, body, HOOKS)
