"""The demo's company: controls testing for a year-end audit, with everything in it that makes migrations go wrong."""

import base64
from collections.abc import Sequence

from connectors.workiva.sandbox.data import (
    Attachment,
    Column,
    Form,
    GraphRecord,
    Matrix,
    Phase,
    Relation,
    Sample,
    SeedData,
    ident,
)  # fmt: skip

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC"
)
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_TESTED = ("Mary Okafor", "2026-01-14")
_JOURNALS = (
    ("JE-100417", "12,450.00", "M. Okafor", "2025-03-31", "PASS", "PASS", "PASS", "", *_TESTED),
    (
        "JE-100583",
        "980.10",
        "M. Okafor",
        "2025-04-02",
        "PASS",
        "pass",
        "N/A",
        "Below the threshold for cut-off",
        *_TESTED,
    ),
    (
        "JE-101902",
        "250,000.00",
        "S. Lindqvist",
        "2025-06-30",
        "FAIL",
        "PASS",
        "PASS",
        "Approved two days late",
        *_TESTED,
    ),
    ("JE-102044", "1,200.00", "A. Rahman", "2025-07-15", "PASS", "see note 4", "PASS", "", "Jan Adler", "2026-01-15"),
    ("JE-103310", "77.00", "S. Lindqvist", "2025-09-30", "", "", "", "", "", ""),
)
COLUMNS = {
    "Tested by": "tester",
    "Tested on": "executed_at",
    "Tester's remark": "comment",
}
"""What the columns of the demo hold, for the config's ``mapping``."""
_LEAVERS = (
    ("E-2210", "2025-02-28", "2025-03-01", "Effective"),
    ("E-2254", "2025-05-15", "2025-06-20", "Ineffective"),
    ("E-2301", "2025-08-31", "2025-08-31", "Effective"),
)
_HOSTILE = ("../../etc/passwd", "Q3/Q4 evidence.pdf", "Prüfnachweis 証拠.pdf", "no extension", "x" * 260 + ".txt", " ")


def demo_data() -> SeedData:
    """Return a new copy; changing it changes nobody else's."""
    data = SeedData(
        [_journals(), _access(), _vendors(), Form(ident("AP-12"), "AP-12 Three-way match (rolled forward)")]
    )
    _relate(data)
    return data


def _relate(data: SeedData) -> None:
    """Let two forms hang in the graph, with what an auditor asks for: control, risk, process, people, issue."""
    preparer, reviewer = _record("User", "okafor", name="Mary Okafor"), _record("User", "adler", name="Jan Adler")
    risk = _record("Risk", "R-11", name="Entries nobody approved", alias="R-11")
    process = _record("Process", "close", name="Financial close")
    data.records += [preparer, reviewer, risk, process]
    for form, alias, title, conclusion in (
        (data.forms[0], "FIN-07", "Manual journal entries are approved", "Operated effectively, one exception"),
        (data.forms[1], "IT-03", "Access of leavers is removed in time", "Deficient"),
    ):
        test = GraphRecord(form.id, "TestOfControl", {"status": "Reviewed", "conclusion": conclusion, "year": 2025})
        control = _record("Control", alias, name=title, alias=alias, frequency="Monthly")
        data.records += [test, control]
        data.relations += [
            Relation("tests_control", test.id, control.id),
            Relation("prepared_by", test.id, preparer.id, "Prepared by"),
            Relation("reviewed_by", test.id, reviewer.id, "Reviewed by"),
            Relation("control_of_process", control.id, process.id, "Process"),
        ]
    control = data.records[-1]
    issue = _record("Issue", "I-4", summary="Leaver kept access for 36 days", alias="I-4", status="Open")
    data.records.append(issue)
    data.relations += [
        Relation("mitigates_risk", data.records[5].id, risk.id, "Risk"),
        Relation("indicates_issue_on_control", issue.id, control.id, "Issue"),
    ]


def _record(kind: str, key: str, **properties: object) -> GraphRecord:
    return GraphRecord(ident(kind, key), kind, properties)


def _file(owner: str, name: str, content: bytes) -> Attachment:
    return Attachment.of(ident("attachment", owner, name, len(content)), name, content)


def _columns(matrix: str, names: Sequence[str]) -> list[Column]:
    return [Column(ident(matrix, "data", name), name, f"D{number}") for number, name in enumerate(names, start=1)]


def _checks(matrix: str, *names: str) -> list[Column]:
    return [
        Column(ident(matrix, "result", name), name, f"TA{number:02}", testable=True)
        for number, name in enumerate(names, start=1)
    ]


