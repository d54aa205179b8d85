"""The graph: the control of a test form as a requirement, what is known of it as facts; and workspaces without one."""

from pathlib import Path

import pytest
from aiohttp import web

from connectors.workiva import sandbox
from connectors.workiva.sandbox import GraphRecord, Relation, SeedData
from connectors.workiva.sandbox.graph import GraphHandlers
from connectors.workiva.wire import WireRecord
from migrator.app.reports.documents import Status
from migrator.core.errors import TemporaryError
from migrator.core.model import Link, Requirement, TestCase
from migrator.core.text import visible_text
from migrator.standin.options import Profile
from migrator.testing.sources import all_records
from tests.support.workiva import serving, stand_in, workiva_rig

RECORDS = "GET /graph/records/{record}"


@pytest.mark.parametrize("profile", ["strict", "odd"])
async def test_from_a_control_to_its_samples_and_back(tmp_path: Path, profile: Profile) -> None:
    async with workiva_rig(tmp_path, stand_in(profile=profile)) as rig:
        rig.settings = {"graph": True}
        status = await rig.run()
        assert status.balanced, status.imbalance
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []
        sample = next(case for case in rig.cases() if "JE-101902" in case.title)
        overview = next(case for case in rig.cases() if case.title.startswith("FIN-07") and "overview" in case.title)
        other = next(case for case in rig.cases() if "4711" in case.title)
        writes = rig.writes()
        await rig.sync()
        assert rig.writes() == writes
    texts = [one["text"] for one in sample.requirements]
    assert texts == ["Manual journal entries are approved [#FIN-07]"]
    assert sample.tags == ["FIN-07"]
    words = visible_text(overview.precondition)
    for fact in ("status: Reviewed", "conclusion: Operated effectively", "year: 2025", "Prepared by: Mary Okafor",
                 "Reviewed by: Jan Adler", "tests control: FIN-07 Manual journal entries"):  # fmt: skip
        assert fact in words
    assert [one["text"] for one in overview.requirements] == texts
    assert (other.requirements, other.tags) == ([], [])


async def test_a_control_knows_its_risk_process_and_issue() -> None:
    async with serving(stand_in(), graph=True) as workiva:
        found = [record.entity for record in await all_records(workiva.source, "*")]
    texts = {one.title: {k: v.value for k, v in one.texts.items()} for one in found if isinstance(one, Requirement)}
    assert texts["Manual journal entries are approved"]["Risk"] == "R-11 Entries nobody approved"
    assert texts["Access of leavers is removed in time"]["Process"] == "Financial close"
    assert texts["Access of leavers is removed in time"]["Issue"] == (
        "I-4 Leaver kept access for 36 days (status: Open)"
    )


async def test_a_workspace_without_a_graph_costs_three_calls() -> None:
    built = stand_in(sandbox.generate(9, phases=1, matrices=1, samples=2))
    async with serving(built, graph=True) as workiva:
        found = [record.entity for record in await all_records(workiva.source, "*")]
    assert built.log.counts[RECORDS] == 3
    assert not [one for one in found if isinstance(one, Requirement | Link)]


async def test_check_says_whether_forms_are_in_the_graph() -> None:
    for data, words in ((None, "tests FIN-07"), (sandbox.generate(1), "no record of the test forms asked for")):
        async with serving(stand_in(data), graph=True) as workiva:
            lines = [line async for line in workiva.source.preflight(["*"])]
        (line,) = [line for line in lines if line.subject == "source graph"]
        assert words in line.text


async def test_nobody_is_asked_when_that_is_not_wished() -> None:
    built = stand_in()
    async with serving(built) as workiva:
        await all_records(workiva.source, "*")
    assert built.log.counts[RECORDS] == 0


async def test_a_record_with_thousands_of_relations_is_not_followed_to_all() -> None:
    data: SeedData = sandbox.generate(1, phases=1, matrices=1, samples=30)
    form = data.forms[0]
    things = [GraphRecord(f"r{n}", "Thing", {"name": f"n{n}"}) for n in range(200)]
    data.records = [GraphRecord(form.id, "Test"), *things]
    data.relations = [Relation("has", form.id, f"r{n}") for n in range(200)]
    built = stand_in(data, page_size=10)
    async with serving(built, graph=True) as workiva:
        found = [record.entity for record in await all_records(workiva.source, "*")]
    assert built.log.counts[RECORDS] == 51
    overview = next(one for one in found if isinstance(one, TestCase) and one.ref.ids == (form.id,))
    (has,) = [one.value.value for one in overview.custom_fields if one.name == "has"]
    assert has.startswith("n0, n1, ")
    assert has.endswith(", Thing r199")


def test_properties_are_read_whatever_they_are() -> None:
    link = {"datatype": "map", "value": {"text": "policy", "url": "https://w/p"}}
    record = WireRecord.model_validate(
        {
            "id": 1,
            "properties": {"a": None, "b": link, "c": {"value": ["x", 2, True]}, "d": 3.5, "e": {"value": {"k": "v"}}},
        }
    )
    assert {name: value.text for name, value in record.properties.items()} == {
        "a": "", "b": "policy (https://w/p)", "c": "x, 2, true", "d": "3.5", "e": "k: v",
    }  # fmt: skip
    assert WireRecord.model_validate({"properties": [], "relationships": None}).relationships == []


