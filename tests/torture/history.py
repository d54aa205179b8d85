"""Kill and disturb migrations of runs and results, then count every result in QA Sphere."""

import hashlib
import json
import random
import re
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from connectors.qacomplete.config import FINAL_STATUSES
from connectors.qacomplete.sandbox import RunItem, SeedData, generate
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from connectors.qacomplete.sandbox.sample_files import png
from connectors.qasphere.sandbox import Switches
from connectors.qasphere.sandbox.store_runs import Run
from migrator.core.refs import stated_marker
from migrator.engine.load.journaled_write import POINTS, VARIABLE
from migrator.standin.options import FaultPlan, StandInOptions
from tests.support.rig import Command, Rig, rig

_STATUS = {"Passed": "passed", "Failed": "failed", "Blocked": "blocked", "Skipped": "skipped"}
_MOST_RUNS = 40
_PICTURES = 3
_FILE = re.compile(r"/api/file/([^\"/?]+)")
EVERYWHERE = tuple(f"{kind}.{point}" for kind in ("milestone", "run", "result", "close") for point in POINTS)


@dataclass
class HistoryReport:
    """What became of it. ``kills``: crash points at which the process died; ``wrong``: in words."""

    results: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    code: int = 0
    detail: str = ""
    faults: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    unknown: int = 0

    def lines(self) -> list[str]:
        """Return the report for people."""
        kills = ", ".join(f"{point} {count}" for point, count in sorted(self.kills.items()))
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        return [
            f"results {self.results}, unknown {self.unknown}, exit {self.code}, {self.requests} requests,"
            f" wrong {len(self.wrong)}",
            *self.wrong[:10],
            *([f"kills: {kills}"] if kills else []),
            *([f"faults: {faults}"] if faults else []),
        ]


def history(cases: int, runs: int, items: int, *, releases: int = 6) -> SeedData:
    """Return a project with runs in which every test comes several times when there are more items than tests."""
    data = generate(cases, items=releases)
    generate_runs(data, runs, items, steps=2)
    for number in range(_PICTURES):
        data.pictures[f"/images/{number}.png"] = png(8 + number, 8, (200, 60, 40))
    for run in data.runs:
        if run.make_items:
            run.make_items = partial(_illustrated, run.make_items)
    return data


def _illustrated(make: Callable[[int, int], list[RunItem]], start: int, end: int) -> list[RunItem]:
    """Let some of a run's items show a picture in what came of their first step."""
    items = make(start, end)
    for item in items:
        if item.date and item.id % 4 == 0:
            item.outcomes[0].actual_result = f'see <img src="/images/{_picture_of(item.id)}.png" alt="it">'
    return items


def _picture_of(item: int) -> int:
    return item // 4 % _PICTURES


async def kill_history(
    folder: Path,
    data: SeedData,
    *,
    points: tuple[str, ...] = EVERYWHERE,
    random_kills: int = 2,
    seed: int = 1,
    stretch: int = 1000,
) -> HistoryReport:
    """Migrate with a kill at each of the points, in the order of loading, and then at random moments. Where a point is
    not reached within a ``stretch`` of so many writes, the kill comes there, and something is left for the others."""
    chance = random.Random(seed)
    report = HistoryReport()
    async with rig(folder, data, destination_options=StandInOptions(latency=0.005)) as running:
        running.settings = {"destination": {"settle_seconds": 1}}
        for point in points:
            most = running.writes() + stretch
            ended = await running.migrate(environment={VARIABLE: f"{point}:{chance.randint(1, 2)}"}, kill_at=most)
            if ended.code == -signal.SIGKILL:
                report.kills[point if running.writes() < most else "random"] += 1
        for _ in range(random_kills):
            ended = await running.migrate(kill_at=running.writes() + chance.randint(1, 10))
            report.kills["random"] += ended.code == -signal.SIGKILL
        last = await running.migrate("run --json")
        report.code, report.detail = last.code, last.out if last.code == 0 else last.out + last.err
        _examine(running, report)
    return report


async def disturb_history(
    folder: Path, data: SeedData, *, seed: int, share: float = 0.2, in_process: bool = False
) -> HistoryReport:
    """Migrate while a share of all calls to QA Sphere goes wrong; start again, with retry, until it exits 0.
    ``in_process``: all of it in this one."""
    plan = FaultPlan(share=share, seed=seed, late_seconds=0.8, hang_seconds=2.0, throttle_seconds=0.05)
    report = HistoryReport()
    async with rig(folder, data, destination_options=StandInOptions(faults=plan)) as running:
        running.settings = {"http": {"timeout": 0.5}}
        command: Command = running.here if in_process else running.in_json
        ended = await command("run")
        for _ in range(_MOST_RUNS):
            if ended.code not in (3, 5):
                break
            ended = await command("run" if ended.code == 5 else "retry")
        report.code, report.detail = ended.code, ended.out if ended.code == 0 else ended.out + ended.err
        report.faults = dict(running.destination.log.faults)
        _examine(running, report)
    return report


