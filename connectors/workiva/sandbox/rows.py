"""The vendor's JSON rows (§6)."""

from collections.abc import Sequence
from typing import Any

from connectors.workiva.sandbox.data import Attachment, Column, Form, Matrix, Phase, Sample
from connectors.workiva.sandbox.switches import Switches

Row = dict[str, Any]
_DIGESTED = 10
_DIGESTS = 25


class Rows:
    """Writes rows as the switches say. ``expand``: the values of ``$expand`` for the row itself."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def attachment(self, attachment: Attachment) -> Row:
        """Return an attachment: id and name, nothing else."""
        return {"id": attachment.id, "fileName": attachment.file_name}

    def form(self, form: Form, expand: set[str]) -> Row:
        """Return a test form."""
        phases = [{"id": phase.id, "name": phase.name} for phase in form.phases]
        row = {"id": form.id, "name": form.name}
        return row | self._beneath(expand, "testPhases", phases) | self._files(expand, form.attachments)

    def phase(self, phase: Phase, expand: set[str]) -> Row:
        """Return a test phase; expanded matrices are digests, and no more than so many of them (§4)."""
        matrices = [{"id": matrix.id, "name": matrix.name} for matrix in phase.matrices[:_DIGESTS]]
        row = {"id": phase.id, "name": phase.name}
        return row | self._beneath(expand, "matrices", matrices) | self._files(expand, phase.attachments)

    def matrix(self, matrix: Matrix, expand: set[str]) -> Row:
        """Return a matrix with its columns; expanded samples are the first few (§4)."""
        samples = [self.sample(sample, set()) for sample in matrix.samples[:_DIGESTED]]
        row: Row = {
            "id": matrix.id,
            "name": matrix.name,
            "resultColumns": [self._column(column) for column in matrix.result_columns],
        }
        if matrix.data_columns is not None:
            row["dataColumns"] = [self._column(column) for column in matrix.data_columns]
        elif self._switches.nulls:
            row["dataColumns"] = None
        return row | self._beneath(expand, "samples", samples) | self._files(expand, matrix.attachments)

    def sample(self, sample: Sample, expand: set[str]) -> Row:
        """Return a row of a matrix."""
        cells = {"dataValues": self._cells(sample.data), "resultValues": self._cells(sample.results)}
        given = {name: (values or None) if self._switches.nulls else values for name, values in cells.items()}
        return {"id": sample.id} | given | self._files(expand, sample.attachments)

    def _cells(self, cells: dict[str, str]) -> list[Row]:
        return [{"column": column, "value": self._value(text)} for column, text in cells.items()]

    def _value(self, text: str) -> str | int:
        if self._switches.numbers and text.isdecimal() and str(int(text)) == text:
            return int(text)
        return text

    def _column(self, column: Column) -> Row:
        row: Row = {"id": column.id, "name": column.name, "externalId": column.external_id, "testable": column.testable}
        return {name: value for name, value in row.items() if value is not None or self._switches.nulls}

    def _files(self, expand: set[str], attachments: Sequence[Attachment]) -> Row:
        rows = [self.attachment(attachment) for attachment in attachments[: self._switches.expanded_attachments]]
        if not self._switches.ids_in_expansions:
            rows = [{"fileName": row["fileName"]} for row in rows]
        return self._beneath(expand, "attachments", rows)

    def _beneath(self, expand: set[str], name: str, rows: list[Row]) -> Row:
        if name in expand and self._switches.expands:
            return {name: rows or None} if self._switches.nulls else {name: rows}
        return {name: None} if self._switches.nulls else {}
