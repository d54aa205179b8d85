"""Files: every attachment once, under a name that every system stores, and named where it belongs."""

import base64
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.cases import CaseMapper
from mappings.file_names import safe_name, with_suffix
from mappings.files import Files
from mappings.item_writer import Writers
from mappings.rules import MappingRules
from migrator.core.drafts import CaseDraft, FileDraft, FromAttachment, FromPicture, FromText
from migrator.core.model import Attachment, Person, RichText, Step, TestCase
from migrator.core.ports.mapping import Around, Mapped
from migrator.core.text import symbol, symbols_in, visible_text
from tests.support.drafts import ref

OWNER = ref("test", "12", "345")


def attachment(number: int | str, name: str, step: int | None = None, media_type: str | None = None) -> Attachment:
    return Attachment(
        ref=ref("file", "12", str(number)), title=name, about=OWNER, step=step, size=10, media_type=media_type
    )


def mapped(*attachments: Attachment, description: str = "", steps: int = 0) -> tuple[Mapped, CaseDraft]:
    step = Step(action=RichText(value=""), expected=RichText(value=""))
    case = TestCase(ref=OWNER, title="Pay", description=RichText(value=description), steps=(step,) * steps)
    result = CaseMapper(MappingRules(), Writers()).map(case, Around(attachments=attachments), "f:1:2")
    assert isinstance(result.draft, CaseDraft)
    return result, result.draft


def test_attachments_are_listed_in_order_and_step_files_are_named_in_their_step() -> None:
    files = (attachment(9, "a.png"), attachment(5, "b.txt", 2, "text/plain"), attachment(7, "c.pdf", 2))
    result, draft = mapped(*files, steps=2)
    markers = tuple(file.ref.marker for file in files)
    assert [(file.marker, file.name) for file in draft.files] == [(file.marker, file.name) for file in result.files]
    assert tuple(file.marker for file in draft.files) == markers
    assert [file.content for file in result.files] == [FromAttachment(marker=marker) for marker in markers]
    assert (result.files[1].media_type, result.files[1].owner) == ("text/plain", OWNER.marker)
    (step,) = draft.steps  # the first one has neither text nor file
    assert visible_text(step.description) == "Files: b.txt, c.pdf"
    assert list(symbols_in(step.description)) == [("file", markers[1]), ("file", markers[2])]


def test_links_to_files_of_the_item_lead_to_the_uploaded_ones() -> None:
    shown = "https://old.example/img/1.png"
    links = f'<a href="{shown}">large</a> <a href="/files/5">plan</a> <a href="https://else.example/plan.pdf">other</a>'
    result, draft = mapped(attachment(5, "plan.pdf"), description=f'<p><img src="{shown}" alt="it"></p><p>{links}</p>')
    plan, picture = (file.marker for file in result.files)
    assert [marker for _, marker in symbols_in(draft.precondition)] == [picture, picture, plan]
    assert 'href="https://else.example/plan.pdf"' in draft.precondition


@pytest.mark.parametrize(
    ("address", "is_file"),
    [
        ("https://old.example/files/5", True),
        ("https://OLD.example:8443/getfile.aspx?id=5", True),
        ("//old.example/x.aspx?fileid=5", True),
        ("/attachments/download.aspx?id=5", True),
        ("https://else.example/files/5", False),
        ("https://old.example/bug.aspx?id=5", False),
        ("/bug.aspx?id=5", False),
        ("/view?document=5", False),
        ("mailto:files/5", False),
    ],
)
def test_an_id_in_a_link_is_a_files_only_on_routes_of_files_of_the_source(address: str, is_file: bool) -> None:
    files = Files(OWNER.marker, [attachment(5, "plan.pdf")], {"old.example"})
    assert (files.linked(address) is not None) == is_file


