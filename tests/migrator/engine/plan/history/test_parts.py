"""Parts of a unit: the same names whenever they are planned, and what other runs in QA Sphere mean for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.ports.mapping import RunPart
from migrator.core.records import Fate, LedgerEntry
from migrator.core.refs import marker_line, variant
from migrator.core.views import RunView
from migrator.engine.plan.history.parts import (
    KnownPart,
    by_title,
    by_unit,
    case_state,
    is_taken,
    known_part,
    late_cases,
    new_parts,
    places_of,
)

UNIT = "qacomplete@acme:run:12/5"
CASES = st.lists(st.integers(1, 500).map(str), unique=True, min_size=1, max_size=60)


def view(ident: int, title: str, marker: str | None = None, milestone: int | None = None) -> RunView:
    description = None if marker is None else marker_line(marker)
    return RunView(id=ident, title=title, closed=False, description=description, milestone_id=milestone)


def known(marker: str, cases: str, *, takes_more: bool = True, fate: Fate = "unchanged") -> KnownPart:
    return KnownPart(marker, "A title", frozenset(cases), fate, takes_more=takes_more)


@given(CASES, st.integers(1, 20), st.booleans())
def test_every_case_is_in_exactly_one_part_and_no_part_is_too_large(cases: list[str], limit: int, first: bool) -> None:
    runs = [] if first else [UNIT]
    parts = new_parts(UNIT, cases, known=runs, limit=limit)
    assert [case for part in parts for case in part.cases] == cases
    assert all(len(part.cases) <= limit for part in parts)
    assert len({part.marker for part in parts}) == len({part.label for part in parts}) == len(parts)
    assert (UNIT in {part.marker for part in parts}) == first
    assert new_parts(UNIT, cases, known=runs, limit=limit) == parts


def test_a_part_is_recognised_by_its_marker_or_else_by_its_title() -> None:
    first, second = new_parts(UNIT, ["1", "2"], limit=1)
    (later,) = new_parts(UNIT, ["3"], known=[UNIT])
    parts = (first, second, later)
    titles = ["Smoke", f"Smoke · {second.label}", f"Smoke · {later.label}"]
    told = by_unit([view(n, "x", part.marker) for n, part in enumerate(parts)], "qacomplete@acme:")
    assert [marker for marker, _ in told[UNIT]] == [part.marker for part in parts]
    untold = by_title([view(n, title) for n, title in enumerate(titles)])
    assert [variant(UNIT, name) if name else UNIT for name, _ in untold["Smoke"]] == [part.marker for part in parts]
    assert by_unit([view(1, "x", "workiva@eu:phase:1")], "qacomplete@acme:") == {}


def test_a_title_is_taken_within_its_milestone_only() -> None:
    entry = LedgerEntry("m", "milestone", "3", None, "")
    others = [view(1, "Smoke", "", milestone=3), view(2, "Other", "")]
    assert is_taken("Smoke", entry, in_milestone=True, views=others)
    assert not is_taken("Smoke", None, in_milestone=False, views=others)
    assert not is_taken("Smoke", None, in_milestone=True, views=others)  # the milestone is still to be made
    assert is_taken("Other", None, in_milestone=False, views=others)
    assert is_taken("Smoke", None, in_milestone=False, views=[view(1, "Smoke")])  # nobody knows its milestone


def test_a_case_that_will_not_come_is_a_gap_with_the_fate_of_its_results() -> None:
    states = {fate: case_state(fate, in_ledger=False) for fate in ("pending", "unknown", "failed", "excluded", None)}
    assert {fate: (bool(state.gap), state.fate) for fate, state in states.items() if state.gap} == {
        "failed": (True, "blocked"),
        "excluded": (True, "excluded"),
        None: (True, "archived"),
    }
    assert case_state("gone", in_ledger=True).fate == "blocked"
    assert not case_state("failed", in_ledger=True).gap  # only its update failed


def test_results_go_to_the_first_part_that_takes_more() -> None:
    parts = [known("a", "12", takes_more=False), known("b", "1"), known("c", "13")]
    assert places_of(parts, []) == {"1": "b", "3": "c"}
    assert places_of(parts, [RunPart("d", ("2", "3"))]) == {"1": "b", "2": "d", "3": "c"}


def test_cases_all_of_whose_runs_are_closed_are_late() -> None:
    closed, taking = known("a", "12", takes_more=False), known("b", "1")
    assert late_cases([closed, taking]) == {"2"}
    assert late_cases([taking]) == late_cases([]) == frozenset()
    # what was deleted in QA Sphere is not made again, whatever else held it
    assert late_cases([closed, known("c", "2", takes_more=False, fate="gone")]) == {"1"}


def test_a_second_follow_up_of_the_same_cases_has_a_name_of_its_own() -> None:
    runs = [UNIT]
    for _ in range(4):
        (part,) = new_parts(UNIT, ["1", "2"], known=runs)
        assert part.marker not in runs
        assert new_parts(UNIT, ["2", "1"], known=runs)[0].marker == part.marker
        runs.append(part.marker)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_part_that_is_known_is_the_part_that_was_made(is_first: bool) -> None:
    cases = [f"m:{number}" for number in range(5)]
    for part in new_parts("u", cases, known=[] if is_first else ["u"], limit=2):
        there = KnownPart(part.marker, "A title", frozenset(part.cases), "unchanged")
        assert known_part("u", there) == part
