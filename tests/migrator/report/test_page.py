"""The report page as text: nothing of the data becomes markup, everything is in the blocks, memory stays flat."""

import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from migrator.report.acceptance import Acceptance, Compared, ProjectPair, tallies_of, verdict_of
from migrator.report.chart import chart_of
from migrator.report.html import acceptance_html, html_report
from migrator.report.packing import ROWS_PER_BLOCK
from migrator.report.values import News, Overview, Pace, Row
from state.acceptances import LeftPage
from state.questions.leftovers import Leftover
from state.questions.notes import KeptNote, NotedItem
from state.questions.outcomes import Outcome, StoredBytes
from state.timings import Timing
from tests.support.report_page import ATTACK, blocks_in, page_of, sample_overview, sample_rows


def one(parsed: LexborHTMLParser, selector: str) -> LexborNode:
    (found,) = parsed.css(selector)
    return found


def test_data_never_becomes_markup() -> None:
    page = page_of(sample_overview(), sample_rows(3))
    parsed = LexborHTMLParser(page)
    assert parsed.css("img, iframe, object, embed") == []
    assert [node.attributes for node in parsed.css("link")] == [{"rel": "icon", "href": "data:,"}]
    assert all(name[:2] != "on" for node in parsed.css("*") for name in node.attributes)
    running = [node for node in parsed.css("script") if node.attributes.get("type") is None]
    assert len(running) == 1
    assert ATTACK in one(parsed, "h1").text()
    assert not re.search(r"""(src|href)=["']?https?:""", page)


def test_the_policy_names_exactly_the_script_and_the_style_of_the_page() -> None:
    page = page_of(sample_overview(), [])
    policy = one(LexborHTMLParser(page), "meta[http-equiv]").attributes["content"] or ""
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_every_row_is_in_the_blocks_with_its_details() -> None:
    rows = sample_rows(2 * ROWS_PER_BLOCK)
    found = blocks_in(page_of(sample_overview(), rows))
    tables = found["tables"][0]
    titles = [row[5] for block in found["rows"] for row in block]
    assert titles == [row.title for row in rows]
    assert [len(block) for block in found["rows"]] == [len(block) for block in found["details"]] == [500, 500, 2]
    first, detail = found["rows"][0][0], found["details"][0][0]
    assert tables["fates"][first[1]] == "conflict"
    assert [tables["codes"][code] for code in first[8]] == ["title_cleaned"]
    assert detail[0] == ATTACK
    assert detail[4][0] == [
        "title",
        "Sign in with a <b>password</b>",
        "Sign in with a <b>pass phrase</b>",
        "Sign in",
        False,
    ]


