"""The summary says the worst first; the tree counts branches."""

import pytest

from migrator.report.folders import folder_tree
from migrator.report.news import measured_beside, next_step, plan_news, run_news
from migrator.report.values import Cost, Measured


def test_the_worst_comes_first() -> None:
    items = {"case": {"unchanged": 1, "conflict": 2, "failed": 1, "pending": 3}}
    news = plan_news(items, {"case": {"create": 2, "update": 1, "remap": 1}}, losing=4, unmapped=1)
    assert [entry.text.split(":")[0] for entry in news] == [
        "1 case failed",
        "2 cases in conflict",
        "1 case would be mapped otherwise by today's rules",
        "4 notes",
        "1 value or field that no rule knows",
        "Will create 2 cases and update 1 case.",
    ]
    assert [entry.tone for entry in news] == ["bad", "bad", "warn", "warn", "warn", "plain"]


def test_nothing_to_write_is_good_only_without_troubles() -> None:
    assert [entry.tone for entry in plan_news({}, {}, losing=0, unmapped=0)] == ["good"]
    assert plan_news({"case": {"gone": 1}}, {}, losing=0, unmapped=0)[-1].tone == "plain"


def test_books_that_do_not_balance_stand_above_all() -> None:
    news = run_news(
        {"case": {"failed": 1, "migrated": 5}},
        losing=0,
        unmapped=0,
        imbalance={"12": "1 too many"},
        left_behind={"receipt": 2},
        verified=None,
    )
    assert news[0].text == "The books of project 12 do not balance: 1 too many"
    assert not any("books balance" in entry.text for entry in news)


def test_every_trouble_has_a_next_step() -> None:
    assert "migrator retry" in next_step("failed")
    assert "migrator status" in next_step("a fate of tomorrow")


def test_branches_are_counted_and_numbered_in_order() -> None:
    tree = folder_tree(
        [
            ("m:a", ("A",), {"migrated": 1}),
            ("m:ab", ("A", "B"), {"migrated": 2, "failed": 1}),
            ("m:c", ("C",), {}),
            ("m:ad", ("A", "D"), {"migrated": 4}),
        ]
    )
    top = tree.roots[0]
    assert (top.name, top.total, top.id, top.last) == ("A", 8, 0, 2)
    assert [child.path for child in top.children] == ["A / B", "A / D"]
    assert tree.ids == {"m:a": 0, "m:ab": 1, "m:ad": 2, "m:c": 3}
    assert tree.parents == {"m:ab": 0, "m:ad": 0}


def test_a_tree_deeper_than_a_page_can_show_keeps_its_items() -> None:
    path = tuple(str(level) for level in range(3000))
    tree = folder_tree([("m:deep", path, {"migrated": 7})])
    assert tree.roots[0].total == 7
    assert tree.ids["m:deep"] == 39


@pytest.mark.parametrize(("reading", "ending"), [(4.0, "(5)"), (185.0, "; reading the source before took 3 min 05 s")])
def test_what_applying_took_stands_beside_the_forecast_and_reading_where_it_was_long(
    reading: float, ending: str
) -> None:
    cost = Cost(requests=5, seconds=30, bottleneck="", endpoints={}, reading_seconds=reading)
    measured = Measured(requests=6, source_requests=0, seconds=33, held_up="", ended_at=1)
    said = measured_beside(cost, measured)
    assert said.startswith("applying took 33 s (forecast: 30 s), 6 requests to QA Sphere (5)")
    assert said.endswith(ending)
