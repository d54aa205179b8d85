"""What was seen of one test form, and what its samples add to that. No calls."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.workiva.api import Path, Row, row_id
from connectors.workiva.convert.entities import Converter
from connectors.workiva.read.attachments import is_receipt
from connectors.workiva.wire import rows_of
from migrator.core.drafts import TITLE_LIMIT
from migrator.core.errors import AuthenticationError
from migrator.core.model import Result, TestCase

_LOOKED_AT = 25
_KEPT = 30


@dataclass(slots=True)
class SurveyedForm:
    """``row`` is the form's own.

    Args:
        opened: what lies below it was read, unless ``refusal`` says that it was not shown.
        phases: rows by their ids.
        matrices: rows by their ids, with or without columns.
        unread: so many matrices were not read to their end.
        samples: so many were counted.
        looked_at: so many of them converted.
        kept: the first, each with its result.
        attachments: so many were shown in passing, of phases, matrices and samples.
        own: those of the form itself.
        columns, verdicts: result columns and the texts of their cells, with how often they were seen.
        long_titles: cases whose title will be cut.
    """

    row: Row
    opened: bool = False
    refusal: AuthenticationError | None = None
    phases: dict[Path, Row] = field(default_factory=dict)
    matrices: dict[Path, Row] = field(default_factory=dict)
    unread: int = 0
    samples: int = 0
    looked_at: int = 0
    kept: list[tuple[TestCase, Result]] = field(default_factory=list)
    attachments: int = 0
    own: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    long_titles: int = 0

    @property
    def id(self) -> str:
        """The id of the form."""
        return row_id(self.row)

    def take(self, matrix: Path, rows: Sequence[Row], convert: Converter) -> None:
        """Count a page of samples, and look at the first of them."""
        table = self.matrices[matrix]
        for position, row in enumerate(rows[:_LOOKED_AT], start=self.samples):
            ids = (*matrix, row_id(row))
            case, result = convert.sample(ids, table, row), convert.result(ids, table, row, position)
            self.long_titles += len(case.title) > TITLE_LIMIT
            self.columns.update(step.action.value for step in result.steps if step.action)
            self.verdicts.update(step.status for step in result.steps if step.status)
            self.looked_at += 1
            if len(self.kept) < _KEPT:
                self.kept.append((case, result))
        self.samples += len(rows)
        self.attachments += attachment_count(rows)


def attachment_count(rows: Iterable[Row]) -> int:
    """Return how many attachments rows show; without ids and in part, as expansions may."""
    return sum(not is_receipt(one) for row in rows for one in rows_of(row.get("attachments")))
