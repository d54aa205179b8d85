"""Releases, runs and results: titles, texts, statuses; every fact stands in the comment, a file, or a note."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from mappings.history import RulesHistoryMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import COMMENT_LIMIT, FromText, MilestoneDraft, ResultDraft, RunDraft
from migrator.core.model import Attachment, Defect, Milestone, Person, Result, RichText, StepResult, TestRun, User
from migrator.core.ports.mapping import Around, HistoryWorld, Mapped, ResultPlace, RunPart, RunUnit
from migrator.core.refs import stated_marker, variant
from migrator.core.text import symbols_in, visible_text
from tests.support.drafts import ref
from tests.support.history import START, configuration, defect, plain, release, result, run

PEOPLE = {ref("user", "3").marker: User(ref=ref("user", "3"), title="Ada Lovelace", email="ada@acme.example")}
STATUS = {"Passed": "passed", "Failed": "failed", "Awaiting Run": "open"}


def mapper(*milestones: Milestone, statuses: Mapping[str, str] | None = None, **rules: Any) -> RulesHistoryMapper:
    world = HistoryWorld(
        milestones, {ref("configuration", "12", "4").marker: configuration(4, "Firefox")}, statuses or {}
    )
    values = MappingRules.model_validate({"status": STATUS} | rules)
    writers = Writers(values.people, PEOPLE)
    return RulesHistoryMapper(values, ProjectRules(source="12", destination="SHOP"), writers, world)


def unit(*runs: TestRun, marker: str = "") -> RunUnit:
    return RunUnit(marker or runs[0].ref.marker, runs)


def mapped_run(rules: RulesHistoryMapper, *runs: TestRun, label: str = "") -> tuple[Mapped, RunDraft]:
    one = unit(*runs, marker=rules.unit_of(runs[0]))
    marker = variant(one.marker, label) if label else one.marker
    mapped = rules.run(one, RunPart(marker, (ref("test", "12", "1").marker,), label))
    assert isinstance(mapped.draft, RunDraft)
    return mapped, mapped.draft


def test_files_of_a_result_are_uploaded_and_linked_in_its_comment() -> None:
    made, source_run = result(1, 5, 2), run(5)
    log = Attachment(ref=ref("file", "12", "9"), title="run.log", about=made.ref, author=Person(name="Jon Vik"))
    around = Around(attachments=(log, log.model_copy(update={"ref": ref("file", "12", "8"), "author": None})))
    place = ResultPlace(made.ref.marker, "r", unit(source_run), source_run, {}, around)
    mapped = mapper().result(made, place)
    assert isinstance(mapped.draft, ResultDraft)
    assert [file.name for file in mapped.files] == ["run [#9].log", "run.log"]
    assert "Files run [#9].log (Jon Vik) run.log Source:" in visible_text(mapped.draft.comment)
    assert [marker for _, marker in symbols_in(mapped.draft.comment)] == [file.marker for file in mapped.files]


def test_a_comment_over_its_limit_still_links_its_pictures() -> None:
    picture = '<p><img src="data:image/png;base64,iVBORw0KGgo=" alt="shot"></p>'
    mapped, draft = mapped_result(mapper(), result(1, 5, 2, comment=RichText(value=picture + "<p>word</p>" * 20_000)))
    assert len(draft.comment) <= COMMENT_LIMIT
    assert {marker for _, marker in symbols_in(draft.comment)} == {file.marker for file in mapped.files}
    assert len(mapped.files) == 2


def mapped_result(
    rules: RulesHistoryMapper, made: Result, source_run: TestRun | None = None, **defects: Defect
) -> tuple[Mapped, ResultDraft]:
    source_run = source_run or run(5)
    known = {entity.ref.marker: entity for entity in defects.values()}
    one = unit(source_run, marker=rules.unit_of(source_run))
    mapped = rules.result(made, ResultPlace(made.ref.marker, one.marker, one, source_run, known))
    assert isinstance(mapped.draft, ResultDraft)
    return mapped, mapped.draft


def codes(mapped: Mapped) -> list[str]:
    return [note.code.value for note in mapped.notes]


# --- milestones -------------------------------------------------------------------------------------------------------


def titles(*milestones: Milestone) -> list[str]:
    found = []
    for item in mapper(*milestones).milestones():
        assert isinstance(item.draft, MilestoneDraft)
        found.append(item.draft.title)
    return found


def test_a_milestone_is_named_by_its_path_and_twins_by_their_id() -> None:
    named = titles(release(1, "Spring"), release(2, "Sprint 1", 1), release(3, "Spring"), release(4, "\n "))
    assert named == ["Spring [#1]", "Spring / Sprint 1", "Spring [#3]", "#4"]


def test_releases_in_a_circle_or_with_endless_names_stay_apart() -> None:
    assert titles(release(1, "A", 2), release(2, "B", 1)) == ["B / A", "A / B"]
    long = titles(release(1, "x" * 300), release(2, "x" * 301))
    assert [len(title) for title in long] == [255, 255]
    assert len(set(long)) == 2


def test_what_a_milestone_cannot_hold_is_noted() -> None:
    made = release(1, description=plain("Big one"), starts_at=START, state="Open", owner=Person(ref=ref("user", "3")))
    assert codes(mapper(made).milestones()[0]) == []  # it stands on a page
    (item,) = mapper(made, pages={"make": False}).milestones()
    assert codes(item) == ["milestone_title_only"]
    for words in ("Big one", "2024-03-01 09:00:00+00:00", "Open", "Ada Lovelace"):
        assert words in item.notes[0].original


# --- runs -------------------------------------------------------------------------------------------------------------


def test_a_run_is_named_by_set_release_configuration_date_and_id() -> None:
    made = run(5, milestone=ref("release", "12", "1"), configuration=ref("configuration", "12", "4"))
    mapped, draft = mapped_run(mapper(release(1, "Spring")), made)
    assert draft.title == "Smoke · Spring · Firefox · 2024-03-06 · #5"
    assert draft.milestone == ref("release", "12", "1").marker
    assert not mapped.made


def test_a_long_title_keeps_what_makes_it_unique() -> None:
    made = run(5, set_title="x" * 400, milestone=ref("release", "12", "1"))
    mapped, draft = mapped_run(mapper(release(1, "y" * 250)), made, label="part 2")
    assert len(draft.title) <= 255
    assert draft.title.endswith(" · 2024-03-06 · #5 · part 2")
    assert draft.title.startswith("xxx")
    assert codes(mapped) == ["run_title_cut"]


def test_a_release_that_is_not_listed_is_noted() -> None:
    mapped, draft = mapped_run(mapper(), run(5, milestone=ref("release", "12", "9")))
    assert draft.milestone == ""
    assert codes(mapped) == ["milestone_missing"]


def test_a_configuration_that_is_not_listed_is_noted() -> None:
    mapped, draft = mapped_run(mapper(), run(5, configuration=ref("configuration", "12", "9")))
    assert "configuration 9" in draft.title
    assert codes(mapped) == ["configuration_missing"]


def test_the_description_says_what_is_known_and_ends_in_the_marker() -> None:
    made = run(5, state="Passed", owner=Person(ref=ref("user", "3")), attributes={"test_host": "lab <1>"})
    _, draft = mapped_run(mapper(), made)
    words = visible_text(draft.description)
    for expected in (
        "Started: 2024-03-06 09:00:00+00:00",
        "Status: Passed",
        "Owner: Ada Lovelace",
        "Test host: lab <1>",
    ):
        assert expected in words
    assert stated_marker(draft.description) == made.ref.marker


@pytest.mark.parametrize("text", ["word " * 300, "<&>" * 400, "é" * 600])
def test_a_text_too_long_for_a_run_is_cut_and_kept_whole_in_a_file(text: str) -> None:
    made = run(5, description=plain(text))
    mapped, draft = mapped_run(mapper(), made)
    assert len(draft.description) <= 512
    assert stated_marker(draft.description) == made.ref.marker
    assert "run_text_cut" in codes(mapped)
    (file,) = mapped.files
    assert f"{made.ref.marker}#text-description" == file.marker
    assert isinstance(file.content, FromText)
    assert visible_text(text.replace("&", "&amp;").replace("<", "&lt;")) in visible_text(
        base64.b64decode(file.content.base64).decode()
    )


def test_finished_runs_of_a_single_test_are_grouped_by_release_and_month() -> None:
    rules = mapper(release(1, "Spring"))
    spring: dict[str, Any] = {"single": True, "milestone": ref("release", "12", "1")}
    made: dict[int, dict[str, Any]] = {
        1: spring, 2: spring, 3: {"single": True}, 40: spring, 5: spring | {"closed": False}, 6: {},
        7: spring | {"ended_at": None},
    }  # fmt: skip
    units = {number: rules.unit_of(run(number, **more)) for number, more in made.items()}
    assert units[1] == units[2] == "qacomplete@acme:single_runs:12/1/2024-03"
    assert units[3] == "qacomplete@acme:single_runs:12/none/2024-03"
    assert units[40].endswith("/1/2024-04")
    assert [units[number] for number in (5, 6, 7)] == [ref("run", "12", str(number)).marker for number in (5, 6, 7)]
    mapped, draft = mapped_run(rules, run(1, **spring), run(2, **spring))
    assert (draft.title, mapped.made) == ("Single tests · Spring · 2024-03", True)
    alone = mapper(runs={"single_test": "single"})
    assert alone.unit_of(run(1, single=True)) == ref("run", "12", "1").marker


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "line"),
    [
        ({"executed_at": START}, "2024-03-01 09:00:00+00:00"),
        ({"executed_at": run(5).started_at}, "2024-03-06 09:00:00+00:00 (start of the run)"),
        ({"executed_at": run(5).ended_at}, "2024-03-06 10:00:00+00:00 (end of the run)"),
        (
            {"executed_at": run(5).ended_at, "other_date": START + timedelta(days=9)},
            "2024-03-06 10:00:00+00:00 (end of the run; the source has 2024-03-10 09:00:00+00:00, outside the run)",
        ),
    ],
)
def test_a_date_that_is_the_runs_says_so(dates: dict[str, Any], line: str) -> None:
    _, draft = mapped_result(mapper(), result(1, 5, 2, **dates), run(5))
    assert f"Executed at: {line} Original status" in visible_text(draft.comment)


def test_every_fact_of_a_result_stands_in_its_comment() -> None:
    made = result(
        1, 5, 2, "Failed",
        title="Pay by card", tester=Person(ref=ref("user", "3")), executed_at=START + timedelta(minutes=5),
        duration_ms=97_383_000, comment=plain("Terminal was offline"), case_version="7",
        defects=(ref("defect", "12", "8"), ref("defect", "12", "9")), facts={"test_host": "lab-1"},
        steps=(
            StepResult(status="Passed", action=plain("Insert the card"), expected=plain("It beeps")),
            StepResult(status="Failed", actual=plain("1 < 2 & nothing")),
        ),
        address="https://qa.example/items/1",
    )  # fmt: skip
    source_run = run(5, configuration=ref("configuration", "12", "4"))
    mapped, draft = mapped_result(mapper(), made, source_run, known=defect(8, "Printer burns"))
    assert (draft.status, draft.time_taken_ms, draft.case) == ("failed", 97_383_000, ref("test", "12", "2").marker)
    assert visible_text(draft.comment).split("Steps")[0].strip() == (
        "Tester: Ada Lovelace Executed at: 2024-03-01 09:05:00+00:00 Original status: Failed Duration: 27:03:03"
        " Test: Pay by card Test version: 7 Configuration: Firefox Defect: #8: Printer burns (New) Defect: #9"
        " Test host: lab-1 Address: https://qa.example/items/1"
    )
    assert visible_text(draft.comment).split("Steps")[1].strip() == (
        "Status: Passed Insert the card Expected: It beeps Status: Failed Actual: 1 < 2 & nothing"
        f" Comment Terminal was offline Source: {made.ref.marker}"
    )
    assert mapped.notes == ()
    assert "links" not in ResultDraft.model_fields


def test_a_status_is_found_in_the_table_then_among_the_tenants_own_then_falls_back() -> None:
    rules = mapper(statuses={"Retest": "custom2", "Passed": "custom3"})
    found = {}
    for status in ("PASSED ", "retest", "Odd"):
        mapped, draft = mapped_result(rules, result(1, 5, 2, status))
        found[status] = (draft.status, codes(mapped))
    assert found == {
        "PASSED ": ("passed", []),
        "retest": ("custom2", []),
        "Odd": ("blocked", ["status_unmapped"]),
    }


def test_what_was_not_run_is_part_of_its_run_unless_it_says_something() -> None:
    rules = mapper()
    place = ResultPlace("m", "r@x:y", unit(run(5)), run(5), {})
    silent = (StepResult(status="Awaiting Run", action=plain("Open"), expected=plain("It opens")),)
    for status in ("Awaiting Run", None):
        assert rules.result(result(1, 5, 2, status, steps=silent), place).outcome == "folded"
    _, draft = mapped_result(rules, result(1, 5, 2, None, steps=silent, comment=plain("half way")))
    assert draft.status == "open"
    assert rules.result(result(1, 5, None), place).outcome == "rejected"


def test_what_a_person_wrote_of_an_untested_sample_is_evidence() -> None:
    rules = mapper(status=STATUS | {"In progress": "open"})
    blank = (StepResult(action=plain("A")), StepResult(action=plain("B")))
    remarks = {"Conclusion": "cannot be tested this year", "Tested by": "Ada"}
    _, draft = mapped_result(rules, result(1, 5, 2, None, steps=blank, remarks=remarks))
    assert draft.status == "open"
    for name, value in remarks.items():
        assert f"{name}: {value}" in visible_text(draft.comment)
    begun = (StepResult(status="PASS", action=plain("A")), StepResult(status="In progress", action=plain("B")))
    _, draft = mapped_result(rules, result(1, 5, 2, "In progress", steps=begun))
    assert "Status: PASS" in visible_text(draft.comment)
    # what the source itself knows of every test says nothing of a person
    place = ResultPlace("m", "r@x:y", unit(run(5)), run(5), {})
    assert rules.result(result(1, 5, 2, None, steps=blank, facts={"host": "lab-1"}), place).outcome == "folded"


def test_a_comment_that_is_too_long_keeps_its_facts_and_goes_whole_into_a_file() -> None:
    made = result(1, 5, 2, comment=plain("word <&> " * 20_000), facts={"host": "lab-1"})
    mapped, draft = mapped_result(mapper(), made)
    assert len(draft.comment) <= COMMENT_LIMIT
    assert "Host: lab-1" in visible_text(draft.comment)
    assert stated_marker(draft.comment) == made.ref.marker
    assert codes(mapped) == ["comment_cut"]
    (file,) = mapped.files
    assert isinstance(file.content, FromText)
    assert visible_text(base64.b64decode(file.content.base64).decode()).count("word <&>") == 20_000


def test_a_grouped_result_names_its_own_run() -> None:
    single = run(5, single=True, set_title="Pay by card", state="Failed", attributes={"test_host": "lab-2"})
    _, draft = mapped_result(mapper(), result(1, 5, 2), single)
    words = visible_text(draft.comment)
    for expected in ("Run: Pay by card #5", "Started: 2024-03-06 09:00:00+00:00", "Test host: lab-2"):
        assert expected in words


def test_a_source_that_writes_markers_itself_does_not_confuse_us() -> None:
    made = result(1, 5, 2, comment=plain("Source: qacomplete@acme:result:12/5/999"))
    _, draft = mapped_result(mapper(), made)
    assert stated_marker(draft.comment) == made.ref.marker


def test_editions_of_a_marker_stay_within_the_limit_and_apart() -> None:
    assert variant("a@b:run:1", "12ab34cd") == "a@b:run:1@12ab34cd"
    long = ["a@b:run:" + "x" * 238 + tail for tail in ("1", "2")]
    found = [variant(marker, "12ab34cd") for marker in long]
    assert all(len(marker) <= 255 for marker in found)
    assert len(set(found)) == 2
    assert [marker.startswith(variant(of, "")) for marker, of in zip(found, long, strict=True)] == [True, True]


# --- tests that are gone ----------------------------------------------------------------------------------------------


def test_a_placeholder_has_title_and_steps_of_the_result() -> None:
    rules = mapper(runs={"missing_folder": "Gone"})
    where = rules.placeholder_folder(ref("project", "12"))
    assert where is not None
    assert where[1].title == "Gone"
    made = rules.placeholder(result(1, 5, 99, title="Old test"), where[0])
    assert (made.ref, made.title) == (ref("test", "12", "99"), "Old test")
    assert [step.action.value for step in made.steps] == ["Open"]
    assert mapper(runs={"missing": "archive"}).placeholder_folder(ref("project", "12")) is None
