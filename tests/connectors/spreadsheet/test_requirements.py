"""Cells of requirements: everything in them arrives, or a note says what does not."""

from pathlib import Path

import pytest

from connectors.spreadsheet.requirements import requirements_in
from migrator.core.model import Link, Requirement
from tests.connectors.spreadsheet.test_source import doubts, read, written


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("", []),
        ("R-1, R-2;R-1\n", [("R-1", ""), ("R-2", "")]),
        ("JIRA-1, [SPEC](https://x.y/1)", [("JIRA-1", ""), ("SPEC", "https://x.y/1")]),
        ("[A](https://x/1) B; C", [("A", "https://x/1"), ("B", ""), ("C", "")]),
        ("- [A](https://x/1)\n- [B]()", [("A", "https://x/1"), ("B", "")]),
        ("[REQ](https://x.y/(z))", [("REQ", "https://x.y/(z)")]),
        ("[R [1], two](https://x/1)", [("R [1], two", "https://x/1")]),
        ("[REQ](https://a.b/1) [REQ](https://a.b/2)", [("REQ", "https://a.b/1"), ("REQ", "https://a.b/2")]),
        ("[ ](https://x/1)", [("https://x/1", "https://x/1")]),
        ("[A](mailto:a@b.c)", [("A", "mailto:a@b.c")]),
        ("[A](no link", [("[A](no link", "")]),
        ("[A](https://x/((y)))", [("[A](https://x/((y)))", "")]),
    ],
)
def test_a_cell_says_titles_and_addresses(cell: str, wanted: list[tuple[str, str]]) -> None:
    assert requirements_in(cell) == wanted


async def test_a_second_address_of_a_requirement_is_named(tmp_path: Path) -> None:
    text = (
        "ID,Title,Requirements\n1,A,[REQ](https://a.b/1) [REQ](https://a.b/2)\n"
        "2,B,[REQ](https://a.b/1)\n3,C,JIRA-1\n4,D,[JIRA-1](https://j/1)\n"
    )
    records = await read(written(tmp_path, text))
    found = [(one.title, one.address) for r in records if isinstance(one := r.entity, Requirement)]
    assert found == [("REQ", "https://a.b/1"), ("JIRA-1", None)]
    links = [(one.first.ids, one.second and one.second.ids) for r in records if isinstance(one := r.entity, Link)]
    assert links == [(("1",), ("REQ",)), (("2",), ("REQ",)), (("3",), ("JIRA-1",)), (("4",), ("JIRA-1",))]
    said = "the requirement {} has the address {} here, and keeps its first: {}"
    assert doubts(records) == [
        ("export.csv, row 2", said.format("REQ", "https://a.b/2", "https://a.b/1")),
        ("export.csv, row 5", said.format("JIRA-1", "https://j/1", "none")),
    ]
