"""Nothing that people wrote is only in the archive, or nowhere; and the ledger that says so can tell."""

from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import demo_company
from tests.facts.companies import generated, migrated
from tests.facts.evidence import Evidence
from tests.facts.ledger import Fact, Judged, Place, judged, printed, table
from tests.facts.workiva import WORKIVA, migrated_workiva


def homeless(found: list[Judged]) -> list[str]:
    return [
        f"{one.place}: {one.fact.kind} of {one.fact.owners[0]}: {one.fact.words[:1]}"
        for one in found
        if one.place in ("archive only", "nowhere") and one.fact.by_people
    ]


async def test_every_fact_of_the_demo_is_there_or_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = await migrated(tmp_path, demo_company())
    with capsys.disabled():
        print(f"\n{printed(table(found)).splitlines()[-2]}")  # noqa: T201 - the figures are for people
    assert homeless(found) == []
    assert len(found) > 1500
    counts = table(found)
    assert counts["link of test and test"] == {"note": 1}
    assert {place for kind in ("defect status", "note text", "file bytes") for place in counts[kind]} == {"destination"}


async def test_every_fact_of_a_generated_company_is_there_or_named(tmp_path: Path) -> None:
    found = await migrated(tmp_path, generated(cases=12, items=5), test_links=True)
    assert homeless(found) == []
    counts = table(found)
    assert counts["link of test and test"] == {"destination": 1}
    assert {one.place for one in found if one.fact.owners[0].endswith(":run:12/990")} == {"note"}


@pytest.mark.parametrize("company", sorted(WORKIVA))
async def test_every_fact_of_workiva_is_there_or_named(tmp_path: Path, company: str) -> None:
    found = await migrated_workiva(tmp_path, WORKIVA[company]())
    assert homeless(found) == []
    counts = table(found)
    there = ("data cell", "result cell", "file bytes", "export bytes", "column", "graph tests_control")
    assert {place for kind in there for place in counts[kind]} == {"destination"}
    assert len(found) > 250


@pytest.mark.parametrize(
    ("fact", "place"),
    [
        (Fact("words", ("a",), ("<p>Guests can&nbsp;order</p>",)), "destination"),
        (Fact("words with others between", ("a",), ('see <a href="https://x.example">the wiki</a>',)), "destination"),
        (Fact("words of another item", ("b",), ("Guests can order",)), "nowhere"),
        (Fact("half of the words", ("a",), ("Guests can pay",)), "nowhere"),
        (Fact("one word", ("a",), ("order",)), "destination"),
        (Fact("part of a word", ("a",), ("ord",)), "nowhere"),
        (Fact("words of a note", ("c",), ("inactive",)), "note"),
        (Fact("of what was left out with another reason", ("c",), ("whatever",)), "nowhere"),
        (Fact("bytes that a note names", ("c",), sha256="12ab"), "note"),
        (Fact("original", ("a",), ("secret",)), "archive only"),
        (Fact("bytes", ("b", "a"), sha256="12ab"), "destination"),
        (Fact("bytes of another item", ("b",), sha256="12ab"), "nowhere"),
    ],
)
def test_the_ledger_tells_where_a_fact_is(fact: Fact, place: Place) -> None:
    evidence = Evidence(
        here={"a": "Guests can order , see the wiki (https://x.example)"},
        archive={"a": '{"title": "secret"}'},
        notes={"c": "inactive at the source"},
    )
    evidence.files["a"].add("12ab")
    assert [one.place for one in judged([fact], evidence)] == [place]
