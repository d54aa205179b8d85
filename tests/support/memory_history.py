"""Milestones, runs and results of a QA Sphere in memory, and what plans and loads them: milliseconds, no server."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Literal, cast

from mappings.history import RulesHistoryMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import MilestoneDraft, ResultDraft, RunDraft
from migrator.core.errors import OutcomeUnknown, Rejected
from migrator.core.events import Event
from migrator.core.model import AnyEntity
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.ports.mapping import HistoryMapper, HistoryWorld, Mapper
from migrator.core.ports.source import Record
from migrator.core.records import Holding, LedgerEntry, Round
from migrator.core.views import Created, MilestoneView, ProjectView, ResultView, RunCaseView, RunView, TitleTaken
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.load.history.close_runs import RunCloser
from migrator.engine.load.history.milestones import MilestoneLoader
from migrator.engine.load.history.results import ResultLoader
from migrator.engine.load.history.runs import RunLoader
from migrator.engine.plan.fates import Need
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.history.planner import HistoryPlanner
from migrator.engine.stop import Stop
from state.workspace import Workspace
from tests.support.drafts import case_draft, page, ref

Outcome = Literal["stored", "lost", "never", "refused", "half"]
"""``lost``: stored without an answer; ``never``: neither; ``half``: of a batch the first was stored, then it was
refused."""
PROJECT = ProjectView(id="p", code="SHOP", title="Web shop", archived=False, address="https://qas.example/SHOP")


class FakeHistory:
    """Creates what it is told to. ``outcomes``: by title, or by ``results`` for batches; each comes once, in order.

    Args:
        shows_descriptions: The list of runs holds their descriptions.
        gives_results: Results can be read back.
    """

    def __init__(self, *, shows_descriptions: bool = True, gives_results: bool = True) -> None:
        self.shows_descriptions = shows_descriptions
        self.gives_results = gives_results
        self.outcomes: dict[str, list[Outcome]] = {}
        self.refuses_status = 0
        self.of_milestones: list[MilestoneView] = []
        self.of_runs: dict[int, RunView] = {}
        self.members: dict[int, Sequence[str]] = {}
        self.stored: dict[tuple[int, str], list[ResultView]] = {}
        self.sent: list[str] = []
        self.read: list[str] = []

    # --- reads --------------------------------------------------------------------------------------------------------

    async def statuses(self) -> Mapping[str, str]:
        return {}

    async def milestones(self, _code: str) -> Sequence[MilestoneView]:
        return list(self.of_milestones)

    async def runs(self, _code: str) -> Sequence[RunView]:
        hidden: dict[str, object] = {} if self.shows_descriptions else {"description": None, "milestone_id": None}
        return [view.model_copy(update={"counts": self._counts(view.id)} | hidden) for view in self.of_runs.values()]

    async def run_cases(self, _code: str, run_id: int) -> Sequence[RunCaseView]:
        return [RunCaseView(id=case, status=self._status(run_id, case)) for case in self.members[run_id]]

    async def results(self, _code: str, run_id: int, case_id: str) -> Sequence[ResultView] | None:
        self.read.append(case_id)
        return list(self.stored.get((run_id, case_id), ())) if self.gives_results else None

    def _status(self, run: int, case: str) -> str:
        stored = self.stored.get((run, case))
        return stored[-1].status if stored else "open"

    def _counts(self, run: int) -> dict[str, int]:
        counts = Counter(self._status(run, case) for case in self.members[run])
        return {"all": len(self.members[run]), **counts}

    # --- writes -------------------------------------------------------------------------------------------------------

    async def create_milestone(self, _code: str, draft: MilestoneDraft, hooks: Hooks) -> Created:
        outcome = await self._begin(draft.title, hooks)
        view = MilestoneView(id=100 + len(self.of_milestones), title=draft.title, archived=False)
        if outcome != "never":
            self.of_milestones.append(view)
        return self._answer(outcome, str(view.id))

    async def create_run(
        self, _code: str, draft: RunDraft, milestone_id: int | None, case_ids: Sequence[str], hooks: Hooks
    ) -> Created:
        outcome = await self._begin(draft.title, hooks)
        for view in self.of_runs.values():
            if (view.title, view.milestone_id) == (draft.title, milestone_id):
                raise TitleTaken("taken", status=409, run_id=view.id)
        ident = 10 + len(self.of_runs)
        if outcome != "never":
            self.put_run(ident, draft.title, draft.description, case_ids, milestone_id)
        return self._answer(outcome, str(ident))

    def put_run(
        self, ident: int, title: str, description: str, cases: Sequence[str], milestone: int | None = None
    ) -> None:
        self.of_runs[ident] = RunView(
            id=ident, title=title, closed=False, description=description, milestone_id=milestone
        )
        self.members[ident] = tuple(cases)

    async def create_results(
        self, _code: str, run_id: int, results: Sequence[tuple[str, ResultDraft]], hooks: Hooks
    ) -> Sequence[Created]:
        outcome = await self._begin("results", hooks)
        stored = {"stored": len(results), "lost": len(results), "half": 1}.get(outcome, 0)
        created = [self.put_result(run_id, case, draft.status, draft.comment) for case, draft in results[:stored]]
        if outcome == "half":
            raise Rejected("one of them is bad", cause="a result", status=422)
        self._answer(outcome, "")
        return created

    def put_result(self, run: int, case: str, status: str, comment: str) -> Created:
        ident = 1000 + sum(len(stored) for stored in self.stored.values())
        self.stored.setdefault((run, case), []).append(ResultView(id=ident, status=status, comment=comment))
        return Created(str(ident))

    async def close_run(self, _code: str, run_id: int, hooks: Hooks) -> None:
        outcome = await self._begin("close", hooks)
        if outcome != "never":
            self.of_runs[run_id] = self.of_runs[run_id].model_copy(update={"closed": True})
        self._answer(outcome, "")

    async def _begin(self, name: str, hooks: Hooks) -> Outcome:
        await hooks.before_send()
        self.sent.append(name)
        planned = self.outcomes.get(name)
        outcome = planned.pop(0) if planned else "stored"
        if outcome == "refused":
            raise Rejected("not wanted", cause="this one", status=400)
        return outcome

    def _answer(self, outcome: Outcome, ident: str) -> Created:
        if outcome in ("lost", "never"):
            raise OutcomeUnknown("no answer")
        return Created(ident)


class MemoryRig:
    """A workspace, the rules of the config, and a QA Sphere in memory that holds cases 1 to 9 as ``c1`` to ``c9``."""

    def __init__(self, workspace: Workspace, fake: FakeHistory, *, collects: bool = False, **rules: Any) -> None:
        self.workspace = workspace
        self.store = workspace.store
        self.fake = fake
        self.events: list[Event] = []
        self.job = Job(
            "12", "SHOP", True, False, "qacomplete@acme:", cast(Any, None), 4, 0.02,
            allow_gaps=rules.get("runs", {}).get("gaps") == "allow", program="program", collects_follow_ups=collects,
        )  # fmt: skip
        self.rules = MappingRules.model_validate(rules)
        self.current: Round
        self.hold(*range(1, 10))

    @property
    def context(self) -> Context[Destination]:
        destination = SimpleNamespace(history=self.fake, waiting_for=lambda: "")
        return Context(self.store, cast(Destination, destination), self.job, self.events.append, Stop())

    def hold(self, *numbers: int) -> None:
        """Enter cases in the ledger, as they are in QA Sphere."""
        for number in numbers:
            draft = case_draft(number)
            entry = LedgerEntry(draft.marker, "case", f"c{number}", number, draft.digest)
            self.store.ledger.put("12", Holding(entry, draft, None))

    async def plan(self, *entities: AnyEntity, after: Round | None = None) -> dict[str, str]:
        """Read and plan a round; return marker → fate. ``after``: it reads only what has changed since."""
        self.current = self.store.rounds.begin("12", after.id if after else None)
        records = [Record(entity, entity.model_dump_json().encode()) for entity in entities]
        self.store.archive.store_page(self.current, "all", page(records))
        planner = HistoryPlanner(self.context, self.current, FilePlanner(self.store, "12", reads_files=True))
        mapper = SimpleNamespace(digest="rules", history=self._mapper, pages_folder=lambda _project: None)
        rules = await planner.rules(cast(Mapper, mapper), ref("project", "12"))
        await planner.plan(rules, Need("", "p"), PROJECT)
        return self.fates()

    def _mapper(self, world: HistoryWorld) -> HistoryMapper:
        return RulesHistoryMapper(self.rules, ProjectRules(source="12", destination="SHOP"), Writers(), world)

    async def load(self) -> None:
        """Send what is planned, one kind after the other, and end the round."""
        self.store.journal.recover("12", 1.0)
        runs = RunLoader(self.context, str)
        for loader in (
            MilestoneLoader(self.context),
            runs,
            ResultLoader(self.context, str, runs.made),
            RunCloser(self.context),
        ):
            loader.needs.over()  # nobody else is at work
            await loader.load()
        self.store.rounds.enter(self.current, "done")

    async def bring(self, *entities: AnyEntity) -> dict[str, str]:
        """Plan a round and load it."""
        await self.plan(*entities)
        await self.load()
        return self.fates()

    def fates(self) -> dict[str, str]:
        """Return the fates of milestones, runs and results, by kind and last id."""
        rows = self.workspace.db.execute(
            "SELECT marker, fate FROM item WHERE kind IN ('milestone', 'run', 'result') AND round_id = ?",
            [self.current.id],
        ).fetchall()
        return {marker.partition(":")[2].replace(":12/", " "): fate for marker, fate in rows}

    def reason(self, kind: str, *ids: str) -> str:
        """Return why an item has its fate."""
        marker = ref(kind, "12", *ids).marker
        row = self.workspace.db.execute("SELECT reason FROM item WHERE marker = ?", [marker]).fetchone()
        return str(row[0])

    def notes(self) -> list[str]:
        """Return the codes of the notes there are."""
        return [code for (code,) in self.workspace.db.execute("SELECT code FROM note ORDER BY code").fetchall()]
