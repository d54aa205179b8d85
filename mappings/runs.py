"""Test runs → runs: one each, or one per release and month for runs of a single test."""

from collections.abc import Iterator, Mapping, Sequence

from mappings.hook_history import hooked_run
from mappings.hooks import Hooks
from mappings.item_writer import ItemWriter, Writers, fact_list, link_to_whole, moment, plain_fact, shortened
from mappings.rules import MappingRules
from mappings.text.wording import fact
from mappings.vocabulary import cut, single_line
from mappings.volumes import title_of
from migrator.core.derived import PAGES
from migrator.core.drafts import RUN_TEXT_LIMIT, RUN_TITLE_LIMIT, RunDraft
from migrator.core.model import Configuration, TestRun
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Mapped, RunPart, RunUnit
from migrator.core.refs import Ref, marker_line, short_id
from migrator.core.text import symbol, visible_text

_BETWEEN = " · "
_LONGEST_ADDRESS = 255
"""What an address of QA Sphere may take where a symbol stands."""


def unit_of(run: TestRun, rules: MappingRules) -> str:
    """Return the marker of the unit: a group's for a finished run of a single test, else the run's own.

    The month is that of the day on which it ended, in the source's own zone.
    """
    if rules.runs.single_test == "single" or not run.single or not run.closed or run.ended_at is None:
        return run.ref.marker
    release = run.milestone.ids[-1] if run.milestone else "none"
    ids = (*run.ref.ids[:-1], release, f"{run.ended_at:%Y-%m}")
    return Ref(connector=run.ref.connector, instance=run.ref.instance, kind="single_runs", ids=ids).marker


