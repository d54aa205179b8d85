"""The acceptance report that ``verify`` leaves: dated, never written over, its digest kept in the workspace."""

import getpass
import hashlib
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from migrator import __version__
from migrator.app.reports.dated import free_name, write_pieces
from migrator.app.reports.documents import Verification
from migrator.app.reports.from_workspace import ReportData
from migrator.app.reports.write import FOLDER
from migrator.app.runtime.program import program_digest
from migrator.config import Config
from migrator.core.errors import MigratorError
from migrator.core.events import Listener, Said
from migrator.core.model import ItemKind
from migrator.core.note_texts import note_text
from migrator.core.notes import NoteCode
from migrator.core.redact import hidden_in
from migrator.report.acceptance import (
    Acceptance,
    Compared,
    ProjectPair,
    fates_ever,
    is_accepted,
    tallies_of,
    verdict_of,
)
from migrator.report.html import acceptance_html, moment
from state.acceptances import LeftPage
from state.database import is_damage
from state.rows import DatabaseError
from state.workspace import Workspace

KIND = "acceptance"
_SHOWN = 200
_EXAMPLES = 20
_CUT = 500
_DECIDED = (NoteCode.CONFLICT_KEPT, NoteCode.CONFLICT_OVERWRITTEN)
_FILES = {
    "all": "every file, byte by byte (SHA-256)",
    "sample": "up to 50 files of each project, chosen at random, byte by byte (SHA-256)",
    "none": "not downloaded",
}
_RESULTS = {
    "counts": "runs by the number of results in each status",
    "sample": "a sample of the results, by their markers",
    "all": "every result, by its marker",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification has come to.

    Args:
        names: source project → its name in QA Sphere.
        checked: the same → kind → items read back.
        files, results: how thoroughly.
    """

    began_at: float
    found: Verification
    names: dict[str, str]
    checked: dict[str, Mapping[str, int]]
    files: str
    results: str

    def add(self, project: str, name: str, checked: Mapping[ItemKind, int], missed: Mapping[str, int]) -> None:
        """Enter a project that was compared. ``missed``: how many of ``checked`` were not there."""
        self.names[project] = name
        self.checked[project] = {str(kind): count - missed.get(kind, 0) for kind, count in checked.items()}
        for kind, count in checked.items():
            self.found.checked[kind] = self.found.checked.get(kind, 0) + count


def leave_acceptance(config: Config, workspace: Workspace, verified: Verified, listener: Listener) -> str:
    """Write page and JSON, and say where; return the page's path. One that cannot be written fails no verification:
    then the path is empty, as when a project was left out. A damaged workspace does."""
    if missing := set(workspace.sums.destination_codes()).difference(verified.checked):
        names = ", ".join(sorted(missing))
        listener(Said(f"no acceptance report: project {names} was not compared; `migrator verify` compares all"))
        return ""
    now = time.time()
    path = free_name(config.workspace / FOLDER, KIND, now)
    try:
        with workspace.db.atomic():
            acceptance = _acceptance(config, workspace, verified, now)
            document = _document(config, workspace, verified, acceptance)
            write_pieces(path.with_suffix(".json"), _pieces(document, config, workspace))
            _leave_page(config, workspace, acceptance, path, now)
    except (MigratorError, OSError, DatabaseError) as error:
        if is_damage(error):
            raise
        listener(Said(f"the acceptance report could not be written: {error}"))
        return ""
    listener(Said(f"acceptance report: {path}"))
    return str(path)


def _leave_page(config: Config, workspace: Workspace, acceptance: Acceptance, path: Path, now: float) -> None:
    beside = path.with_suffix(".json")
    acceptance = replace(acceptance, beside=(beside.name, _sha256(beside)))
    data = ReportData(config, workspace)
    overview = data.overview("Acceptance report", acceptance.verdict, None, timed=True, examples=_EXAMPLES)
    overview = replace(overview, fates=fates_ever(workspace.outcomes.counts()))
    page = acceptance_html(overview, data.rows_ever(), acceptance)
    write_pieces(path, (piece.encode() for piece in page))
    workspace.acceptances.put(LeftPage(now, path.name, _sha256(path), acceptance.verdict[0].text))


def _acceptance(config: Config, workspace: Workspace, verified: Verified, now: float) -> Acceptance:
    asked, outcomes = workspace.sums, workspace.outcomes.counts()
    codes, titles = asked.destination_codes(), asked.project_titles()
    compared = _compared(verified, now)
    decided = list(islice(workspace.notes.ever(_DECIDED), _SHOWN + 1))
    losing = sum(group.count for group in workspace.notes.groups() if note_text(group.code).harm == "lost")
    number, size = workspace.outcomes.file_sums()
    return Acceptance(
        verdict=verdict_of(outcomes, compared, workspace.books.imbalances(), losing=losing, moment=moment(now)),
        compared=compared,
        facts=(
            ("from", f"{config.connector} {config.instance}"),
            ("to", config.destination.base_url),
            ("first day", moment(workspace.outcomes.began_at())),
            ("run by", f"{_user()} on {socket.gethostname()}"),
            ("with", f"migrator {__version__}, program {program_digest()[:12]}"),
        ),
        projects=[
            ProjectPair(source, titles.get(source, source), code, verified.names.get(source, ""))
            for source, code in sorted(codes.items())
        ],
        tallies=tallies_of(outcomes, verified.checked),
        decided=decided[:_SHOWN],
        more_decided=len(decided) > _SHOWN,
        files=list(islice(workspace.outcomes.files(), _SHOWN)),
        file_count=number,
        file_bytes=size,
        earlier=workspace.acceptances.all(),
    )


def _compared(verified: Verified, now: float) -> Compared:
    found = verified.found
    classes = ("missing", "doubled", "different", "extra", "in_doubt", "newer", "no_base", "edited", "deleted")
    findings = {name: Counter(finding["kind"] for finding in getattr(found, name)) for name in classes}
    return Compared(
        verified.began_at,
        now,
        verified.checked,
        {name: dict(kinds) for name, kinds in findings.items() if kinds},
        (
            ("cases", "every field of every case, as QA Sphere gives it back"),
            ("results", _RESULTS[verified.results]),
            ("files", f"{_FILES[verified.files]}; the same bytes are stored, and counted, once"),
        ),
    )


def _document(config: Config, workspace: Workspace, verified: Verified, acceptance: Acceptance) -> dict[str, Any]:
    """Return the contract of ``acceptance-….json`` but for its long lists."""
    return {
        "accepted": is_accepted(acceptance.verdict),
        "verdict": [{"tone": news.tone, "text": news.text} for news in acceptance.verdict],
        "facts": dict(acceptance.facts),
        "source": f"{config.connector}@{config.instance}",
        "destination": config.destination.base_url,
        "projects": [asdict(pair) for pair in acceptance.projects],
        "counts": [asdict(tally) for tally in acceptance.tallies],
        "verification": verified.found.model_dump()
        | {"began": moment(verified.began_at), "ended": moment(acceptance.compared.ended_at)}
        | {"files": verified.files, "results": verified.results},
        "open": [asdict(trouble) for trouble in workspace.books.troubles()],
        "earlier": [asdict(page) for page in acceptance.earlier],
    }


def _pieces(document: dict[str, Any], config: Config, workspace: Workspace) -> Iterator[bytes]:
    """Yield the JSON; its long lists are streamed, an element a line."""
    yield orjson.dumps(hidden_in(document), option=orjson.OPT_INDENT_2).rstrip(b"}\n ")
    yield from _list("decided", (asdict(note) for _, note in workspace.notes.ever(_DECIDED)))
    yield from _list("losses", (_loss(code, asdict(note)) for code, note in workspace.notes.ever()))
    yield from _list("files", map(asdict, workspace.outcomes.files()))
    rows = ReportData(config, workspace).rows_ever()
    keys = ("project", "kind", "marker", "title", "fate", "code", "reason", "address", "old_address")
    yield from _list("items", ({key: getattr(row, key) for key in keys} for row in rows))
    yield b"\n}\n"


def _list(name: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    yield f',\n  "{name}": ['.encode()
    between = b"\n    "
    for entry in entries:
        yield between + orjson.dumps(hidden_in(entry))
        between = b",\n    "
    yield b"\n  ]"


def _loss(code: str, note: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "harm": note_text(code).harm} | note | {"original": note["original"][:_CUT]}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in a container
        return "somebody without a name"
