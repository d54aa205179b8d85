"""Cases that are unchanged: everything that decided about them is as it was when they were planned, and QA Sphere still
has them. They are not read, mapped or compared again; what was planned of them holds.

Only the plainest outcome is left alone: a case whose draft is what the ledger holds, that is based and complete, with
nothing under way. Then neither policies nor ``--remap`` nor what QA Sphere shows of it are asked. Whatever is in doubt
is planned in full.
"""

from collections.abc import Mapping, Sequence

from migrator.core.base import digest_of
from migrator.core.drafts import CaseDraft
from migrator.core.model import TestCase
from migrator.core.ports.mapping import FolderPlan, Mapped, Mapper
from migrator.core.records import (
    CaseInputs,
    CaseRow,
    Extracted,
    KeptPlan,
    PlannedItem,
    Round,
    Surrounded,
    Verb,
)
from migrator.engine.job import Job
from migrator.engine.plan.files import is_made
from state.store import Store

_VERBS: tuple[Verb, ...] = ("create", "update")


class UnchangedCaseFinder:
    """Finds them in one round. ``rules``: digest of everything but the case that the plan goes by; empty: none is
    found."""

    def __init__(self, store: Store, current: Round, rules: str, folders: FolderPlan) -> None:
        self._store = store
        self._round = current
        self._rules = rules
        self._folders = folders

    def among(self, rows: Sequence[CaseRow]) -> Mapping[str, KeptPlan]:
        """Return what was kept of the cases that are unchanged, by marker."""
        if not self._rules:
            return {}
        kept = self._store.unchanged_cases.kept([row.marker for row in rows])
        entries = self._store.ledger.entries(list(kept))
        there = self._store.snapshots.by_id(self._round.project, "plan", [entry.id for entry in entries.values()])
        carriers = self._store.snapshots.by_marker(self._round.project, "plan", list(entries))
        under_way = self._under_way(list(entries))
        asked = [
            row
            for row in rows
            if (entry := entries.get(row.marker))
            and entry.is_based
            and entry.is_complete
            and entry.stamp is not None
            and entry.id in there
            and row.marker not in under_way
            # a case beside it that carries its marker is noted
            and all(case.id == entry.id for case in carriers.get(row.marker, ()))
        ]
        addresses = {row.marker: kept[row.marker].addresses for row in asked}
        inputs = self._store.unchanged_cases.inputs(self._round, asked, addresses)
        found = {
            row.marker: kept[row.marker]
            for row in asked
            if inputs[row.marker].stamp == entries[row.marker].stamp
            and kept[row.marker].digest == self._digest(row, inputs[row.marker], entries[row.marker].digest)
        }
        stored = self._store.ledger.entries([file[0] for plan in found.values() for file in plan.files])
        return {marker: plan for marker, plan in found.items() if all(file in stored for file, _, _ in plan.files)}

    def kept_plans(
        self, chunk: Sequence[Extracted[TestCase]], cases: Sequence[Surrounded[TestCase]], mapped: Sequence[Mapped]
    ) -> Mapping[str, KeptPlan]:
        """Return what to keep of the planning of cases, by marker; ``cases``, ``mapped``: the same ones with their
        surroundings, and mapped."""
        if not self._rules:
            return {}
        rows = [_row(item) for item in chunk]
        addresses = {case.entity.ref.marker: case.addresses for case in cases}
        inputs = self._store.unchanged_cases.inputs(self._round, rows, addresses)
        return {
            row.marker: KeptPlan(
                self._digest(row, inputs[row.marker], item.draft.digest),
                addresses[row.marker],
                tuple((file.marker, file.name, is_made(file)) for file in item.files),
                item.folded,
            )
            for row, item in zip(rows, mapped, strict=True)
            if isinstance(item.draft, CaseDraft)
        }

    def _under_way(self, markers: Sequence[str]) -> set[str]:
        journal = self._store.journal
        return {
            marker
            for verb in _VERBS
            for marker, (state, _) in journal.operation_states(markers, verb).items()
            if state != "done"
        }

    def _digest(self, row: CaseRow, inputs: CaseInputs, draft: str) -> str:
        """Return the digest of everything that decides, and of the draft that it leads to."""
        place = [self._folders.place.get(row.folder), self._folders.refused.get(row.folder)]
        stamp = inputs.stamp
        around = [inputs.around, dict(inputs.leads)]
        return digest_of([self._rules, row.marker, place, row.stamp.entity, stamp.entity, stamp.raw, around, draft])


def rules_digest(job: Job, mapper: Mapper, people: str) -> str:
    """Return the digest of everything but the cases that the rules go by; empty when nobody can know it."""
    return digest_of([job.program, mapper.digest, people]) if job.program else ""


def unchanged_files(plan: KeptPlan) -> list[PlannedItem]:
    """Return the files of an unchanged case: they are in QA Sphere."""
    return [
        PlannedItem(Mapped(marker, "file", name, made=made), "unchanged", keeps_notes=True)
        for marker, name, made in plan.files
    ]


def _row(item: Extracted[TestCase]) -> CaseRow:
    folder = item.entity.folder
    return CaseRow(item.entity.ref.marker, folder.marker if folder else "", item.stamp)
