"""Any edits on both sides between any rounds: it comes to what the policy says, and then to rest."""

import random
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qacomplete.sandbox import Test, generate
from connectors.qasphere.sandbox.store import Case
from migrator.engine.job import DELETED_TAG, ConflictPolicy
from migrator.standin.options import Profile, StandInOptions
from tests.support.oracle import marker_of
from tests.support.properties import examples
from tests.support.rig import Rig, rig

SIZE = 4
ROUNDS = 5
EDITS = 9
PRIORITIES = {"1-High": "high", "2-Medium": "medium", "3-Low": "low"}


@dataclass
class Model:
    """What one case has to look like: per field both sides' values, now and as they were merged last.

    ``date``: what the source says of its last change, which stands in the case; as it is now, as it was read with the
    last real change (``read``), and as it was merged last.
    """

    source: dict[str, str]
    there: dict[str, str]
    source_base: dict[str, str] = field(default_factory=dict)
    there_base: dict[str, str] = field(default_factory=dict)
    is_there: bool = True
    is_deleted: bool = False
    is_tagged: bool = False
    read: dict[str, str] = field(default_factory=dict)
    date: str = ""
    date_read: str = ""
    date_base: str = ""

    def settle(self) -> None:
        self.source_base, self.there_base, self.read = dict(self.source), dict(self.there), dict(self.source)

    def _extract(self) -> None:
        if not self.is_deleted and self.read != self.source:
            self.read, self.date_read = dict(self.source), self.date

    def look(self) -> None:
        """Do what a dry run does: where both sides have come to the same, and nothing else is to be sent, there is
        nothing left to decide."""
        self._extract()
        changed = [name for name in self.source if self.source[name] != self.source_base[name]]
        settles = self.is_there and not self.is_deleted and not self.is_tagged and self.date_read == self.date_base
        if settles and all(self.source[n] == self.there[n] for n in changed):
            for name in changed:
                self.source_base[name] = self.there_base[name] = self.source[name]

    def sync(self, policy: ConflictPolicy) -> bool:
        """Do what a round has to do; return whether it is in conflict."""
        self._extract()
        self.is_there = True
        if self.is_deleted:
            self.is_tagged = True
            return False
        changed = [name for name in self.source if self.source[name] != self.source_base[name]]
        mine = [
            name
            for name in changed
            if self.there[name] != self.there_base[name] and self.there[name] != self.source[name]
        ]
        if mine and policy == "report":
            return True
        self.is_tagged, self.date_base = False, self.date_read
        for name in changed:
            if not (name in mine and policy == "destination"):
                self.there[name] = self.source[name]
            self.source_base[name], self.there_base[name] = self.source[name], self.there[name]
        return False


