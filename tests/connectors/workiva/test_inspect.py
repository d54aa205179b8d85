"""Looking over: true counts whatever the lists show, missing rights named, limits kept, nothing written."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.workiva import sandbox
from connectors.workiva.inspect import survey
from connectors.workiva.sandbox import READER_ID, Attachment, Form, SeedData, WorkivaStandIn, demo_data, generate
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, TemporaryError
from migrator.core.model import Result, TestCase
from migrator.core.ports.inspectable import Line
from migrator.core.refs import PREFIX
from migrator.standin.options import ALL_FAULTS, FaultPlan, Profile, StandInOptions
from tests.support.workiva import opened, serving, stand_in


def held(data: SeedData) -> dict[str, int]:
    """What there is, by stream."""
    matrices = [matrix for *_, matrix in data.matrices()]
    return {
        "forms": len(data.forms),
        "phases": sum(len(form.phases) for form in data.forms),
        "matrices": len(matrices),
        "samples": len(data.samples()),
    }


async def preflight(built: WorkivaStandIn, *projects: str, **settings: Any) -> list[Line]:
    async with serving(built, read_only=True, **settings) as workiva:
        return [line async for line in workiva.source.preflight(projects or ("*",))]


def about(lines: list[Line], subject: str, state: str = "ok") -> str:
    """The texts of all lines about a subject."""
    found = [line.text for line in lines if line.subject == subject and line.state == state]
    assert found, [line.text for line in lines]
    return "\n".join(found)


def denied() -> tuple[SeedData, Form]:
    data = generate(3, phases=2, matrices=1, samples=3)
    data.denied.add(data.forms[1].id)
    return data, data.forms[1]


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
@pytest.mark.parametrize("switches", [{"page_size": 2}, {"expands": False}, {"links": "bare", "page_size": 1}])
async def test_counts_are_what_there_is(profile: Profile, switches: Mapping[str, Any]) -> None:
    data = demo_data()
    async with serving(stand_in(data, profile=profile, **switches), read_only=True) as workiva:
        assert await workiva.source.counts("*") == held(data)
        for form in data.forms:
            one = held(SeedData([form]))
            del one["forms"]
            assert await workiva.source.counts(form.id) == one
        two = [form.id for form in data.forms[:2]]
        assert await workiva.source.counts(",".join(two)) == held(SeedData(data.forms[:2]))


async def test_a_long_expansion_is_not_believed() -> None:
    data = generate(1, phases=1, matrices=30, samples=1)
    async with serving(stand_in(data), read_only=True) as workiva:
        assert (await workiva.source.counts("*"))["matrices"] == 30


async def test_nothing_is_asked_twice_and_nothing_is_written() -> None:
    data = generate(4, phases=2, matrices=2, samples=3)
    built = stand_in(data)
    async with serving(built, read_only=True) as workiva:
        await workiva.source.counts("*")
        asked = built.log.counts.total()
        for form in data.forms:
            await workiva.source.counts(form.id)
            await workiva.source.sample(form.id)
        assert [line async for line in workiva.source.preflight(["*", data.forms[0].id])]
    assert built.log.counts.total() == asked
    # token, forms; of each form its phases, of each phase its matrices, for their columns; of each matrix its samples
    assert asked == 1 + 1 + 4 + 4 * 2 + 4 * 2 * 2
    assert {call for call in built.log.counts if not call.startswith("GET ")} == {"POST /oauth2/token"}


async def test_a_bad_day_changes_no_count() -> None:
    data = generate(3, phases=2, matrices=2, samples=4)
    kinds = [kind for kind in ALL_FAULTS if kind not in ("hang", "late", "throttle_bare")]  # those mostly take time
    faults = FaultPlan(share=0.15, seed=5, kinds=tuple(kinds), throttle_seconds=0.02)
    built = sandbox.build(StandInOptions(profile="odd", faults=faults), data)
    counts: Mapping[str, int] = {}
    async with sandbox.serving(built) as url:
        for _ in range(6):  # a command may be given again, too
            try:
                async with opened(url, read_only=True) as workiva:
                    counts = await workiva.source.counts("*")
                    break
            except TemporaryError:
                continue
    assert counts == held(data)
    assert set(built.log.statuses) - {200}


async def test_a_look_that_an_error_ended_is_taken_again_and_tells_no_half_of_it() -> None:
    data = generate(2, phases=2, matrices=2, samples=2, attachments=8)
    built = stand_in(data, page_size=1)
    async with serving(built, read_only=True) as workiva:
        await workiva.source.visible_projects()
        built.switches.links = "foreign"
        with pytest.raises(TemporaryError, match="leads to another place"):
            await workiva.source.counts("*")
        built.switches.links = "absolute"
        assert await workiva.source.counts("*") == held(data)
        lines = [line async for line in workiva.source.preflight(["*"])]
    assert "without phases" not in about(lines, "source test forms")
    assert "at least 8 on" in about(lines, "source attachments")


async def test_what_is_removed_meanwhile_is_not_counted() -> None:
    data = generate(3, phases=1, matrices=2, samples=2)
    async with serving(stand_in(data), read_only=True) as workiva:
        await workiva.source.visible_projects()
        data.forms.pop(0)
        counts = await workiva.source.counts("*")
        assert (counts["phases"], counts["samples"]) == (2, 8)


# --- limits of the look -----------------------------------------------------------------------------------------------


async def test_samples_are_looked_at_in_every_form_and_not_counted_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(survey, "_PAGES", 4)
    data = generate(4, phases=1, matrices=3, samples=5)
    built = stand_in(data, page_size=2)
    async with serving(built, read_only=True) as workiva:
        counts = await workiva.source.counts("*")
        assert counts == {name: count for name, count in held(data).items() if name != "samples"}
        for form in data.forms:
            assert len(await workiva.source.sample(form.id)) == 2 * 2
        line = about([line async for line in workiva.source.preflight(["*"])], "source project * limits")
    assert "4 of 4 test forms and 8 samples examined" in line
    assert sum(count for call, count in built.log.counts.items() if call.endswith("/samples")) == 4


async def test_a_workspace_of_very_many_forms_is_opened_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_FORMS", 2)
    built = stand_in(generate(5, phases=1, matrices=1, samples=1))
    async with serving(built, read_only=True) as workiva:
        assert await workiva.source.counts("*") == {"forms": 5}
        assert await workiva.source.counts((await workiva.source.visible_projects())[4].id) == {}
        lines = [line async for line in workiva.source.preflight(["*"])]
    assert "2 of 5 test forms and 2 samples examined" in about(lines, "source project * limits")
    assert sum(count for call, count in built.log.counts.items() if call.endswith("/testPhases")) == 2


async def test_a_long_list_of_samples_is_counted_and_only_sampled() -> None:
    data = generate(1, phases=1, matrices=1, samples=130)
    async with serving(stand_in(data), read_only=True) as workiva:
        assert (await workiva.source.counts("*"))["samples"] == 130
        sample = await workiva.source.sample("*")
    assert len({entity.ref for entity in sample}) == len(sample) == 60
    assert [type(entity) for entity in sample[:2]] == [TestCase, Result]


# --- rights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_a_form_that_may_not_be_opened_is_named_and_ends_nothing(profile: Profile) -> None:
    data, form = denied()
    async with serving(stand_in(data, profile=profile), read_only=True) as workiva:
        assert form.id in [project.id for project in await workiva.source.visible_projects()]
        with pytest.raises(AuthenticationError, match=form.id) as raised:
            await workiva.source.counts(form.id)
        assert raised.value.code == ErrorCode.PERMISSION
        assert await workiva.source.counts("*") == {"forms": 3, "phases": 4, "matrices": 4, "samples": 12}
        assert await workiva.source.sample(form.id) == []
        lines = [line async for line in workiva.source.preflight(["*"])]
    (problem,) = [line for line in lines if line.state == "problem"]
    assert f"1 of those to migrate: {form.id} ({form.name})" in problem.text
    assert f'source.skip: ["{form.id}"]' in problem.next_step
    assert problem.is_permission
    assert "2 of 3 test forms and 12 samples examined" in about(lines, "source project * limits")
    assert lines[-1].subject == "source operations"


async def test_a_form_that_may_not_be_opened_is_no_problem_where_it_is_not_wanted() -> None:
    data, form = denied()
    wanted = [other.id for other in data.forms if other is not form]
    lines = await preflight(stand_in(data), ",".join(wanted))
    assert {line.state for line in lines} == {"ok"}
    assert f"not named in the config: {form.id} ({form.name})" in about(lines, "source test forms")
    lines = await preflight(stand_in(data), skip=[form.id])
    assert {line.state for line in lines} == {"ok"}
    assert "2 visible, without 1 in source.skip" in about(lines, "source test forms")


async def test_what_is_skipped_already_stays_in_the_proposed_list() -> None:
    data, form = denied()
    (problem,) = [line for line in await preflight(stand_in(data), skip=["other"]) if line.state == "problem"]
    assert f'source.skip: ["other", "{form.id}"]' in problem.next_step


async def test_scopes_and_generation_are_told() -> None:
    lines = await preflight(stand_in(generate(1)))
    assert "graph:read, and graph:write" in about(lines, "source permissions")
    assert about(lines, "source API") == "generation 2026-01-01"
    lines = await preflight(stand_in(generate(1)), client_id=READER_ID, api_version="2022-01-01")
    assert "graph:read, but not graph:write" in about(lines, "source permissions")
    assert "deprecated" in about(lines, "source API", "warning")


async def test_a_user_who_sees_nothing_is_told_so() -> None:
    lines = await preflight(stand_in(SeedData()))
    assert "none is visible" in about(lines, "source test forms", "warning")


# --- what a run would stumble over ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_the_demo_is_described(profile: Profile) -> None:
    lines = await preflight(stand_in(profile=profile), polls_per_second=0.5)
    forms = about(lines, "source test forms")
    assert "4 visible; whether archived ones are among them, Workiva does not say" in forms
    assert "1 without phases, of which only the folder is made" in forms
    assert "AP-12 Three-way match (rolled forward)" in forms
    assert "1 folder name with a “/”" in about(lines, "source project * limits")
    verdicts = about(lines, "source verdicts")
    assert "7 result columns" in verdicts
    assert "“PASS” (" in verdicts
    assert "no built-in list knows “see note 4” (2), see" in verdicts
    files = about(lines, "source attachments", "warning")
    assert "at least 20 on what was examined" in files
    assert "1 more hang on test forms themselves and cannot be downloaded" in files
    assert "plan --fetch" in files
    assert "at most 0.5 times a second" in about(lines, "source operations")
    assert "at least 40 s" in about(lines, "source operations")


async def test_words_of_the_config_are_known() -> None:
    lines = await preflight(stand_in(), verdicts={"passed": ["See note 4"]})
    assert "no built-in list" not in about(lines, "source verdicts")


async def test_what_exceeds_the_limits_is_counted() -> None:
    data = generate(1, phases=1, matrices=1, samples=2)
    form = data.forms[0]
    form.name = "F" * 250
    form.phases[0].name = "Interim/Update"
    form.phases[0].matrices[0].name = "M" * 520
    line = about(await preflight(stand_in(data)), "source project * limits")
    assert "2 case titles over 511 characters" in line
    assert "1 folder name over 255 characters" in line
    assert "1 folder name with a “/”" in line
    assert "1 run title over 255 characters" in line


async def test_receipts_are_not_counted_as_attachments() -> None:
    data = generate(1, phases=1, matrices=1, samples=1)
    data.forms[0].phases[0].attachments = [
        Attachment.of("1", f"{PREFIX}1.txt", b"x"),
        Attachment.of("2", "evidence.txt", b"x"),
    ]
    lines = await preflight(stand_in(data))
    assert "at least 1 on" in about(lines, "source attachments")


async def test_texts_without_end_are_shown_in_part() -> None:
    data = generate(1, phases=1, matrices=1, samples=25)
    for number, sample in enumerate(data.samples()):
        sample.results = dict.fromkeys(sample.results, f"remark {number} " + "x" * 500)
    verdicts = about(await preflight(stand_in(data)), "source verdicts")
    assert "and 13 other texts" in verdicts
    assert len(verdicts) < 2000


async def test_a_form_that_may_not_be_opened_keeps_no_count_of_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_PAGES", 0)
    data, _ = denied()
    async with serving(stand_in(data), read_only=True) as workiva:
        assert await workiva.source.counts("*") == {"forms": 3, "phases": 4, "matrices": 4}
        assert await workiva.source.sample("*") == []
        lines = [line async for line in workiva.source.preflight(["*"])]
    assert "source verdicts" not in {line.subject for line in lines}  # none was examined
