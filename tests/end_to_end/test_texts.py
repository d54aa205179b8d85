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


BOLD = {
    KINDS["looks"][0].text: "Do not log in.",
    "<p>Open <b>this <span style='font-weight:normal'>and</span> that</b></p>": "this  that",
    "<p style='font: bold 12px Arial'>All of it</p>": "All of it",
    "<ul><li>one <strong>two</strong></li><li style='font-weight:600'>three</li></ul>": "twothree",
    "<table><tr><th>Tea</th><td><font style='font-weight:bolder'>4</font> or <b></b>5</td></tr></table>": "4",
    "Press <B> for bold, <b>now</b>": "now",
}


async def test_only_what_was_bold_is_bold(tmp_path: Path) -> None:
    async with rig(tmp_path, seed([TextCase(text, []) for text in BOLD])) as running:
        await running.run()
        stored = {case.title: case for case in running.shop.cases}
    seen = [bold_of(stored[f"Text {number}"].steps[0]["description"]) for number in range(len(BOLD))]
    assert seen == list(BOLD.values())


async def test_pictures_are_the_files_that_their_addresses_name(tmp_path: Path) -> None:
    sources = [
        "/files/image.png?id=902", "/files/903/image.png", "/view?projectid=902&amp;fileid=903",
        "/files/My+screen+shot.png", "/files/u%CC%88ber.png", "/files/image.png", "/get?attachmentId=901&amp;v=902",
        "/attachments/905/thumb.png", "/show?name=MY%20SCREEN%20SHOT.png#903", "../files/image.png?w=40&amp;file=903",
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
    own = [b"bytes 0", b"bytes 4", b"bytes 3", b"bytes 2"]
    assert kept[:5] + kept[6:] == [b"bytes 1", b"bytes 2", b"bytes 2", b"bytes 3", b"bytes 4", *own]
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
