"""The probe: each profile of the stand-in is told apart, and only a throw-away project is written to."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.probe import QUESTIONS
from migrator.app.check.probe import probe
from migrator.app.check.run import check
from migrator.app.runtime.probe_file import load_probe
from migrator.core.errors import ConfigError
from migrator.core.events import ignore
from migrator.core.probe import ProbeResult
from migrator.standin.options import Profile, StandInOptions
from tests.support.rig import ROOT, Rig, rig


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(3)) as opened:
        yield opened


async def probed(folder: Path, profile: Profile) -> ProbeResult:
    async with rig(folder, generate(3), destination_options=StandInOptions(profile=profile)) as running:
        return await probe(running.parsed(), ignore, code="PRB")


def kept_tags(found: ProbeResult) -> set[object]:
    tags = found.answers["html.tags"].found
    return set(tags) if isinstance(tags, list) else set()


def verdicts(found: ProbeResult, verdict: str) -> set[str]:
    return {key for key, answer in found.answers.items() if answer.verdict == verdict}


async def test_the_strict_profile_is_what_is_assumed(tmp_path: Path) -> None:
    found = await probed(tmp_path, "strict")
    assert verdicts(found, "differs") == set()
    assert verdicts(found, "not_asked") == {"result.time_unit", "tenant.retry_after"}
    assert not found.keeps_tables
    assert not found.keeps_images
    assert {"p", "ul", "a", "pre"} <= kept_tags(found)


async def test_the_lenient_profile_is_told_apart(tmp_path: Path) -> None:
    found = await probed(tmp_path, "lenient")
    assert verdicts(found, "differs") == {
        "html.tables", "html.images", "case.empty_tag", "milestone.twice", "run.no_case",
        "run.close_twice", "tenant.user_ids", "list.precondition",
    }  # fmt: skip
    assert "may not have met" in found.answers["case.clash"].text
    assert found.keeps_tables
    assert found.keeps_images


async def test_the_odd_profile_is_told_apart(tmp_path: Path) -> None:
    found = await probed(tmp_path, "odd")
    assert verdicts(found, "differs") == {
        "project.no_default_folder", "case.created", "case.unknown_key", "list.links", "file.created", "run.created",
        "run.title_clash", "tenant.users_me", "tenant.audit_logs",
    }  # fmt: skip
    assert "case.legacy_id" in verdicts(found, "not_asked")


@pytest.mark.parametrize("kept", ["few", "none"])
async def test_tags_that_do_not_survive_are_named(tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    switches = qasphere.Switches(html="few", files_in_tcase="ignore")
    monkeypatch.setattr("connectors.qasphere.sandbox.switches_of", lambda _profile: switches)
    if kept == "none":
        monkeypatch.setattr("connectors.qasphere.sandbox.sanitise._FEW", {"p", "br"})
    found = await probed(tmp_path, "strict")
    assert kept_tags(found) == ({"p", "br"} if kept == "none" else set(QUESTIONS["html.tags"].expected or []))  # type: ignore[arg-type]
    assert found.answers["case.files"].found is False
    assert found.answers["case.files_replaced"].verdict == "not_asked"


async def test_only_the_throw_away_project_is_written_to_and_it_can_be_used_again(running: Rig) -> None:
    store = running.destination.store
    store.add_project("SHOP", "Shop")
    first = await probe(running.parsed(), ignore, code="prb")
    second = await probe(running.parsed(), ignore, code="PRB")
    assert first.project == second.project == "PRB"
    assert second.answers["project.no_default_folder"].verdict == "not_asked"
    assert verdicts(second, "differs") == set()
    assert store.projects["PRB"].title == "qasphere-migrator probe"
    assert (store.projects["SHOP"].cases, store.projects["SHOP"].folders) == ([], {})
    assert store.remote_comments == []
    assert [status.id for status in store.statuses.values() if status.is_active] == [
        "open", "passed", "failed", "blocked", "skipped",
    ]  # fmt: skip
    assert load_probe(running.parsed().workspace) == second


@pytest.mark.parametrize("code", ["shop", "OTHER"])
async def test_a_project_that_is_for_something_else_is_refused(running: Rig, code: str) -> None:
    running.destination.store.add_project("OTHER", "Payroll")
    with pytest.raises(ConfigError, match="will not use"):
        await probe(running.parsed(), ignore, code=code)
    assert running.writes() == 0
    assert load_probe(running.parsed().workspace) is None


async def test_without_the_marker_field_the_filters_are_not_asked_and_required_fields_are_filled(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, generate(3), marker_field=False) as running:
        store = running.destination.store
        store.add_custom_field("team", "Team", required=True)
        store.add_custom_field("kind", "Kind", "dropdown", required=True, options=("old", "new"))
        found = await probe(running.parsed(), ignore, code="PRB")
    assert verdicts(found, "not_asked") >= {"list.field_filter", "list.field_filter_several"}
    assert found.answers["case.created"].verdict == "as_assumed"


async def test_when_nothing_can_be_made_every_question_says_why(running: Rig) -> None:
    running.destination.store.add_custom_field("strange", "Strange", "dropdown", required=True)  # no option fits
    found = await probe(running.parsed(), ignore, code="PRB")
    assert found.answers["case.created"].verdict == "differs"
    assert "a plain case was refused: 400" in found.answers["run.created"].text
    assert found.answers["tenant.users_me"].verdict == "as_assumed"
    assert set(found.answers) == set(QUESTIONS)


async def test_the_command_asks_before_it_writes_and_prints_a_table(running: Rig) -> None:
    ended = await running.migrate("check --probe PRB")
    assert ended.code == 2
    assert "add --yes" in ended.err
    assert running.writes() == 0
    ended = await running.migrate("check --probe PRB --yes")
    assert ended.code == 0, ended.err
    assert "0 differ" in ended.out
    later = await check(running.parsed())
    assert [line.state for line in later.lines if line.subject == "probe"] == ["ok"]
    running.settings = {"destination": {"base_url": running.destination_url.replace("127.0.0.1", "localhost")}}
    later = await check(running.parsed())
    assert [line.state for line in later.lines if line.subject == "probe"] == ["warning"]
    running.settings = {}
    document = json.loads((await running.migrate("check --probe PRB --yes --json")).out)
    assert document["probe"]["answers"]["html.tables"]["found"] is False
    assert document["lines"]


def test_a_damaged_file_of_answers_is_named(tmp_path: Path) -> None:
    (tmp_path / "probe.json").write_text('{"version": 7}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"probe\.json"):
        load_probe(tmp_path)


def test_every_question_is_documented() -> None:
    text = (ROOT / "docs" / "probe.md").read_text(encoding="utf-8")
    assert [key for key in QUESTIONS if f"`{key}`" not in text] == []
