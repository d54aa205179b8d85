"""Everything that a workspace keeps, in one hand."""

from dataclasses import dataclass

from state.epoch import Epoch
from state.extracted.archive import Archive
from state.extracted.lists import Lists
from state.extracted.runs import ExtractedRuns
from state.planned.deleted_at_source import DeletedItems
from state.planned.missing import MissingItems
from state.planned.planning import Planning
from state.planned.snapshots import Snapshots
from state.planned.unchanged_cases import UnchangedCases
from state.planned.unchanged_runs import UnchangedRuns
from state.planned.unlike import Unlike
from state.rounds import Rounds
from state.sent.files import Files
from state.sent.history import History
from state.sent.journal import Journal
from state.sent.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Store:
    """Everything a workspace keeps."""

    epoch: Epoch
    archive: Archive
    lists: Lists
    rounds: Rounds
    planning: Planning
    journal: Journal
    ledger: Ledger
    snapshots: Snapshots
    files: Files
    history: History
    extracted_runs: ExtractedRuns
    deleted: DeletedItems
    missing: MissingItems
    unchanged_runs: UnchangedRuns
    unchanged_cases: UnchangedCases
    unlike: Unlike
