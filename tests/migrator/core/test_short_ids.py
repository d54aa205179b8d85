"""Ids that people read, and runs that earlier versions called otherwise."""

from migrator.core.refs import short_id, with_short_ids
from migrator.engine.plan.history.parts import KnownPart, is_renamed

LONG = "5f1c8f0e-91d0-4a6e-8d8c-0d9a3b0a7f11"


def test_only_ids_that_nobody_reads_are_shortened() -> None:
    assert [short_id(one) for one in ("501", "a" * 12, LONG)] == ["501", "a" * 12, "5f1c8f0e"]
    assert with_short_ids(f"Set · #{LONG} · follow-up 1a2b3c4d [#12]") == "Set · #5f1c8f0e · follow-up 1a2b3c4d [#12]"


def test_a_run_under_its_earlier_title_is_not_renamed() -> None:
    known = KnownPart("m:run:f/p", f"Form - Phase · #{LONG}", frozenset(), "unchanged", shown=f"Form - Phase · #{LONG}")
    assert not is_renamed(known, "Form - Phase · #5f1c8f0e")
    assert is_renamed(known, "Form - Renamed · #5f1c8f0e")