@settings(max_examples=examples(5), deadline=None)
@given(
    seed=st.integers(0, 10_000),
    policy=st.sampled_from(["report", "source", "destination"]),
    profile=st.sampled_from(["strict", "lenient", "odd"]),
)
def test_any_edits_on_both_sides_come_to_what_the_policy_says(
    seed: int, policy: ConflictPolicy, profile: Profile
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        anyio.run(_live_side_by_side, folder, seed, policy, profile)
    finally:
        shutil.rmtree(folder)


async def _live_side_by_side(folder: Path, seed: int, policy: ConflictPolicy, profile: Profile) -> None:
    chance = random.Random(seed)
    async with rig(folder, generate(SIZE), destination_options=StandInOptions(profile=profile)) as running:
        running.settings = {"sync": {"conflicts": policy, "deletions": "tag"}}
        tests = {test.id: test for test in running.source.data.tests}
        for test in tests.values():
            test.priority = "2-Medium"
        await running.sync()
        models = {}
        for case in running.shop.cases:
            test = tests[_id_of(case)]
            shown = {"title": case.title, "priority": case.priority}
            models[test.id] = Model({"title": test.title, "priority": "medium"}, shown)
            models[test.id].settle()
        for number in range(ROUNDS):
            for _ in range(chance.randrange(EDITS)):
                _edit(running, chance, tests, models)
            if chance.random() < 0.3:
                _add(running, tests, models, 20_000 + number)
            report = await running.sync(dry_run=chance.random() < 0.2)
            if report.dry_run:
                for model in models.values():
                    model.look()
                continue
            conflicts = {ident for ident, model in models.items() if model.sync(policy)}
            assert {int(entry["marker"].rpartition("/")[2]) for entry in report.conflicts} == conflicts
            deleted = {ident for ident, model in models.items() if model.is_deleted}
            assert {int(entry["marker"].rpartition("/")[2]) for entry in report.deletions} == deleted
            _compare(running, models)
            assert (report.failures, report.balanced) == ([], True)
        await running.sync()
        writes = running.writes()
        report = await running.sync()
        assert (running.writes(), report.written) == (writes, {})
        assert (await running.sync(dry_run=True)).written == {}


def _some_date(chance: random.Random) -> str:
    """Return when the source says that it was changed: its clock is up to 90 minutes off, or it is the night in which
    Denver has an hour twice, or the one in which it has an hour less. Nothing may depend on it."""
    nights = ["2026-11-01T01:30:00.0000000", "2026-03-08T02:30:00.0000000"]
    skewed = datetime(2026, 6, 1, 12) + timedelta(minutes=chance.randint(-90, 90))  # noqa: DTZ001 - as the vendor writes
    return chance.choice([*nights, f"{skewed.isoformat()}.0000000"])


def _edit(running: Rig, chance: random.Random, tests: dict[int, Test], models: dict[int, Model]) -> None:
    # most edits meet on few cases
    ident = chance.choice([*list(models)[:2] * 2, *models])
    test, model = tests[ident], models[ident]
    name, letter = chance.choice(["title", "title", "title", "priority"]), chance.choice("ABC")
    priority = chance.choice(list(PRIORITIES))
    cases = {_id_of(case): case for case in running.shop.cases}
    kind = chance.choice(["source", "source", "there", "there", "delete"])
    if kind == "delete":
        _delete_or_restore(running, test, model, models)
    elif kind == "source":
        test.title = f"{ident} {letter}" if name == "title" else test.title
        test.priority = priority if name == "priority" else test.priority
        model.source[name] = test.title if name == "title" else PRIORITIES[priority]
        model.date = test.date_updated = _some_date(chance)
    elif ident in cases:
        model.there[name] = f"{ident} {letter}" if name == "title" else PRIORITIES[priority]
        setattr(cases[ident], name, model.there[name])
        cases[ident].version += 1


def _delete_or_restore(running: Rig, test: Test, model: Model, models: dict[int, Model]) -> None:
    if model.is_deleted:
        running.source.data.tests.append(test)
        model.is_deleted = False
    elif model.is_there and sum(other.is_deleted for other in models.values()) < 2:
        running.source.data.tests.remove(test)
        model.is_deleted = True


def _add(running: Rig, tests: dict[int, Test], models: dict[int, Model], ident: int) -> None:
    test = Test(ident, 12, f"{ident} new", folder_id=running.source.data.folders[0].id)
    running.source.data.tests.append(test)
    tests[ident] = test
    values = {"title": test.title, "priority": "medium"}
    # it is made as the source has it when it is first seen
    models[ident] = Model(values, dict(values), {"title": "", "priority": ""}, dict(values), is_there=False)


def _compare(running: Rig, models: dict[int, Model]) -> None:
    cases = {_id_of(case): case for case in running.shop.cases}
    assert cases.keys() == models.keys()
    assert len(running.shop.cases) == len(models)
    for ident, model in models.items():
        case = cases[ident]
        shown = {"title": case.title, "priority": case.priority}
        assert shown == model.there, (ident, model)
        assert (DELETED_TAG in case.tags) == model.is_tagged, (ident, model)


def _id_of(case: Case) -> int:
    return int(marker_of(case).rpartition("/")[2])
