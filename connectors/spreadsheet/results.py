"""Rows → runs and results: a run when it is first met, then a result for each row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.files import attachment, places_in, root_of
from connectors.spreadsheet.headers import ResultLayout
from connectors.spreadsheet.rows import by_label, merged_by_label
from connectors.spreadsheet.seen import Seen
from connectors.spreadsheet.tables import Line, Table, TypedDate
from migrator.core.base import digest_of
from migrator.core.model import Attachment, Person, Result, RichText, TestRun
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Record
from migrator.core.refs import Ref

_RUN_DIGITS, _WORDS_DIGITS, _DIGITS = 8, 8, 16


@dataclass
class ResultConverter:
    """Makes records of the result rows of one reading, from its start. ``outer``: what the ids of this project begin
    with."""

    settings: SpreadsheetSettings
    outer: tuple[str, ...]
    _places: dict[str, int] = field(default_factory=dict)
    _seen: Seen = field(default_factory=Seen)
    _foreseen: Seen = field(default_factory=Seen)
    _alike: Seen = field(default_factory=Seen)

    def foresee(self, table: Table, layout: ResultLayout, line: Line) -> None:
        """Take note of a row without an id, before any becomes a record: which ones are alike cannot be known from
        those above alone, and must not depend on their order."""
        said = _said(_cells(layout, line), layout)
        key = _known_by(_run_ident(said["run"] or table.name), said)
        if self._foreseen.meets(key):
            self._alike.meets(key)

    def records(self, table: Table, layout: ResultLayout, line: Line) -> Iterator[Record]:
        """Yield a run before its first result, a result, and the files behind it."""
        cells = _cells(layout, line)
        said = _said(cells, layout)
        troubles = [line.trouble] if line.trouble else []
        if not said["run"]:
            troubles.append("it names no run, and stands in one that is called like the table")
        run, is_new = self._run(said["run"] or table.name)
        if is_new:
            yield Record(run, b"{}")
        result = self._result(run, said, layout, cells, troubles)
        files, wrong = self._files(result.ref, said.get("files", ""))
        troubles += wrong
        message = "; ".join(troubles)
        where = f"{table.name}, row {line.number}"
        note = Note(
            code=NoteCode.ROW_UNSURE, marker=result.ref.marker, field=where, original=result.title, message=message
        )
        yield Record(result, orjson.dumps({"row": cells}), (note,) if message else ())
        yield from (Record(file, b"{}") for file in files)

    def _run(self, title: str) -> tuple[TestRun, bool]:
        ident = _run_ident(title)
        is_new = ident not in self._places
        self._places.setdefault(ident, 0)
        # nothing says that it is over: rows may come in the next export
        return TestRun(ref=self._ref("run", ident), title=title, set_title=title), is_new

    def _result(
        self, run: TestRun, said: dict[str, str], layout: ResultLayout, cells: dict[str, str], troubles: list[str]
    ) -> Result:
        ident = run.ref.ids[-1]
        case, written = said["case"], said.get("date", "")
        if not case:
            troubles.append("it names no test case")
        when = self._moment(written)
        facts = {column: cells[column] for column in layout.others if column in cells}
        remarks = {}
        if written and when is None:
            remarks[layout.single["date"]] = written
            troubles.append(f"the date {written} is not understood (source.date_format), and stays as it is written")
        if (files := said.get("files")) and not places_in(files):
            remarks[layout.single["files"]] = files
        key = self._key(ident, said, cells, troubles)
        position = self._places[ident]
        self._places[ident] += 1
        comment, tester = said.get("comment", ""), said.get("tester", "")
        return Result(
            ref=self._ref("result", key),
            title=said.get("title") or case or f"result {key}",
            run=run.ref,
            case=self._ref("case", case) if case else None,
            position=position,
            status=said["status"] or None,
            tester=Person(name=tester) if tester else None,
            executed_at=when,
            comment=RichText(value=comment) if comment else None,
            facts=facts,
            remarks=remarks,
        )

    def _key(self, run: str, said: dict[str, str], cells: dict[str, str], troubles: list[str]) -> str:
        """Return what the result is known by. Its words say nothing of that, as they may be corrected in the next
        export; unless nothing else tells it from others."""
        key = said.get("id") or _known_by(run, said)
        if not said.get("id") and key in self._alike:
            key = f"{key}~{digest_of(cells)[:_WORDS_DIGITS]}"
            troubles.append(
                "other rows have the same run, test case, date and tester, so it goes by all that it says:"
                " with other words it is another result"
            )
        key, is_again = self._seen.new(key)
        if is_again:
            same = "id" if said.get("id") else "words"
            troubles.append(f"an earlier row has the same {same}, so it goes by {key}")
        return key

    def _moment(self, text: str) -> datetime | None:
        pattern = "" if isinstance(text, TypedDate) else self.settings.date_format
        try:
            found = datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007 - zone below
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.settings.timezone))

    def _files(self, owner: Ref, text: str) -> tuple[list[Attachment], list[str]]:
        root = root_of(self.settings.path)
        found = [attachment(root, owner, place) for place in places_in(text)]
        return [file for file, _ in found], [trouble for _, trouble in found if trouble]

    def _ref(self, kind: str, ident: str) -> Ref:
        return Ref(connector="spreadsheet", instance=self.settings.instance, kind=kind, ids=(*self.outer, ident))


def _cells(layout: ResultLayout, line: Line) -> dict[str, str]:
    return merged_by_label(line, layout.labels) | by_label(line, layout.labels)


def _said(cells: dict[str, str], layout: ResultLayout) -> dict[str, str]:
    return {name: cells.get(column, "") for name, column in layout.single.items()}


def _run_ident(title: str) -> str:
    return digest_of([title])[:_RUN_DIGITS]


def _known_by(run: str, said: dict[str, str]) -> str:
    return digest_of([run, said["case"], said.get("date", ""), said.get("tester", "")])[:_DIGITS]
