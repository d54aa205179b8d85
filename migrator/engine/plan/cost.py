"""What applying a plan will cost: requests by endpoint, counted the way the loader sends them. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from migrator.core.model import ItemKind
from migrator.core.ports.destination import CASES_PER_PAGE, FILES_PER_CALL, FOLDERS_PER_CALL, UPLOAD_BYTES
from migrator.core.records import Verb
from migrator.engine.overheads import CARD_PAUSES, CARD_RENEWALS, CHECK_OTHERS_EVERY, WITH_CARD

GET_PROJECT = "GET project"
GET_FIELDS = "GET custom fields"
GET_FOLDERS = "GET folders"
GET_CASES = "GET test cases"
GET_CASE = "GET test case"
CREATE_PROJECT = "POST project"
CREATE_FOLDERS = "POST folders"
CREATE_CASE = "POST test case"
UPLOAD_FILES = "POST files"
GET_FILE = "GET file"
UPDATE_CASE = "PATCH test case"
GET_MILESTONES = "GET milestones"
GET_RUNS = "GET runs"
GET_RUN_CASES = "GET cases of a run"
GET_RUN_CASE = "GET case of a run"
CREATE_MILESTONE = "POST milestone"
CREATE_RUN = "POST run"
CREATE_RESULTS = "POST results"
CLOSE_RUN = "POST close run"
CHECK_ACCESS = "GET users/me"
_IN_TURN: Collection[tuple[ItemKind, Verb]] = (
    ("file", "create"),
    ("case", "create"),
    ("case", "update"),
    ("run", "create"),
    ("result", "create"),
    ("run", "close"),
)
"""Kinds that go side by side, but for the last of each, which waits for that of the kind before."""
_BESIDE_OTHERS = {CREATE_CASE, UPDATE_CASE, GET_CASE, UPLOAD_FILES, CREATE_RUN, CREATE_RESULTS, CLOSE_RUN}


@dataclass(frozen=True, slots=True)
class Extent:
    """What the destination project holds.

    Args:
        exists: it is there.
        fields_known: custom fields were told.
        first_folder_says: the folder that a card is put into has a comment of its own.
    """

    exists: bool
    fields_known: bool
    folders: int
    cases: int
    first_folder_says: bool = False


def cost_of_reading(extent: Extent, planned: Mapping[tuple[ItemKind, Verb], int]) -> Counter[str]:
    """Return the requests that tell whether a plan is stale."""
    if not extent.exists:
        # there is none, and one of all projects is asked for custom fields
        return Counter({GET_PROJECT: 2, GET_FIELDS: int(extent.fields_known)})
    return Counter(
        {
            GET_PROJECT: 1,
            GET_FIELDS: 1,
            GET_FOLDERS: _pages(extent.folders),
            GET_CASES: _pages(extent.cases),
            GET_MILESTONES: int(("milestone", "create") in planned),
            GET_RUNS: int(("run", "create") in planned),
        }
    )


def cost_of_load(
    planned: Mapping[tuple[ItemKind, Verb], int],
    extent: Extent,
    *,
    passed: Collection[ItemKind],
    file_bytes: int = 0,
    batches: int = 0,
    second_writes: int = 0,
) -> Counter[str]:
    """Return the requests that the operations will take. Files are counted as if each batch were full and no two had
    the same bytes; a slow source makes smaller ones.

    Args:
        planned: operations by kind and verb.
        extent: of the project, before.
        passed: kinds whose canary was compared before.
        file_bytes: to be uploaded.
        batches: of results.
        second_writes: updates of cases that are made without something that they name.
    """
    cost: Counter[str] = Counter()
    if planned.get(("project", "create")):
        cost += Counter({CREATE_PROJECT: 1, GET_PROJECT: 2, GET_FIELDS: 1})
    else:
        cost += Counter({GET_PROJECT: 1, GET_FIELDS: 1})
    folders = planned.get(("folder", "create"), 0)
    if folders:
        first = 0 if "folder" in passed else 1
        calls = first + -(-(folders - first) // FOLDERS_PER_CALL)
        cost += Counter({CREATE_FOLDERS: calls, GET_FOLDERS: first * _pages(extent.folders + 1)})
    files = planned.get(("file", "create"), 0)
    if files:
        first = 0 if "file" in passed else 1
        uploads = max(-(-(files - first) // FILES_PER_CALL), -(-file_bytes // UPLOAD_BYTES) if files > first else 0)
        # the first one comes back, and so does the first case that lists any
        cost += Counter({UPLOAD_FILES: first + uploads, GET_FILE: first, GET_CASE: first})
    cases = planned.get(("case", "create"), 0)
    if cases:
        # what is newer than the workspace, what others write meanwhile, and the pages that read the new cases back
        pages = 2 + -(-cases // CHECK_OTHERS_EVERY) + _pages(cases)
        cost += Counter({CREATE_CASE: cases, GET_CASES: pages, GET_CASE: 0 if "case" in passed else 1})
    updates = planned.get(("case", "update"), 0) + second_writes
    # each is read before, and read back
    cost += Counter({UPDATE_CASE: updates, GET_CASE: 2 * updates})
    if _takes_card(planned):
        # the card is put into a folder, read back, and taken away again; a comment that was emptied is looked at
        looks = 3 if extent.first_folder_says else 4
        cost += Counter({CREATE_FOLDERS: 2, GET_FOLDERS: looks + _pages(extent.folders + folders)})
    return cost + _cost_of_history(planned, passed, batches)


def _cost_of_history(
    planned: Mapping[tuple[ItemKind, Verb], int], passed: Collection[ItemKind], batches: int
) -> Counter[str]:
    cost: Counter[str] = Counter({CLOSE_RUN: planned.get(("run", "close"), 0)})
    if milestones := planned.get(("milestone", "create"), 0):
        cost += Counter({CREATE_MILESTONE: milestones, GET_MILESTONES: 1 if "milestone" in passed else 2})
    if runs := planned.get(("run", "create"), 0):
        first = 0 if "run" in passed else 1
        cost += Counter({CREATE_RUN: runs, GET_RUNS: 1 + first, GET_RUN_CASES: first})
    if batches:
        cost += Counter({CREATE_RESULTS: batches, GET_RUNS: 1, GET_RUN_CASE: 0 if "result" in passed else 1})
    return cost


def cost_of_renewals(
    planned: Mapping[tuple[ItemKind, Verb], int], seconds: float, settle_seconds: float, turn: float = 0.0
) -> Counter[str]:
    """Return the requests that renew the card in a load.

    Args:
        planned: operations by kind and verb.
        seconds: that the load takes.
        settle_seconds: after which a card counts as dead.
        turn: seconds after which a request has its answer, with its wait for its turn: a look and a write take two, and
            only then does the next pause begin.
    """
    each = settle_seconds / CARD_RENEWALS + 2 * turn
    renewals = int(seconds / each) if _takes_card(planned) else 0
    return Counter({CREATE_FOLDERS: renewals, GET_FOLDERS: renewals})


def _takes_card(planned: Mapping[tuple[ItemKind, Verb], int]) -> bool:
    return any(one in planned for one in WITH_CARD)


def pause_of_card(planned: Mapping[tuple[ItemKind, Verb], int], settle_seconds: float, answer: float) -> float:
    """Return the seconds that a load waits for its card to stand: twice what reading and writing it takes, or more.
    ``answer``: seconds that one takes."""
    return max(settle_seconds / CARD_PAUSES, 4 * answer) if _takes_card(planned) else 0.0


def alone(cost: Mapping[str, int], planned: Mapping[tuple[ItemKind, Verb], int]) -> int:
    """Return how many of the requests wait for the one before."""
    return sum(count for name, count in cost.items() if name not in _BESIDE_OTHERS) + sum(
        kind in planned for kind in _IN_TURN
    )


def _pages(rows: int) -> int:
    return max(1, -(-rows // CASES_PER_PAGE))