class RunMapper:
    """Maps runs. ``milestones``: marker → title in QA Sphere. ``listed`` as in ``HistoryWorld``."""

    def __init__(
        self,
        writers: Writers,
        milestones: Mapping[str, str],
        configurations: Mapping[str, Configuration],
        listed: Mapping[str, Ref],
        hooks: Hooks | None = None,
    ) -> None:
        self._hooks = hooks
        self._writers = writers
        self._milestones = milestones
        self._configurations = configurations
        self._listed = listed

    def map(self, unit: RunUnit, part: RunPart) -> Mapped:
        """Return the draft of one part of a unit, even of one that a hook leaves out."""
        writer = self._writers.of(part.marker)
        title = self._title(unit, part, writer)
        self._note_configuration(unit, writer)
        draft = RunDraft(
            marker=part.marker,
            title=title,
            description=self._description(unit, part, writer),
            milestone=self._milestone(unit.runs[0], writer),
            cases=part.cases,
        )
        mapped = writer.mapped("run", title, draft, made=unit.is_group or part.marker != unit.marker)
        return hooked_run(mapped, unit.runs[0], self._hooks)

    def left_out(self, run: TestRun, reason: str) -> Note:
        """Return the note on a run without a place, with all that is known of it in words."""
        facts = self.facts(run, self._writers.of(run.ref.marker))
        release = self._milestones.get(run.milestone.marker, "") if run.milestone else ""
        lines = [single_line(run.set_title or run.title), release, *(visible_text(line) for line in facts)]
        known = "; ".join(line for line in lines if line)
        return Note(code=NoteCode.RUN_LEFT_OUT, marker=run.ref.marker, original=known, message=reason)

    def configuration(self, run: TestRun) -> str:
        """Return the configuration's title, or an empty text."""
        found = self._configurations.get(run.configuration.marker) if run.configuration else None
        if found:
            return single_line(found.title)
        return f"configuration {run.configuration.ids[-1]}" if run.configuration else ""

    def facts(self, run: TestRun, writer: ItemWriter) -> list[str]:
        """Return what is known of a run."""
        return [
            plain_fact("Started", moment(run.started_at)),
            plain_fact("Ended", moment(run.ended_at)),
            plain_fact("Configuration", self.configuration(run)),
            *writer.facts_of(run),
            *writer.texts_of(run),
            plain_fact("Address", run.address or ""),
        ]

    def _milestone(self, run: TestRun, writer: ItemWriter) -> str:
        if run.milestone is None:
            return ""
        if run.milestone.marker in self._milestones:
            return run.milestone.marker
        writer.note(NoteCode.MILESTONE_MISSING, "milestone", run.milestone.marker, "the source does not list it")
        return ""

    def _note_configuration(self, unit: RunUnit, writer: ItemWriter) -> None:
        named = unit.runs[0].configuration
        if named and not unit.is_group and named.marker not in self._configurations:
            message = "the source does not list it; the run shows its id"
            writer.note(NoteCode.CONFIGURATION_MISSING, "configuration", named.marker, message)

    def _title(self, unit: RunUnit, part: RunPart, writer: ItemWriter) -> str:
        """Return ``set · release · configuration · date · #id``; when it is too long, the set's name is cut."""
        run = unit.runs[0]
        release = self._milestones.get(run.milestone.marker, "") if run.milestone else ""
        if unit.is_group:
            name, rest = "Single tests", [release, f"{run.ended_at:%Y-%m}"]
        else:
            name, day = single_line(run.set_title or run.title), run.started_at or run.ended_at
            rest = [
                release,
                self.configuration(run),
                f"{day:%Y-%m-%d}" if day else "",
                f"#{short_id(run.ref.ids[-1])}",
            ]
        rest = [text for text in (*rest, part.label) if text]
        whole = _BETWEEN.join(text for text in (name, *rest) if text)
        if len(whole) <= RUN_TITLE_LIMIT:
            return whole
        writer.note(NoteCode.RUN_TITLE_CUT, "title", whole, f"cut to {RUN_TITLE_LIMIT} characters")
        # what makes it unique stands at the end, and stays
        share = max(20, (RUN_TITLE_LIMIT - len(_BETWEEN.join(["", *rest[1:]]))) // 2)
        if release:
            rest[0] = cut(rest[0], share)
        room = RUN_TITLE_LIMIT - len(_BETWEEN.join(["", *rest]))
        return _BETWEEN.join([cut(name, room), *rest]) if room > 0 else cut(whole, RUN_TITLE_LIMIT)

    def _description(self, unit: RunUnit, part: RunPart, writer: ItemWriter) -> str:
        """Return the text of a run, ending in its marker; what does not fit is a file."""
        run, end = unit.runs[0], marker_line(part.marker)
        if unit.is_group:
            head, facts = f"<p>Runs of single tests that ended in {run.ended_at:%Y-%m}.</p>", list[str]()
        else:
            head, facts = writer.html(run.description, "description"), self.facts(run, writer)
        body = ""
        for line in self._pages([run.milestone] if unit.is_group else [run.test_set, run.milestone, run.configuration]):
            body = head + fact_list([*facts, line])
            if len(body) + len(end) <= RUN_TEXT_LIMIT:
                return body + end
        message = f"over {RUN_TEXT_LIMIT} characters; the whole is in a file"
        writer.note(NoteCode.RUN_TEXT_CUT, "description", body, message)
        file = writer.whole(body, "description", f"run-{run.ref.ids[-1]}")
        link = link_to_whole(file)
        # the symbol gives way to an address, which may be longer
        longest = len(link) + max(0, _LONGEST_ADDRESS - len(symbol("file", file.marker)))
        room = RUN_TEXT_LIMIT - len(end) - longest
        return shortened(body, room) + link + end if room >= 0 else end

    def _pages(self, items: Sequence[Ref | None]) -> Iterator[str]:
        """Yield the line that leads to where the pages of some items are listed: to all, to fewer, at last to none."""
        volumes = dict.fromkeys(self._listed[item.marker] for item in items if item and item.marker in self._listed)
        links = [f'<a href="{symbol("case", volume.marker)}">{title_of(volume)}</a>' for volume in volumes]
        for number in range(len(links), 0, -1):
            yield fact(PAGES, ", ".join(links[:number]))
        yield ""
