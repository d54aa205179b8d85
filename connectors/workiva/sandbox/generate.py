"""Data for load tests: forms x phases x matrices x samples, the same for the same seed."""

import random
from functools import partial

from connectors.workiva.sandbox.data import Attachment, Column, Form, Matrix, Phase, Sample, SeedData, ident

_CONTROLS = ("Journal entry review", "Vendor master changes", "User access review", "Bank reconciliation", "Backups")
_PHASES = ("Interim", "Update", "Year end", "Remediation")
_TABLES = ("Sample selection", "Population check", "Key report", "Walkthrough")
_WORDS = ("PASS", "PASS", "PASS", "PASS", "Pass", "FAIL", "N/A", "")


def generate(
    forms: int, *, phases: int = 3, matrices: int = 4, samples: int = 25, attachments: int = 0, seed: int = 1
) -> SeedData:
    """Return so many forms, phases in each, matrices in each, samples in each; and attachments in all, on samples.

    Their bytes are built anew on each read, from the seed.
    """
    chance = random.Random(seed)  # noqa: S311 - test data
    data = SeedData([_form(number, phases, matrices, samples, chance) for number in range(forms)])
    rows = data.samples()
    for number in range(attachments):
        owner = rows[number * len(rows) // attachments]
        size = 200 + chance.randrange(4000)
        content = partial(_bytes, f"{seed}/{number}", size)
        owner.attachments.append(Attachment(ident("file", seed, number), f"evidence-{number:05}.pdf", content))
    return data


def _form(number: int, phases: int, matrices: int, samples: int, chance: random.Random) -> Form:
    form = Form(ident("form", number), f"SOX-{number + 1:03} {_CONTROLS[number % len(_CONTROLS)]}")
    for place in range(phases):
        phase = Phase(ident(form.id, place), _PHASES[place % len(_PHASES)])
        for table in range(matrices):
            matrix = Matrix(
                ident(phase.id, table),
                f"{_TABLES[table % len(_TABLES)]} {table + 1}",
                [Column(ident(phase.id, table, name), name) for name in ("Document", "Amount", "Date")],
                [Column(ident(phase.id, table, name), f"Attribute {name}", name, testable=True) for name in "ABC"],
            )
            matrix.samples = [_sample(matrix, row, chance) for row in range(samples)]
            phase.matrices.append(matrix)
        form.phases.append(phase)
    return form


def _sample(matrix: Matrix, row: int, chance: random.Random) -> Sample:
    values = (f"DOC-{chance.randrange(10**7):07}", f"{chance.randrange(10**6) / 100:.2f}", f"2025-{1 + row % 12:02}-15")
    columns = [column.id for column in matrix.data_columns or []]
    results = {column.id: chance.choice(_WORDS) for column in matrix.result_columns}
    return Sample(ident(matrix.id, row), dict(zip(columns, values, strict=True)), results)


def _bytes(seed: str, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - test data
