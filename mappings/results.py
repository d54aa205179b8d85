"""Results → results. QA Sphere keeps a status, a duration and a comment, so everything else stands in the comment."""

from collections.abc import Mapping

from mappings.columns import NO_WORDS, ColumnReader, Row
from mappings.hook_history import hooked_result
from mappings.hooks import Hooks
from mappings.item_writer import (
    ItemWriter,
    Writers,
    duration,
    fact_list,
    link_to_whole,
    moment,
    plain_fact,
    readable,
    shortened,
)
from mappings.rules import MappingRules
from mappings.runs import RunMapper
from mappings.text.wording import escaped, listed
from mappings.untested import is_evidence, noted
from mappings.vocabulary import looked_up, single_line
from migrator.core.derived import RECORDED
from migrator.core.drafts import COMMENT_LIMIT, ResultDraft, ResultStatus
from migrator.core.model import Person, Result, RichText, StepResult, TestRun
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Mapped, ResultPlace
from migrator.core.refs import Ref, marker_line
from migrator.core.text import visible_text

_MOST_LINKS = 50
"""Files that a comment links beside its beginning; the file with the whole of it names them all."""
_CUSTOM: tuple[ResultStatus, ...] = ("custom1", "custom2", "custom3", "custom4")
_DECIDES: dict[ResultStatus, int] = {"failed": 0, "passed": 2, "skipped": 3, "open": 4}
"""Which verdict of a row counts: a failure, else what is neither, else a pass."""
_NEITHER = 1


class ResultMapper:
    """Maps results. ``statuses``: name → id of the custom statuses of QA Sphere."""

    def __init__(
        self,
        rules: MappingRules,
        writers: Writers,
        runs: RunMapper,
        statuses: Mapping[str, str],
        hooks: Hooks | None = None,
    ) -> None:
        self._hooks = hooks
        self._rules = rules
        self._columns = ColumnReader(rules)
        self._writers = writers
        self._runs = runs
        custom: dict[str, ResultStatus] = {ident: ident for ident in _CUSTOM}
        self._custom = {name: custom[ident] for name, ident in statuses.items() if ident in custom}

    def map(self, result: Result, place: ResultPlace) -> Mapped:
        """Return the draft of a result, or nothing for a test that only waits to be run, with a note of each thing that
        the source says of it."""
        title = single_line(result.title) or place.marker
        writer = self._writers.of(place.marker, place.around, result.address)
        row = self._columns.row(result)
        word, status = self._status(result, row, writer)
        if result.case is None:
            reason = "the source does not say which test it is a result of"
            return Mapped(place.marker, "result", title, "rejected", reason=reason)
        if status == "open" and not is_evidence(result, place.around, self.leaves_open):
            for field, words in noted(result, writer.person):
                if words.strip():
                    writer.note(NoteCode.UNTESTED_WORDS, field, words, title)
            reason, notes = f"not run; its case is open in {place.run}", tuple(writer.notes)
            return Mapped(place.marker, "result", title, "folded", reason=reason, notes=notes)
        draft = ResultDraft(
            marker=place.marker,
            source_marker=result.ref.marker,
            run=place.run,
            case=result.case.marker,
            status=status,
            comment=self._comment(result.model_copy(update={"status": word}), row, place, writer),
            time_taken_ms=max(0, result.duration_ms) if result.duration_ms is not None else None,
            cells=tuple(row.cells),
        )
        mapped = writer.mapped("result", title, draft, made=place.marker != result.ref.marker)
        return hooked_result(mapped, result, self._hooks)

    def left_out(self, result: Result, place: ResultPlace, reason: str) -> Note:
        """Return the note on a result without a place, with all that is known of it in words."""
        writer = self._writers.of(place.marker, None, result.address)
        row = self._columns.row(result)
        facts, parts = self._parts(result, row, place, writer)
        known = visible_text(f"{facts}{parts}")
        return Note(code=NoteCode.CASE_MISSING, marker=place.marker, field="case", original=known, message=reason)

    def leaves_open(self, status: str) -> bool:
        """Whether a status becomes ``open``."""
        return self._known(status) == "open"

    def _known(self, status: str) -> ResultStatus | None:
        """Return what a status becomes by a table or by QA Sphere's own names."""
        if not status.strip():
            return "open"
        return looked_up(status, self._rules.status) or looked_up(status, self._custom)

    def _status(self, result: Result, row: Row, writer: ItemWriter) -> tuple[str, ResultStatus]:
        """Return the word that decides, and what it becomes."""
        words = row.verdicts or [(result.status or "" if row.verdicts is None else "", NO_WORDS)]
        found = [(word, (looked_up(word, table) if table else None) or self._known(word)) for word, table in words]
        word, status = min(found, key=lambda one: _DECIDES.get(one[1] or self._rules.fallback.status, _NEITHER))
        if status is None:
            status = self._rules.fallback.status
            writer.note(NoteCode.STATUS_UNMAPPED, "status", word, f"became {status}; see mapping.status")
        return word, status

    def _comment(self, result: Result, row: Row, place: ResultPlace, writer: ItemWriter) -> str:
        facts, said = self._parts(result, row, place, writer)
        body, end = facts + said, marker_line(place.marker)
        if len(body) + len(end) <= COMMENT_LIMIT:
            return body + end
        writer.note(NoteCode.COMMENT_CUT, "comment", body, f"over {COMMENT_LIMIT} characters; the whole is in a file")
        links = ", ".join(writer.links_to_files()[:_MOST_LINKS])
        link = link_to_whole(writer.whole(body, "comment", f"result-{result.ref.ids[-1]}"))
        link += f"<p>Files: {links}</p>" if links else ""
        top = facts if len(facts) < COMMENT_LIMIT // 2 else ""
        room = COMMENT_LIMIT - len(top) - len(link) - len(end)
        return top + shortened(said if top else body, room) + link + end

    def _parts(self, result: Result, row: Row, place: ResultPlace, writer: ItemWriter) -> tuple[str, str]:
        """Return the facts, and what was said: steps, comments, files."""
        facts = fact_list(self._facts(result, row, place, writer))
        parts = [_steps(row, writer)]
        texts = [writer.html(result.comment, "comment")]
        for name, value in row.comments:
            text = writer.html(RichText(value=value, markup="plain"), name)
            texts.append(f"<p><strong>{escaped(single_line(name))}:</strong></p>{text}")
        if any(texts):
            parts.append(f"<h4>Comment</h4>{''.join(texts)}")
        if files := writer.file_lines(place.around.attachments):
            parts.append(listed("Files", [link + said for link, said in files.items()]))
        return facts, "".join(parts)

    def _facts(self, result: Result, row: Row, place: ResultPlace, writer: ItemWriter) -> list[str]:
        named = Person(name=", ".join(dict.fromkeys(row.testers))) if row.testers else result.tester
        tester = writer.person(named, "tester")
        when = ", ".join(dict.fromkeys(row.dates)) or _when(result, place.source_run)
        lines = [
            plain_fact("Tester", tester),
            plain_fact("Assigned to", writer.person(result.assigned, "assigned")),
            plain_fact("Executed at", when),
            plain_fact("Original status", result.status or ""),
            plain_fact("Duration", duration(result.duration_ms)),
            plain_fact("Test", result.title),
            plain_fact("Test version", result.case_version or ""),
            plain_fact("Configuration", self._runs.configuration(place.source_run)),
            *(plain_fact("Defect", _defect(ref, place)) for ref in result.defects),
            *(plain_fact(readable(name), value) for name, value in (result.facts | row.remarks).items()),
            plain_fact("Address", result.address or ""),
            plain_fact(RECORDED, self._recorded(result, bool(tester), bool(when))),
        ]
        if place.unit.is_group:
            # the run of this one test has no other place
            run = place.source_run
            lines.append(plain_fact("Run", f"{run.set_title or run.title} #{run.ref.ids[-1]}"))
            lines += [line for line in self._runs.facts(run, writer) if line and line not in lines]
        return lines

    def _recorded(self, result: Result, has_tester: bool, has_date: bool) -> str:
        """Return who recorded a result of which the source does not say who and when; else nothing."""
        says = {"tester": has_tester or self._rules.people == "none", "date": has_date}
        unsaid = [name for name, is_said in says.items() if not is_said]
        if not unsaid:
            return ""
        who = " and ".join(unsaid)
        where = f"for {who} see {result.recorded_in}" if result.recorded_in else f"of {who} the source says nothing"
        return f"the migration, whose user and day QA Sphere shows; {where}"


