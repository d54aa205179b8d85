"""What every source that gives runs promises about them and their results."""

from collections.abc import Sequence

from migrator.core.model import Result, TestRun
from migrator.core.ports.source import Record, Source
from migrator.core.refs import Ref
from migrator.testing.sources import SourceFactory, pages_of


def refs_of(records: list[Record], kind: str) -> set[Ref]:
    return {record.entity.ref for record in records if record.entity.kind == kind}


async def test_runs_come_before_their_results(source: Source, factory: SourceFactory) -> None:
    """So that a result whose run is not known yet is the result of a run that is gone."""
    known: set[Ref] = set()
    for stream in source.abilities.streams:
        for _, page in await pages_of(source, stream, factory.project):
            entities = [record.entity for record in page.records]
            known |= {entity.ref for entity in entities if isinstance(entity, TestRun)}
            assert {entity.run for entity in entities if isinstance(entity, Result)} <= known
    assert bool(known) == ("run" in factory.ref_kinds)


async def test_runs_and_results_lead_to_what_is_listed(records: list[Record], results: Sequence[Result]) -> None:
    runs = [record.entity for record in records if isinstance(record.entity, TestRun)]
    kinds = {kind: {ref.kind for ref in refs_of(records, kind)} for kind in ("milestone", "configuration", "case")}
    named = [
        *[("milestone", run.milestone) for run in runs],
        *[("configuration", run.configuration) for run in runs],
        *[("case", result.case) for result in results],
    ]
    given = [(kind, ref) for kind, ref in named if ref is not None]
    assert all(ref.kind in kinds[kind] for kind, ref in given)
    for kind in {kind for kind, _ in given}:
        assert refs_of(records, kind) & {ref for known, ref in given if known == kind}
    # a run of nothing is possible, a result of no run is not
    assert {result.run for result in results} <= {run.ref for run in runs}


async def test_results_of_a_run_come_in_their_order(results: Sequence[Result]) -> None:
    places: dict[Ref, list[int]] = {}
    for result in results:
        places.setdefault(result.run, []).append(result.position)
    assert all(found == sorted(found) and found[0] >= 0 for found in places.values())


async def test_results_tell_what_happened(results: Sequence[Result], factory: SourceFactory) -> None:
    for result in results:
        assert result.title.strip()
        assert result.duration_ms is None or result.duration_ms > 0
        assert result.executed_at is None or result.status
    if results:
        assert any(result.status for result in results)
        assert any(step.status for result in results for step in result.steps) == factory.step_results


async def test_a_run_of_one_test_is_called_like_it(records: list[Record], results: Sequence[Result]) -> None:
    titles = {result.run: result.title for result in results}
    singles = [record.entity for record in records if isinstance(record.entity, TestRun) and record.entity.single]
    assert [run.set_title for run in singles] == [titles[run.ref] for run in singles]