def test_what_is_known_of_a_file_stands_beside_its_name() -> None:
    known = {
        "author": Person(name="Ada Berg"),
        "created_at": datetime(2019, 1, 1, 9, tzinfo=UTC),
        "texts": {
            "title": RichText(value="What the customer sees"),
            "comments": RichText(value="<p>as it <b>is</b></p>"),
        },
    }
    shot = attachment(1, "a.png").model_copy(update=known)
    path = attachment(2, r"\\server\plan.doc").model_copy(update={"author": Person(name="Jon Vik")})
    _, draft = mapped(shot, path, attachment(3, "nobody knows.txt"))
    assert visible_text(draft.precondition) == (
        "Files a.png (Ada Berg, 2019-01-01 09:00:00+00:00) What the customer sees as it is"
        r" Files elsewhere \\server\plan.doc (Jon Vik)"
    )
    assert list(symbols_in(draft.precondition)) == [("file", shot.ref.marker)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("..", "file-7"),
        ("a\x00b.txt", "ab.txt"),
        ("/", "file-7"),
        ("C:\\temp\\x.log", "C__temp_x.log"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        (" two\nlines.txt ", "two lines.txt"),
        ("ends. . ", "ends"),
        ("", "file-7"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("Überblick 漢字.docx", "Überblick 漢字.docx"),
        ("x" * 300 + ".png", "x" * 250 + "….png"),
        ("no-extension" + "y" * 300, "no-extension" + "y" * 242 + "…"),
    ],
)
def test_hostile_names_become_safe_ones_with_a_note(name: str, expected: str) -> None:
    result, _ = mapped(attachment(7, name))
    assert result.files[0].name == expected
    noted = [(note.code, note.original) for note in result.notes if note.code == "file_renamed"]
    assert noted == ([] if name == expected else [("file_renamed", name)])


@given(st.text(max_size=400), st.text(alphabet=string.ascii_letters + "/.\\", max_size=20))
def test_any_name_becomes_one_that_cannot_leave_a_folder(name: str, ident: str) -> None:
    safe = safe_name(name, ident)
    FileDraft(marker="m", owner="o", name=safe, content=FromPicture(address="x"))
    assert safe not in (".", "..")
    assert not set(safe) & set('/\\\0:*?"<>|')
    assert safe_name(safe, ident) == safe


def test_of_equal_names_the_oldest_keeps_it_whatever_came_first() -> None:
    files = [attachment(12, "Shot.png"), attachment(7, "shot.PNG"), attachment(103, "shot.png")]
    for order in (files, files[::-1]):
        result, _ = mapped(*order)
        names = {file.marker: file.name for file in result.files}
        assert [names[file.ref.marker] for file in files] == ["Shot [#12].png", "shot.PNG", "shot [#103].png"]


def test_a_suffix_never_breaks_the_limit() -> None:
    assert len(with_suffix("x" * 400 + ".jpeg", " [#1]")) == 255


def test_attachments_that_are_addresses_stand_in_the_text() -> None:
    files = (attachment(1, "https://wiki.example/a?b=1&c=2"), attachment(2, "\\\\server\\share\\x.doc"))
    result, draft = mapped(*files)
    assert (result.files, draft.files) == ((), ())
    assert '<a href="https://wiki.example/a?b=1&amp;c=2">' in draft.precondition
    assert "\\\\server\\share\\x.doc" in visible_text(draft.precondition)
    assert set(result.folded) == {file.ref.marker for file in files}


@pytest.mark.parametrize(
    "address",
    [
        "https://q.example/files/Shot%201.PNG",
        "/ViewFile.aspx?AttachmentId=7&x=1",
        "get?name=shot 1.png",
    ],
)
def test_a_picture_of_an_attachment_is_that_file(address: str) -> None:
    files = Files(OWNER.marker, [attachment(6, "other.png"), attachment(7, "shot 1.png")])
    found = files.picture(address)
    assert found is not None
    assert (found.marker, len(files.drafts)) == (ref("file", "12", "7").marker, 2)


def test_other_pictures_become_files_of_their_own_once() -> None:
    files = Files(OWNER.marker)
    first, again = files.picture("https://q.example/a/pic.png?v=2"), files.picture("https://q.example/a/pic.png?v=2")
    other = files.picture("img/pic.png")
    assert first is again
    assert first is not None
    assert other is not None
    assert first.content == FromPicture(address="https://q.example/a/pic.png?v=2")
    assert first.marker.startswith(f"{OWNER.marker}#img-")
    assert (first.name, other.name) == ("pic.png", f"pic [#{other.marker[-12:]}].png")
    assert files.picture("cid:part1") is None
    assert files.picture("file:///c:/x.png") is None
    assert files.picture("http://[broken") is None


@pytest.mark.parametrize(
    ("address", "content", "extension", "media_type"),
    [
        ("data:image/png;base64,iVBO Rw0K", b"\x89PNG\r\n", "png", "image/png"),
        ("data:image/svg+xml,%3Csvg/%3E", b"<svg/>", "svg", "image/svg+xml"),
        ("data:application/x-evil;base64,AAAA", b"\0\0\0", "bin", ""),
    ],
)
def test_bytes_within_a_text_become_a_file(address: str, content: bytes, extension: str, media_type: str) -> None:
    found = Files(OWNER.marker).picture(address)
    assert found is not None
    assert isinstance(found.content, FromText)
    assert base64.b64decode(found.content.base64) == content
    assert found.marker.startswith(f"{OWNER.marker}#data-")
    assert (found.name.rpartition(".")[2], found.media_type) == (extension, media_type)


@pytest.mark.parametrize(
    "address",
    [
        "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
        "data:application/xhtml+xml,%3Chtml/%3E",
        "data:text/plain,%3C!DOCTYPE html%3E%3Cscript%3E",
        "data:image/svg+xml,%3Csvg onload=%22alert(1)%22/%3E",
        "data:application/octet-stream,%3Csvg%3E%3Cscript/%3E%3C/svg%3E",
        "data:image/svg+xml,%3Cb/%3E",
        "data:image/png;base64,PHNjcmlwdD4=",
        "data:image/webp;base64,UklGRgAAAABXQVZF",
    ],
)
def test_nothing_active_becomes_a_file_because_a_text_says_so(address: str) -> None:
    result, draft = mapped(description=f'<p>before <img src="{address}"> behind</p>')
    assert not result.files
    assert "image_linked" in [note.code for note in result.notes]
    assert visible_text(draft.precondition).startswith("before [image: image] behind")
    assert Files(OWNER.marker).data(address) is None


def test_a_picture_is_what_its_bytes_say() -> None:
    found = Files(OWNER.marker).picture("data:image/png;base64,/9j/4AAQ")
    assert found is not None
    assert (found.name.rpartition(".")[2], found.media_type) == ("jpg", "image/jpeg")


@pytest.mark.parametrize("address", ["data:image/png;base64,a", "data:image/png", "data:;base64,****"])
def test_bytes_that_cannot_be_read_are_no_file(address: str) -> None:
    assert Files(OWNER.marker).picture(address) is None


def test_markers_of_files_stay_within_their_limit() -> None:
    long = "q@i:test:" + "9" * 238
    found = Files(long).text("steps.100.expected", "<p>x</p>", "whole")
    assert len(found.marker) <= 255
    assert found.marker != Files(long).text("steps.101.expected", "<p>x</p>", "whole").marker


def test_a_text_over_the_limit_begins_in_its_place_and_is_whole_in_a_file() -> None:
    words = [f"word{number}" for number in range(20_000)]
    result, draft = mapped(description="<p>" + " ".join(words) + '</p><img src="https://q.example/p.png">')
    assert len(draft.precondition) <= 65_535
    page = result.files[-1]
    assert page.marker.startswith(f"{OWNER.marker}#text-description-")
    assert symbol("file", page.marker) in draft.precondition
    assert visible_text(draft.precondition).startswith("word0 word1 word2 ")
    assert isinstance(page.content, FromText)
    whole = base64.b64decode(page.content.base64).decode()
    assert visible_text(whole).split()[: len(words)] == words
    assert 'href="p.png"' in whole
    assert not list(symbols_in(whole))
    assert "text_overflow" in [note.code for note in result.notes]


def test_files_of_another_item_are_found_by_their_ids_only() -> None:
    others = [attachment(902, "image.png"), attachment(7, "a.txt")]
    files = Files("marker", [attachment(912, "image.png")], others=others)
    by_address = {"/f/image.png?id=902": "902", "/f/image.png?id=912": "912", "/f/image.png": "912"}
    for address, ident in by_address.items():
        for found in (files.picture(address), files.linked(address)):
            assert found is not None
            assert found.marker == attachment(ident, "").ref.marker
    assert files.linked("/f/a.txt") is None
    assert files.linked("/f/image.png?id=999") is None
    assert [draft.marker for draft in files.drafts] == [attachment(912, "").ref.marker]