async def lose_answers(folder: Path, data: SeedData, *, seed: int, in_process: bool = False) -> HistoryReport:
    """Migrate while answers get lost, into a QA Sphere that gives no results back: nothing may be sent twice, and what
    nobody can tell must be named. ``in_process``: all of it in this one."""
    plan = FaultPlan(share=0.3, seed=seed, kinds=("drop_after", "drop_after", "drop_before", "truncate"))
    report = HistoryReport()
    switches = Switches(results_in_case=False)
    options = StandInOptions(faults=plan)
    async with rig(folder, data, destination_options=options, destination_switches=switches) as running:
        running.settings = {"http": {"timeout": 0.5}, "destination": {"settle_seconds": 1}}
        command: Command = running.here if in_process else running.in_json
        for _ in range(_MOST_RUNS):
            ended = await command("run")
            if ended.code != 5:
                break
        named = await running.migrate("failures --json")
        report.code, report.detail = ended.code, ended.out + ended.err
        report.faults = dict(running.destination.log.faults)
        failures = {entry["marker"]: entry["state"] for entry in json.loads(named.out)["failures"]}
        found = Counter(marker for run in running.shop.runs.values() for marker in _markers(run))
        expected = {marker for chain in _expected(running.source.data).values() for marker, _ in chain}
        report.results = len(expected)
        report.unknown = sum(state == "unknown" for state in failures.values())
        report.wrong = [f"{marker} stands {count} times" for marker, count in found.items() if count > 1]
        report.wrong += [f"{marker} is lost without a word" for marker in expected - found.keys() - failures.keys()]
    return report


def _markers(run: Run) -> list[str]:
    return [stated_marker(result.comment) for row in run.cases.values() for result in row.results]


def _examine(running: Rig, report: HistoryReport) -> None:
    """Compare what QA Sphere holds with the source stand-in's data: which results, in which order, how often."""
    report.requests = running.requests()
    status = json.loads(report.detail) if report.code == 0 else {"balanced": False, "items": {}}
    if not status["balanced"]:
        report.wrong.append("the books do not balance")
    expected = _expected(running.source.data)
    report.results = sum(len(chain) for chain in expected.values())
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for run in running.shop.runs.values():
        for key, chain in _chains(running, run).items():
            found.setdefault(key, []).extend(chain)
    for key in expected.keys() | found.keys():
        if expected.get(key, []) != found.get(key, []):
            report.wrong.append(f"{key}: {found.get(key)} instead of {expected.get(key)}")
    report.wrong += _without_picture(running)
    titles = Counter(run.title for run in running.shop.runs.values())
    report.wrong += [f"run {title} stands {count} times" for title, count in titles.items() if count > 1]
    milestones = Counter(milestone.title for milestone in running.shop.milestones.values())
    report.wrong += [f"milestone {title} stands {count} times" for title, count in milestones.items() if count > 1]
    final = {str(run.id) for run in running.source.data.runs if run.status in FINAL_STATUSES}
    for run in running.shop.runs.values():
        ident = stated_marker(run.description).rpartition("/")[2]
        if (ident in final) != (run.closed_at is not None):
            report.wrong.append(f"run {run.title} is {'closed' if run.closed_at else 'open'}")


def _without_picture(running: Rig) -> list[str]:
    """Return the results whose picture does not lead to its bytes."""
    digests = {ident: file.sha256 for ident, file in running.destination.store.files.items()}
    wrong = []
    for run in running.shop.runs.values():
        for result in (result for row in run.cases.values() for result in row.results):
            marker = stated_marker(result.comment)
            if "[image: it]" not in result.comment:
                continue
            number = _picture_of(int(marker.rpartition("/")[2]))
            bytes_ = running.source.data.pictures[f"/images/{number}.png"]
            linked = _FILE.search(result.comment)
            if linked is None or digests.get(linked[1]) != hashlib.sha256(bytes_).hexdigest():
                wrong.append(f"{marker} does not lead to its picture")
    return wrong


def _expected(data: SeedData) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return (run, test) → marker and status of its results, oldest first."""
    project = data.projects[0].id
    found: dict[tuple[str, str], list[tuple[str, str, int, str]]] = {}
    for run in data.runs:
        for place, item in enumerate(run.some_items(0, run.length())):
            if item.status != "Awaiting Run":
                marker = f"qacomplete@acme:result:{project}/{item.id}"
                row = (item.date or "", marker, place, _STATUS[item.status or ""])
                found.setdefault((str(run.id), str(item.test_id)), []).append((row[0], row[1], place, row[3]))
    return {
        key: [(marker, status) for _, marker, _, status in sorted(rows, key=lambda row: (row[0], row[2]))]
        for key, rows in found.items()
    }


def _chains(running: Rig, run: Run) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the same of a run in QA Sphere."""
    markers = {case.id: link["text"].rpartition("/")[2] for case in running.shop.cases for link in case.links}
    ident = stated_marker(run.description).rpartition("/")[2]
    return {
        (ident, markers[row.case_id]): [(stated_marker(result.comment), result.status) for result in row.results]
        for row in run.cases.values()
        if row.results
    }
