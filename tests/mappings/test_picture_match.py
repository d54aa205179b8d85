"""A picture's address means the attachment whose id it holds, or else the one whose name."""

import pytest

from mappings.picture_match import matching, of_another_item
from migrator.core.model import Attachment
from tests.support.drafts import ref

OWNER = ref("test", "12", "345")


def files(*names: str) -> list[Attachment]:
    return [
        Attachment(ref=ref("file", "12", str(number)), title=name, about=OWNER, size=10)
        for number, name in enumerate(names, start=901)
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/files/image.png?id=902", ["902"]),
        ("/files/903/image.png", ["903"]),
        ("/view?projectid=902&fileid=903", ["903"]),
        ("/view?AttachmentID=901&id=902", ["901"]),
        ("/attachments/903", ["903"]),
        ("/files/image.png", ["901", "902", "903"]),
        ("/files/IMAGE.PNG?w=902", ["901", "902", "903"]),
        ("/projects/902/other.png", []),
        ("http://[broken", []),
        ("", []),
    ],
)
def test_an_id_says_more_than_a_name(address: str, expected: list[str]) -> None:
    found = matching(address, files("image.png", "image.png", "image.png"))
    assert [attachment.ref.ids[-1] for attachment in found] == expected


@pytest.mark.parametrize(
    ("title", "address"),
    [
        ("My screen shot.png", "/files/My+screen+shot.png"),
        ("My screen shot.png", "/files/My%20screen%20shot.png"),
        ("a+b.png", "/files/a+b.png"),
        ("über.png", "/files/u%CC%88ber.png"),
        ("u\u0308ber.png", "/files/%C3%BCber.png"),
        ("Shot 1.png", "get?name=shot 1.PNG"),
    ],
)
def test_names_are_equal_however_they_are_spelt(title: str, address: str) -> None:
    assert [attachment.title for attachment in matching(address, files("x.png", title))] == [title]


@pytest.mark.parametrize(
    "address",
    [
        "/files/image.png?id=777",
        "/f.aspx?fileid=777&name=image.png",
        "/files/777/image.png",
        "/attachments/12/777/image.png",
        "/uploads/777/image.png",
        "/files/image.png;id=777",
        "/files/image.png#id=777",
        "/files/image.png%3Fid%3D777",
        "/files/5f0c1b9a-0d41-4d6e-8a53-0a7c1f3b9e10/image.png",
    ],
)
def test_the_id_of_another_file_is_not_overruled_by_a_name(address: str) -> None:
    (own,) = files("image.png")
    other = files(*["image.png"] * 3)[-1]
    assert matching(address, [own]) == []
    assert matching(address.replace("777", "903"), [own], others=[other]) == ([other] if "777" in address else [])
    assert matching("/files/image.png", [own], others=[other]) == [own]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/x?profileid=901&id=902", ["902"]),
        ("/x?documentId=901&fileId=902", ["902"]),
        ("/x?file_id=902&id=901", ["902"]),
        ("/x?attachment-id=902", ["902"]),
        ("/x?grid=902&name=a.png", ["901"]),
        ("/x?file=902", ["902"]),
        ("/x?file=a.png&id=902", ["902"]),
        ("/Attachments/12/902/a.png", ["902"]),
        ("/files/2016/a.png?id=902", ["902"]),
        ("/x?fileid=777&id=902", []),
    ],
)
def test_ids_stand_in_parameters_of_their_own_names(address: str, expected: list[str]) -> None:
    assert [found.ref.ids[-1] for found in matching(address, files("a.png", "b.png"))] == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://q.acme.example/files/902/x.png", ["902"]),
        ("https://Q.acme.example:443/logo.png", ["901"]),
        ("//web.acme.example/logo.png", ["901"]),
        ("/logo.png", ["901"]),
        ("https://jira.acme.example/secure/attachment/55/logo.png", []),
        ("https://acme.example/files/902/x.png", []),
        ("https://cdn.other.example/logo.png", []),
        ("https://cdn.other.example/image/902/brand.png", []),
    ],
)
def test_a_picture_of_another_host_is_no_file_of_the_item(address: str, expected: list[str]) -> None:
    hosts = frozenset(("q.acme.example", "web.acme.example"))
    found = matching(address, files("logo.png", "other.png"), hosts)
    assert [attachment.ref.ids[-1] for attachment in found] == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/view?projectid=902&fileid=903", "903"),
        ("/view?fileid=999&id=902", ""),
        ("https://qa.example/attachments/903", "903"),
        ("https://other.example/attachments/903", ""),
        ("/getfile.ashx?id=902", "902"),
        ("/files/2016/05/b.png?id=902", "902"),
        # by chance
        ("/files/902/thumb.png", ""),
        ("/images/902/logo.png", ""),
        ("/images/902", ""),
        ("/bug.aspx?id=902", ""),
        ("/b.png", ""),
        ("http://[broken", ""),
    ],
)
def test_a_file_of_any_item_is_meant_only_for_sure(address: str, expected: str) -> None:
    for is_link in (True, False):
        found = of_another_item(address, files("a.png", "b.png", "c.png"), {"qa.example"}, is_link=is_link)
        assert (found.ref.ids[-1] if found else "") == expected
    assert of_another_item("https://qa.example/attachments/903", files("a.png", "b.png", "c.png"), ()) is None
