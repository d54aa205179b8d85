"""Everything that a workspace keeps, in one hand."""

from dataclasses import dataclass

from state.archive import Archive
from state.deleted_at_source import DeletedItems
from state.epoch import Epoch
from state.extracted_runs import ExtractedRuns
from state.files import Files
from state.history import History
from state.journal import Journal
from state.ledger import Ledger
from state.planning import Planning
from state.rounds import Rounds
from state.snapshots import Snapshots
from state.unchanged_cases import UnchangedCases
from state.unchanged_runs import UnchangedRuns


@dataclass(frozen=True, slots=True)
class Store:
    """Everything a workspace keeps."""

    epoch: Epoch
    archive: Archive
    rounds: Rounds
    planning: Planning
    journal: Journal
    ledger: Ledger
    snapshots: Snapshots
    files: Files
    history: History
    extracted_runs: ExtractedRuns
    deleted: DeletedItems
    unchanged_runs: UnchangedRuns
    unchanged_cases: UnchangedCases