def _row(matrix: Matrix, number: int, data: Sequence[str], results: Sequence[str]) -> Sample:
    columns = [column.id for column in matrix.data_columns or []]
    checks = [column.id for column in matrix.result_columns]
    return Sample(
        ident(matrix.id, number), dict(zip(columns, data, strict=False)), dict(zip(checks, results, strict=False))
    )


def _journals() -> Form:
    form = Form(ident("FIN-07"), "FIN-07 Manual journal entries")
    for name in ("Interim", "Year end"):
        phase = Phase(ident(form.id, name), name)
        matrix = Matrix(ident(phase.id, "sample"), "Sample of journal entries")
        matrix.data_columns = _columns(matrix.id, ("Journal", "Amount", "Posted by", "Posted on"))
        matrix.result_columns = [
            *_checks(matrix.id, "Approved by a second person before posting", "Supported by documents", "Right period"),
            Column(ident(matrix.id, "remark"), "Tester's remark", "R1", testable=False),
            Column(ident(matrix.id, "tester"), "Tested by", "R2", testable=False),
            Column(ident(matrix.id, "date"), "Tested on", "R3", testable=False),
        ]
        matrix.samples = [_row(matrix, number, row[:4], row[4:]) for number, row in enumerate(_JOURNALS)]
        matrix.samples[0].attachments = [
            _file(matrix.id, "approval.pdf", _PDF),
            _file(matrix.id, "approval.pdf", _PDF + b"%second\n"),
            _file(matrix.id, "screen.png", _PNG),
        ]
        matrix.samples[2].attachments = [_file(matrix.id, "late approval.msg", b"From: controller\r\nApproved.\r\n")]
        matrix.attachments = [_file(matrix.id, "population.csv", b"journal,amount\r\nJE-100417,12450.00\r\n")]
        phase.matrices = [matrix]
        phase.attachments = [_file(phase.id, "test plan.pdf", _PDF)]
        form.phases.append(phase)
    form.phases[1].matrices.append(_completeness(form.phases[1]))
    form.attachments = [_file(form.id, "control narrative.docx", b"PK")]
    return form


def _completeness(phase: Phase) -> Matrix:
    """Return a matrix without data columns, whose first row lacks cells."""
    matrix = Matrix(ident(phase.id, "completeness"), "Completeness of the population", data_columns=None)
    matrix.result_columns = _checks(matrix.id, "Totals agree with the ledger", "No gaps in the numbers")
    matrix.samples = [_row(matrix, 0, (), ("PASS",)), _row(matrix, 1, (), ("n/a", "N/A"))]
    return matrix


def _access() -> Form:
    form = Form(ident("IT-03"), "IT-03 User access review")
    walkthrough = Phase(ident(form.id, "walkthrough"), "Walkthrough")
    walkthrough.attachments = [_file(walkthrough.id, "walkthrough minutes.html", b"<html><p>Minutes</p></html>")]
    interim = Phase(ident(form.id, "interim"), "Interim / remediation")
    for number in (1, 2):  # two tables of one name
        matrix = Matrix(ident(interim.id, "leavers", number), "Leavers")
        matrix.data_columns = _columns(matrix.id, ("Employee", "Left on", "Access removed on"))
        matrix.result_columns = _checks(matrix.id, "Access removed within five days")
        rows = _LEAVERS[: 4 - number]
        matrix.samples = [_row(matrix, place, row[:3], row[3:]) for place, row in enumerate(rows)]
        interim.matrices.append(matrix)
    hostile = interim.matrices[0].samples[0]
    hostile.attachments = [_file(hostile.id, name, name.encode()) for name in _HOSTILE]
    hostile.attachments.append(_file(hostile.id, "empty.txt", b""))
    form.phases = [walkthrough, interim]
    return form


def _vendors() -> Form:
    """Return a form with names that are blank or look like markup, and a matrix without rows."""
    form = Form(ident("AP-02"), "AP-02 Vendor master: bank details <changed>")
    phase = Phase(ident(form.id, "year end"), "")
    matrix = Matrix(ident(phase.id, "changes"), "Changes & approvals", [], [])
    matrix.data_columns = _columns(matrix.id, ("Vendor", "Vendor", "Change"))
    matrix.data_columns[1].id = ident(matrix.id, "second vendor")
    matrix.result_columns = _checks(matrix.id, "Called back")
    matrix.samples = [
        _row(matrix, 0, ("Müller & Söhne <GmbH>", "4711", "IBAN\nnew: DE02…"), ("Exception",)),
        _row(matrix, 1, ("", "", ""), ("No",)),
    ]
    phase.matrices = [matrix, Matrix(ident(phase.id, "empty"), "Terminated vendors", [], _checks("empty", "Blocked"))]
    form.phases = [phase]
    return form
