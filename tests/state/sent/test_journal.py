"""The journal: operations settle once, plans never overwrite what is in flight, the books notice every disagreement."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from migrator.core.errors import BooksDoNotBalance
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Operation, PlannedItem, Round
from migrator.core.views import Created
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_entity, page, planned_case, record
from tests.support.properties import examples

FOLDER = "qacomplete@acme:folder:12/7"


def plan(workspace: Workspace, *numbers: int) -> Round:
    current = workspace.store.rounds.unfinished("12")
    if current is None:
        current = workspace.store.rounds.enter(workspace.store.rounds.begin("12"), "load")
    workspace.store.archive.store_page(
        current, "tests", page([record(case_entity(number)) for number in numbers], None, None)
    )
    workspace.store.planning.put_items(current, [planned_case(number) for number in numbers])
    return current


def operation_of(workspace: Workspace, number: int) -> Operation:
    operations = workspace.journal.next_operations("12", "case", FOLDER, 0, 1000)
    return next(operation for operation in operations if operation.title == f"Case {number}")


def test_operations_come_in_the_order_of_the_plan(workspace: Workspace) -> None:
    plan(workspace, 3, 1, 2)
    titles = [operation.title for operation in workspace.journal.next_operations("12", "case", FOLDER, 0, 10)]
    assert titles == ["Case 3", "Case 1", "Case 2"]


def test_a_repeated_plan_doubles_nothing(workspace: Workspace) -> None:
    plan(workspace, 1, 2)
    plan(workspace, 1, 2)
    assert workspace.books.operations() == {"planned": 2}
    assert workspace.books.fates() == {"case": {"pending": 2}}


def test_a_plan_never_touches_what_is_in_flight(workspace: Workspace) -> None:
    current = plan(workspace, 1)
    workspace.journal.sending([operation_of(workspace, 1)], 100.0, seq_floor=5)
    workspace.store.planning.put_items(current, [planned_case(1, title="Another title")])
    assert workspace.books.operations() == {"sending": 1}


def test_an_operation_that_has_ended_cannot_be_sent_again(workspace: Workspace) -> None:
    plan(workspace, 1)
    operation = operation_of(workspace, 1)
    workspace.journal.sending([operation], 100.0)
    workspace.journal.done(operation, Created("id-1", 1), "migrated")
    with pytest.raises(BooksDoNotBalance, match="has ended"):
        workspace.journal.sending([operation], 101.0)


def test_what_a_dead_process_was_sending_is_in_doubt(workspace: Workspace) -> None:
    plan(workspace, 1, 2)
    workspace.journal.sending([operation_of(workspace, 1)], 100.0, seq_floor=41, keyed=True)
    assert workspace.journal.recover("12", 500.0) == 1
    (doubtful,) = workspace.journal.unknown("12", "case")
    assert (doubtful.seq_floor, doubtful.keyed, doubtful.alive_at) == (41, True, 500.0)
    assert workspace.books.fates() == {"case": {"pending": 1, "unknown": 1}}


def test_a_repeated_attempt_keeps_the_first_floor(workspace: Workspace) -> None:
    plan(workspace, 1)
    operation = operation_of(workspace, 1)
    workspace.journal.sending([operation], 100.0, seq_floor=10)
    workspace.journal.sending([operation], 101.0, seq_floor=99)
    workspace.journal.recover("12", 102.0)
    assert workspace.journal.unknown("12", "case")[0].seq_floor == 10


def test_what_needs_a_failed_item_is_blocked_and_retry_releases_both(workspace: Workspace) -> None:
    current = plan(workspace, 1, 2, 3)
    workspace.store.rounds.enter(current, "done")
    workspace.journal.failed(operation_of(workspace, 3), "refused")
    assert workspace.journal.block("12", FOLDER, "its folder failed") == 2
    assert workspace.books.fates() == {"case": {"blocked": 2, "failed": 1}}
    assert [trouble.state for trouble in workspace.books.troubles()] == ["failed", "blocked", "blocked"]
    assert workspace.journal.release("12") == 3
    assert workspace.books.fates() == {"case": {"pending": 3}}
    assert workspace.store.rounds.unfinished("12") is not None


def test_retry_opens_a_round_again_that_ended_with_something_in_doubt(workspace: Workspace) -> None:
    current = plan(workspace, 1)
    workspace.store.rounds.enter(current, "done")
    assert workspace.journal.release("12") == 0
    assert workspace.store.rounds.unfinished("12") is None
    workspace.journal.in_doubt(operation_of(workspace, 1), 100.0, "no answer")
    assert workspace.journal.release("12") == 0
    reopened = workspace.store.rounds.unfinished("12")
    assert reopened is not None
    assert reopened.phase == "load"
    assert workspace.books.fates() == {"case": {"unknown": 1}}


def test_retry_opens_a_plan_in_which_nothing_is_to_be_written(workspace: Workspace) -> None:
    current = plan(workspace, 1)
    workspace.journal.failed(operation_of(workspace, 1), "refused")
    workspace.store.rounds.enter(current, "planned")
    assert workspace.books.to_apply() == []
    assert workspace.journal.release("12") == 1
    assert workspace.store.rounds.unfinished("12") is not None


def test_retry_leaves_what_was_excluded_since(workspace: Workspace) -> None:
    current = plan(workspace, 1, 2)
    for number in (1, 2):
        workspace.journal.failed(operation_of(workspace, number), "refused")
    excluded = PlannedItem(Mapped(planned_case(1).marker, "case", "Case 1"), "excluded", reason="by rule")
    workspace.store.planning.put_items(current, [excluded])
    workspace.store.rounds.enter(current, "done")
    assert workspace.journal.release("12") == 1
    assert workspace.books.fates() == {"case": {"excluded": 1, "pending": 1}}
    assert workspace.journal.imbalance("12") == ""


def test_the_books_notice_an_item_without_a_fate(workspace: Workspace) -> None:
    current = plan(workspace, 1)
    assert workspace.journal.imbalance("12") == ""
    workspace.store.archive.store_page(current, "tests", page([record(case_entity(2))], None, None))
    assert workspace.journal.imbalance("12") == "1 extracted items without a fate"


def test_the_books_notice_a_fate_that_disagrees_with_the_operation(workspace: Workspace) -> None:
    plan(workspace, 1)
    workspace.journal.failed(operation_of(workspace, 1), "refused")
    workspace.db.execute("UPDATE item SET fate = 'migrated'")
    assert "disagrees" in workspace.journal.imbalance("12")
    assert "ledger does not know" in workspace.journal.imbalance("12")


class JournalMachine(RuleBasedStateMachine):
    """Any order of sends, answers, losses, kills and look-ups, against a model: a set of what the server holds."""

    sent: Bundle[int] = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.context = open_workspace(Path(self.folder.name))
        self.workspace = self.context.__enter__()
        plan(self.workspace, *range(6))
        self.server: list[int] = []
        self.clock = 0.0

    def teardown(self) -> None:
        self.context.__exit__(None, None, None)
        self.folder.cleanup()

    def _state(self, number: int) -> str:
        return str(
            self.workspace.db.execute("SELECT state FROM operation WHERE title = ?", [f"Case {number}"]).fetchone()[0]
        )

    @rule(target=sent, commits=st.booleans())
    def send(self, commits: bool) -> int:
        self.clock += 1
        planned = self.workspace.journal.planned("12", "case", 1)
        if not planned:
            return -1
        self.workspace.journal.sending(planned, self.clock, seq_floor=len(self.server))
        number = int(planned[0].title.split()[1])
        if commits:
            self.server.append(number)
        return number

    @rule(number=consumes(sent))
    def answer(self, number: int) -> None:
        if number < 0 or self._state(number) != "sending":
            return
        row = self.workspace.db.execute("SELECT id FROM operation WHERE title = ?", [f"Case {number}"]).fetchone()
        operation = self._operation(row[0])
        if number in self.server:
            self.workspace.journal.done(operation, Created(f"id-{number}", self.server.index(number) + 1), "migrated")
        else:
            self.workspace.journal.in_doubt(operation, self.clock, "timed out")

    @rule()
    def kill(self) -> None:
        self.workspace.journal.recover("12", self.clock)

    @rule()
    def look_up(self) -> None:
        for operation in self.workspace.journal.unknown("12", "case"):
            number = int(operation.title.split()[1])
            if number in self.server:
                position = self.server.index(number) + 1
                assert position > operation.seq_floor  # or a look-up down to the floor would miss it
                self.workspace.journal.done(operation, Created(f"id-{number}", position), "migrated")
            else:
                self.workspace.journal.planned_again(operation)

    def _operation(self, ident: int) -> Operation:
        found = self.workspace.journal._operations("id = ?", [ident, 1])
        return found[0]

    @invariant()
    def nothing_exists_twice(self) -> None:
        assert len(self.server) == len(set(self.server))

    @invariant()
    def the_books_balance(self) -> None:
        assert self.workspace.journal.imbalance("12") == ""
        done = self.workspace.books.operations().get("done", 0)
        assert done == self.workspace.store.ledger.count("12", "case")
        assert done <= len(self.server)


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(max_examples=examples(20), stateful_step_count=30, deadline=None)