def _when(result: Result, run: TestRun) -> str:
    """Return the date of a result; where it is that of the run, it says so."""
    if result.executed_at is None or result.executed_at not in (run.ended_at, run.started_at):
        return moment(result.executed_at)
    whose = "end" if result.executed_at == run.ended_at else "start"
    other = f"; the source has {moment(result.other_date)}, outside the run" if result.other_date else ""
    return f"{moment(result.executed_at)} ({whose} of the run{other})"


def _defect(ref: Ref, place: ResultPlace) -> str:
    known = place.defects.get(ref.marker)
    if known is None:
        return f"#{ref.ids[-1]}"
    state = f" ({known.state})" if known.state else ""
    return f"#{ref.ids[-1]}: {known.title}{state}"


def _steps(row: Row, writer: ItemWriter) -> str:
    items = "".join(f"<li>{_step(step, number, writer)}</li>" for number, step in enumerate(row.steps, start=1))
    return f"<h4>Steps</h4><ol>{items}</ol>" if items else ""


def _step(step: StepResult, number: int, writer: ItemWriter) -> str:
    where = f"steps.{number}"
    parts = [f"<p>{plain_fact('Status', step.status)}</p>"] if step.status else []
    parts.append(writer.html(step.action, f"{where}.action"))
    for name, text in (("Expected", step.expected), ("Actual", step.actual)):
        if value := writer.html(text, f"{where}.{name.lower()}"):
            parts.append(f"<p><strong>{name}:</strong></p>{value}")
    return "".join(parts)
