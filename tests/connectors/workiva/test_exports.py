"""Exports of test forms: taken when they may be, again when a form has changed, and never lost to an interruption."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import web

from connectors.workiva import sandbox
from connectors.workiva.sandbox import SeedData
from connectors.workiva.sandbox.transfer_handlers import TransferHandlers
from migrator.app import migrate
from migrator.app import verify as verifying
from migrator.core.events import Event, Said, ignore
from migrator.core.model import Attachment
from migrator.testing.sources import all_records, pages_of
from tests.support.workiva import WorkivaRig, opened, serving, stand_in, workiva_rig

EXPORTS = "POST /testForms/{form}/export"


def two_forms() -> SeedData:
    return sandbox.generate(2, phases=1, matrices=1, samples=3)


def exported(rig: WorkivaRig) -> dict[str, bytes]:
    """The exports that overview cases list now, by their names, with their bytes."""
    stored = rig.destination.store.files
    return {
        file["fileName"]: stored[file["id"]].content
        for case in rig.cases()
        for file in case.files
        if file["fileName"].endswith(".xlsx")
    }


async def test_an_export_is_taken_again_when_its_form_has_changed_and_at_the_end(tmp_path: Path) -> None:
    data = two_forms()
    first, second = data.forms
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        status = await rig.run()
        assert (status.balanced, status.items["file"]) == (True, {"migrated": 2})
        assert {note["code"]: note["count"] for note in status.notes}["only_in_export"] == 2
        first.narrative = second.narrative = " signed off"
        await rig.sync()
        assert rig.source.log.counts[EXPORTS] == 2  # nobody can know that
        data.samples()[0].results.popitem()
        await rig.sync()
        assert rig.source.log.counts[EXPORTS] == 3
        assert exported(rig)[f"{first.name}.xlsx"].endswith(b" signed off")
        assert not exported(rig)[f"{second.name}.xlsx"].endswith(b" signed off")
        await rig.sync(final=True)
        assert rig.source.log.counts[EXPORTS] == 5
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []
        assert set(exported(rig)) == {f"{form.name}.xlsx" for form in data.forms}
        assert all(content.endswith(b" signed off") for content in exported(rig).values())
        kept, writes = exported(rig), rig.writes()
        await rig.run()
        assert rig.source.log.counts[EXPORTS] == 7  # whether they may be taken still; what was taken at the end stays
        assert (exported(rig), rig.writes()) == (kept, writes)


async def test_an_edition_that_was_replaced_is_no_evidence(tmp_path: Path) -> None:
    data, said = two_forms(), list[str]()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        await rig.run()
        data.samples()[0].results.popitem()
        data.forms[0].narrative = " later"
        await rig.sync()
        assert sum(file.name.endswith(".xlsx") for file in rig.destination.store.files.values()) == 3

        def hear(event: Event) -> None:
            said.extend([event.text] if isinstance(event, Said) else [])

        found = await verifying.verify(rig.parsed(), hear, files="all")
        assert (found.wrong, found.checked["file"]) == (0, 2)
        assert [line for line in said if "nothing lists any more, and that are not compared: 1;" in line]


async def test_a_renamed_form_has_one_export_with_its_new_name(tmp_path: Path) -> None:
    data = two_forms()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        await rig.run()
        data.forms[0].name = "Called otherwise"
        await rig.sync()
        assert set(exported(rig)) == {"Called otherwise.xlsx", f"{data.forms[1].name}.xlsx"}
        assert rig.source.log.counts[EXPORTS] == 3
        await rig.sync(final=True)
        assert set(exported(rig)) == {"Called otherwise.xlsx", f"{data.forms[1].name}.xlsx"}
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []


async def test_exports_cost_no_list_a_second_reading() -> None:
    asked = []
    for wanted in (False, True):
        built = stand_in(two_forms())
        async with serving(built, export_forms=wanted) as workiva:
            await all_records(workiva.source, "*")
        asked.append({call: count for call, count in built.log.counts.items() if call.count("/") > 1})
    before, after = asked
    assert {call: count - before.get(call, 0) for call, count in after.items() if count != before.get(call)} == {
        EXPORTS: 2
    }


async def test_a_grant_that_may_not_export_is_a_note_and_no_failure(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(two_forms(), exports=False)) as rig:
        rig.settings = {"export_forms": True}
        status = await rig.run()
        assert (status.balanced, status.has_failures) == (True, False)
        assert {note["code"]: note["count"] for note in status.notes}["export_not_taken"] == 2


async def test_an_export_stays_when_the_right_to_take_another_is_lost(tmp_path: Path) -> None:
    data = two_forms()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        await rig.run()
        before = exported(rig)
        assert len(before) == 2
        rig.source.switches.exports = False
        data.samples()[0].results.popitem()
        data.forms[0].narrative = " later"
        for final in (False, True):
            await rig.sync(final=final)
            assert exported(rig) == before
            status = await rig.run()
            assert (status.balanced, status.has_failures) == (True, False)
            assert {note["code"]: note["count"] for note in status.notes}["export_not_taken"] == 2
        rig.source.switches.exports = True
        await rig.sync(final=True)
        assert exported(rig)[f"{data.forms[0].name}.xlsx"].endswith(b" later")
        assert len(exported(rig)) == 2
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []


async def test_an_export_stays_when_another_cannot_be_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = two_forms()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        await rig.run()
        before = exported(rig)
        answer = TransferHandlers.export

        async def broken(_handlers: TransferHandlers, _request: web.Request) -> web.Response:
            return web.Response(status=500, text="no")

        monkeypatch.setattr(TransferHandlers, "export", broken)
        data.samples()[0].results.popitem()
        await rig.sync()
        assert exported(rig) == before
        monkeypatch.setattr(TransferHandlers, "export", answer)
        await rig.run()
        assert len(exported(rig)) == 2
        assert (await rig.verify()).wrong == 0


@pytest.mark.parametrize("renamed", [False, True])
async def test_an_export_stays_when_another_is_begun_and_fails(tmp_path: Path, renamed: bool) -> None:
    data = two_forms()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.settings = {"export_forms": True}
        await rig.run()
        before = sorted(exported(rig).values())
        data.samples()[0].results.popitem()
        data.forms[0].narrative = " later"
        if renamed:
            data.forms[0].name = "Called otherwise"
        rig.source.switches.outcomes.extend(["failed"] * 3)
        await rig.sync()
        assert sorted(exported(rig).values()) == before
        writes = rig.writes()
        await rig.sync()
        await rig.run()
        assert (sorted(exported(rig).values()), rig.writes()) == (before, writes)
        with closing(sqlite3.connect(tmp_path / "workspace" / "migration.db")) as db:
            ((message,),) = db.execute("SELECT message FROM note WHERE code = 'file_missing'")
        assert message.endswith("; the edition before it stays")
        proof = await rig.verify()
        assert [*proof.missing, *proof.different, *proof.extra] == []
        await migrate.retry(rig.parsed(), ignore, files=True)
        assert len(exported(rig)) == 2
        assert exported(rig)[f"{data.forms[0].name}.xlsx"].endswith(b" later")
        assert (await rig.verify()).wrong == 0


async def test_without_exports_the_report_says_what_is_lost() -> None:
    async with serving(stand_in(two_forms())) as workiva:
        notes = [note.code.value for record in await all_records(workiva.source, "*") for note in record.notes]
    assert notes == ["export_not_taken", "links_to_api"] * 2


async def test_another_process_gives_a_form_the_same_export() -> None:
    """An interrupted reading goes on elsewhere, where half of the lists were never seen."""
    async with sandbox.serving(stand_in(two_forms())) as url:
        async with opened(url, export_forms=True) as one:
            whole = await all_records(one.source, "*")
        async with opened(url, export_forms=True) as another:
            pages = await pages_of(another.source, "exports", "*")
    found = [record.entity for _, page in pages for record in page.records]
    assert found == [r.entity for r in whole if isinstance(r.entity, Attachment) and r.entity.ref.kind == "export"]
    assert len(found) == 2
