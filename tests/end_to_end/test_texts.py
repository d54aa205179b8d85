"""Texts from the field arrive as people saw them: in steps, in preconditions, in results; what they cost is noted."""

from pathlib import Path

from connectors.qacomplete.sandbox import Folder, Project, SeedData, Step, Test, User
from connectors.qacomplete.sandbox.files import File
from migrator.core.notes import NoteCode
from tests.support.rig import rig
from tests.support.seen import bold_of, lines_of, links_of
from tests.support.text_cases import KINDS, TextCase

_FIRST = 100


def seed(cases: list[TextCase]) -> SeedData:
    """Return a test for each text, which stands in its description and in its one step."""
    tests = [
        Test(_FIRST + number, 12, f"Text {number}", folder_id=70, description=case.text,
             steps=[Step(2000 + number, 1, case.text, case.text)])
        for number, case in enumerate(cases)
    ]  # fmt: skip
    users = [User(1, "Ada", "Berg", "ada@acme.example")]
    return SeedData(projects=[Project(12, "Texts")], users=users, folders=[Folder(70, 12, "All")], tests=tests)


async def test_texts_from_the_field_are_seen_as_they_were_typed(tmp_path: Path) -> None:
    cases = [case for kind in KINDS.values() for case in kind]
    async with rig(tmp_path, seed(cases)) as running:
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        stored = {case.title: case for case in running.shop.cases}
        verified = await running.verify()
        assert (verified.missing, verified.different) == ([], [])
    codes = {note["code"] for note in ended.notes}
    for number, case in enumerate(cases):
        (step,) = stored[f"Text {number}"].steps
        assert lines_of(step["description"]) == case.lines
        assert lines_of(step["expected"]) == case.lines
        assert lines_of(stored[f"Text {number}"].precondition)[: len(case.lines)] == case.lines
    assert NoteCode.CONTENT_MISSING not in codes
    assert codes >= {code for case in cases for code in case.notes}


async def test_only_what_was_bold_is_bold(tmp_path: Path) -> None:
    texts = [KINDS["looks"][0]]
    async with rig(tmp_path, seed(texts)) as running:
        await running.run()
        (case,) = running.shop.cases
    assert bold_of(case.steps[0]["description"]) == "Do not log in."


async def test_pictures_are_the_files_that_their_addresses_name(tmp_path: Path) -> None:
    sources = [
        "/files/image.png?id=902", "/files/903/image.png", "/view?projectid=902&amp;fileid=903",
        "/files/My+screen+shot.png", "/files/u%CC%88ber.png", "/files/image.png",
    ]  # fmt: skip
    text = "".join(f'<p>{number}<img src="{source}"></p>' for number, source in enumerate(sources))
    data = seed([TextCase(text, [])])
    names = ["image.png", "image.png", "image.png", "My screen shot.png", "über.png"]
    data.files = [
        File(901 + number, 12, "Tests", _FIRST, name, bytes_=f"bytes {number}".encode())
        for number, name in enumerate(names)
    ]
    async with rig(tmp_path, data) as running:
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        (case,) = running.shop.cases
        by_id = {file.id: file.content for file in running.destination.store.files.values()}
    shown = case.steps[0]["description"].split("<p>")[1:]
    kept = [next((by_id[ident] for ident in by_id if ident in part), b"") for part in shown]
    assert kept[:5] == [b"bytes 1", b"bytes 2", b"bytes 2", b"bytes 3", b"bytes 4"]
    assert "picture_ambiguous" in {note["code"] for note in ended.notes}


async def test_a_picture_that_is_not_to_be_had_leads_to_the_source(tmp_path: Path) -> None:
    data = seed([TextCase('<p><img src="/img/gone.png"> <img src="//127.0.0.1:9/x.png"> <img src="lost.png"></p>', [])])
    async with rig(tmp_path, data) as running:
        await running.run()
        (case,) = running.shop.cases
        host = running.source_url.removesuffix("/rest-api/service/api")
    found = links_of(case.steps[0]["description"])
    assert found["[image: gone.png]"] == f"{host}/img/gone.png"
    assert found["[image: lost.png]"].startswith(host)
    assert all(address.startswith(("http://", "https://")) for address in found.values())