class Refusals:
    """What the graph refuses, by the ids of its records."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, status: int = 403) -> None:
        self.ids: set[str] = set()
        answer = GraphHandlers.record

        async def record(handlers: GraphHandlers, request: web.Request) -> web.Response:
            is_refused = request.match_info["record"] in self.ids
            return web.Response(status=status, text="no") if is_refused else await answer(handlers, request)

        monkeypatch.setattr(GraphHandlers, "record", record)


def few() -> SeedData:
    """The demo's forms and graph with one sample in each matrix, because every command reads all of them."""
    data = sandbox.demo_data()
    for _, _, matrix in data.matrices():
        del matrix.samples[1:]
        for sample in matrix.samples:
            sample.attachments.clear()
    return data


def graph_notes(status: Status) -> int:
    return sum(note["count"] for note in status.notes if note["code"] == "graph_not_read")


KINDS = ["all", "Control", "form", "User", "Risk", "Process", "Issue"]


@pytest.mark.parametrize(("status", "lost"), [(403, kind) for kind in KINDS] + [(404, "Control"), (410, "form")])
async def test_a_lost_right_takes_nothing_away_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, lost: str
) -> None:
    refusals, built = Refusals(monkeypatch, status), stand_in(few())
    form = built.data.forms[0].id
    async with workiva_rig(tmp_path, built) as rig:
        rig.settings = {"graph": True}
        assert graph_notes(await rig.run()) == 0
        writes = rig.writes()
        refusals.ids |= {
            one.id for one in built.data.records if lost in ("all", one.type) or (lost, one.id) == ("form", form)
        }
        assert refusals.ids
        for _ in range(2):
            await rig.sync()
            assert rig.writes() == writes
        assert graph_notes(await rig.run()) > 0
        refusals.ids.clear()
        assert graph_notes(await rig.run()) == 0
        assert rig.writes() == writes


@pytest.mark.parametrize("lost", KINDS)
async def test_what_is_refused_from_the_first_round_has_a_note_and_check_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    refusals, built = Refusals(monkeypatch), stand_in(few())
    form = built.data.forms[0].id
    refusals.ids |= {
        one.id for one in built.data.records if lost in ("all", one.type) or (lost, one.id) == ("form", form)
    }
    async with workiva_rig(tmp_path, built) as rig:
        rig.settings = {"graph": True}
        assert graph_notes(await rig.run()) > 0
    async with serving(built, graph=True) as workiva:
        lines = [line async for line in workiva.source.preflight(["*"])]
    (line,) = [line for line in lines if line.subject == "source graph"]
    assert (line.state, "403" in line.text) == ("warning", True)


async def test_properties_keep_what_an_editor_made_of_them(tmp_path: Path) -> None:
    built = stand_in()
    control = next(one for one in built.data.records if one.type == "Control")
    form = next(one for one in built.data.records if one.id == built.data.forms[0].id)
    html = "<p>Reviewed <b>monthly</b></p><ul><li>by two</li></ul>"
    control.properties["Description"] = form.properties["Scope"] = html
    control.properties["FIN"] = "a < b & c"
    async with workiva_rig(tmp_path, built) as rig:
        rig.settings = {"graph": True}
        await rig.run()
        overview = next(case for case in rig.cases() if case.title.startswith("FIN-07") and "overview" in case.title)
        page = "".join(
            file.content.decode() for file in rig.destination.store.files.values() if b"FIN-07" in file.content
        )
    assert "Reviewed <b>monthly</b>" in page.replace("strong>", "b>")
    assert "&lt;p&gt;" not in page + overview.precondition
    assert "a &lt; b &amp; c" in page
    assert "<li>by two</li>" in overview.precondition


@pytest.mark.quick_clock
async def test_a_record_that_is_always_broken_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def record(_self: GraphHandlers, _request: web.Request) -> web.Response:
        return web.Response(status=200, text="<html>", content_type="text/html")

    monkeypatch.setattr(GraphHandlers, "record", record)
    async with serving(stand_in(), graph=True) as workiva:
        with pytest.raises(TemporaryError) as caught:
            await all_records(workiva.source, "*")
    assert "source.graph: false" in caught.value.next_step


async def test_what_is_switched_off_later_stays_and_is_named(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in()) as rig:
        rig.settings = {"graph": True, "export_forms": True}
        await rig.run()
        writes = rig.writes()
        rig.settings = {"graph": False, "export_forms": False}
        status = await rig.run()
        codes = {note["code"]: note["count"] for note in status.notes}
        assert {"graph_not_read", "export_not_taken"} <= codes.keys()
        assert status.balanced
        assert not (await rig.sync()).deletions
        assert rig.writes() == writes
        rig.settings = {"graph": True, "export_forms": True}
        assert graph_notes(await rig.run()) == 0
        assert rig.writes() == writes
        assert (await rig.verify()).wrong == 0


async def test_what_is_switched_off_before_the_first_load_stays_out(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in()) as rig:
        rig.settings = {"graph": True}
        await rig.plan()
        rig.settings = {"graph": False}
        status = await rig.run()
        assert "graph_not_read" not in {note["code"] for note in status.notes}
        assert not any(case.requirements for case in rig.cases())