def test_memory_does_not_grow_with_the_rows() -> None:
    def rows(count: int) -> Iterator[Row]:
        note = KeptNote("table_flattened", "steps", "a | b", "cells are separated by a bar")
        return (Row("12", "case", f"Title {n}", f"m:{n}", "migrated", notes=(note,) * 4) for n in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in html_report(sample_overview(), rows(count)):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(ROWS_PER_BLOCK)  # what is loaded once
    assert peak(8 * ROWS_PER_BLOCK) < 1.5 * peak(2 * ROWS_PER_BLOCK)


def test_more_rows_than_a_browser_can_hold_are_left_out_and_named() -> None:
    overview = replace(sample_overview(), most_rows=5)
    page = page_of(overview, sample_rows(10))
    assert len(blocks_in(page)["rows"][0]) == 5
    assert "the first 5 of 12 items" in one(LexborHTMLParser(page), "#items").text()


def test_an_empty_workspace_makes_a_page() -> None:
    page = page_of(Overview("Migration report", 0, (), (), {}), [])
    assert blocks_in(page) == {
        "tables": [{"kinds": [], "fates": [], "actions": [], "projects": [], "codes": []}],
    }


def test_times_waits_and_the_chart_are_drawn() -> None:
    phase = Timing(0, "run", "12", "load", 0, 90, 1800, {"QA Sphere allows 20/s": 80.0, "answers of QA Sphere": 2.0})
    overview = Overview("Migration report", 0, (), (), {}, phases=(phase,), pace=Pace(0, 30, (600, 0, 570), 20))
    page = LexborHTMLParser(page_of(overview, []))
    assert len(page.css("rect.bar")) == 2
    assert "1170 items in 90 s" in one(page, "figcaption").text()
    texts = [node.text() for node in page.css("td.text")]
    assert texts == ["QA Sphere allows 20/s", "answers of QA Sphere"]
    assert [node.text() for node in page.css("table.narrow td")][:3] == ["90 s", "1,800", "20.0"]


def test_phases_side_by_side_are_counted_once() -> None:
    spans = ((0.0, 40.0, "load"), (10.0, 8.0, "files"), (35.0, 10.0, "read back"), (60.0, 5.0, "results"))
    phases = tuple(Timing(0, "run", "12", phase, start, start + seconds, 1, {}) for start, seconds, phase in spans)
    overview = Overview("Migration report", 0, (), (), {}, phases=phases)
    assert overview.applied_seconds == 45 + 5


def test_the_chart_stays_inside_its_frame() -> None:
    for counts in ((1, 0, 0), (0, 0, 1000), (1,) * 90):
        drawing = chart_of(Pace(1_700_000_000, 7, counts, 20))
        assert all(0 <= y <= 180 and y + height <= 180 and x + width <= 720.5 for x, y, width, height in drawing.bars)
        assert len(drawing.times) <= 6


def test_what_was_left_behind_is_counted_and_named() -> None:
    page = page_of(
        Overview(
            "Migration report",
            0,
            (),
            (),
            {},
            left_behind={"upload": 3},
            leftovers=[Leftover("upload", "<a>.pdf", "m1")],
        ),
        [],
    )
    assert "up to 3 files lie in QA Sphere twice" in page
    assert "<li>&lt;a&gt;.pdf <code>m1</code></li>" in page


def test_the_page_that_is_signed_takes_hostile_texts_and_folds_the_tables() -> None:
    note = NotedItem("12", "case", ATTACK, ATTACK, ATTACK, ATTACK, ATTACK)
    acceptance = Acceptance(
        verdict=(News("bad", ATTACK), News("warn", ATTACK, ATTACK)),
        compared=Compared(0, 2, {}, {"different": {ATTACK: 1}}, (("files", ATTACK),)),
        facts=(("run by", ATTACK),),
        projects=[ProjectPair("12", ATTACK, ATTACK, ATTACK)],
        tallies=tallies_of([Outcome("12", ATTACK, False, "migrated", 2, True)], {}),
        decided=[("conflict_kept", note)],
        files=[StoredBytes(ATTACK, "12", ATTACK, 3, ATTACK, "", "1")],
        file_count=2,
        earlier=[LeftPage(0, ATTACK, ATTACK, ATTACK)],
    )
    page = "".join(acceptance_html(sample_overview(), sample_rows(3), acceptance))
    parsed = LexborHTMLParser(page)
    assert parsed.css("img, iframe, object, embed") == []
    assert all(name[:2] != "on" for node in parsed.css("*") for name in node.attributes)
    assert len(parsed.css("details.tables #items")) == 1
    assert len(parsed.css("details.tables #h-losses")) == 0
    assert "… and 1 more" in page


def test_a_loss_says_how_many_items_it_does_not_name() -> None:
    overview = sample_overview()
    (loss,) = overview.losses
    more = replace(overview, losses=(replace(loss, items={"case": 20, "run": 11}),))
    said = [one(LexborHTMLParser(page_of(shown, [])), "details.loss").text() for shown in (overview, more)]
    assert ["and 30 more" in text for text in said] == [False, True]
    assert "more" not in said[0]


def test_every_item_stands_in_one_column() -> None:
    away = ("folded", "archived", "excluded", "gone", "pending", "unknown")
    there = ("migrated", "updated", "adopted", "excluded_since", "conflict", "failed")
    outcomes = [
        *(Outcome("12", "case", False, name, 1, name in there) for name in away + there),
        Outcome("12", "case", True, "migrated", 4, True),
        Outcome("12", "case", False, "left", 2, True),
        Outcome("12", "case", False, "left", 3, False),
        Outcome("12", "case", True, "replaced", 5, True),
    ]
    (tally,) = tallies_of(outcomes, {"12": {"case": 12}})
    apart = (tally.there, tally.folded, tally.archived, tally.excluded, tally.gone, tally.open)
    assert apart == (10, 1, 1, 1, 1, 2)
    assert tally.at_source + tally.made == sum(apart)
    assert (tally.excluded_since, tally.outdated) == (1, 2)
    assert tally.there + tally.left == tally.compared
    assert (tally.left, tally.left_before, tally.replaced) == (2, 3, 5)


def test_what_left_the_source_before_it_was_migrated_is_not_said_to_be_kept() -> None:
    outcomes = [Outcome("12", "case", False, "left", count, there) for count, there in ((2, True), (3, False))]
    compared = Compared(0, 0, {}, {}, ())
    said = [news.text for news in verdict_of(outcomes, compared, {}, losing=0, moment="")]
    assert "2 cases left the source since; QA Sphere keeps what it has" in said
