"""A picture's address means the attachment whose id it holds, or else the one whose name."""

import pytest

from mappings.picture_match import matching
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
        ("/files/image.png?id=7", ["901", "902", "903"]),
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
    ("address", "expected"),
    [
        ("https://files.acme.example/files/902/x.png", ["902"]),
        ("//q.acme.example/logo.png", ["901"]),
        ("/logo.png", ["901"]),
        ("https://cdn.other.example/logo.png", []),
        ("https://cdn.other.example/image/902/brand.png", []),
        ("https://acme.example/r?utm=logo.png", []),
    ],
)
def test_a_picture_of_somebody_else_is_no_file_of_the_item(address: str, expected: list[str]) -> None:
    found = matching(address, files("logo.png", "other.png"), "https://q.acme.example/tests/7")
    assert [attachment.ref.ids[-1] for attachment in found] == expected
