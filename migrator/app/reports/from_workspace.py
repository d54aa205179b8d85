"""What the workspace answers, turned into what a report is made of."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from migrator.app.reports.documents import Plan
from migrator.config import Config
from migrator.core.file_records import FileProof
from migrator.core.note_texts import by_harm, config_line, note_text
from migrator.core.notes import UNMAPPED_FIELDS, UNMAPPED_VALUES
from migrator.core.records import REPLACED, STANDS_IN, TAKEN_OFF
from migrator.report.fields import changes
from migrator.report.folders import FolderTree, folder_tree
from migrator.report.values import Crossing, Loss, News, Overview, Pace, Row
from state.questions.items import ReportedItem
from state.questions.notes import NoteGroup
from state.questions.outcomes import MadeItem
from state.rows import chunked
from state.workspace import Workspace

_PROBLEMS = 50
_LEFTOVERS = 500
_EXAMPLES = 3
_SPANS = 90
_FEWEST_SPANS = 3
_TROUBLES = ("failed", "unknown", "conflict", "blocked", "gone")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where items are in QA Sphere's web UI."""

    base_url: str
    codes: Mapping[str, str]

    def code(self, item: ReportedItem | MadeItem) -> str:
        """Return ``CODE-SEQ``; the number has three digits at least (``qasphere-api.md`` §1.5)."""
        code = self.codes.get(item.project, "")
        return f"{code}-{item.seq:03}" if code and item.seq is not None else ""

    def of_case(self, project: str, seq: int | None) -> str:
        """Return the address of a case by its number; empty where there is none."""
        code = self.codes.get(project, "")
        return f"{self.base_url.rstrip('/')}/project/{code}/tcase/{seq}" if code and seq is not None else ""

    def of_project(self, project: str) -> str:
        """Return the address of a project, by its id at the source; empty when it is not known yet."""
        code = self.codes.get(project, "")
        return f"{self.base_url.rstrip('/')}/project/{code}" if code else ""

    def url(self, item: ReportedItem | MadeItem) -> str:
        """Return the address; empty for what the web UI has no address of its own for."""
        project = self.of_project(item.project)
        if not project or not item.new_id:
            return ""
        if item.kind == "case" and item.seq is not None:
            return self.of_case(item.project, item.seq)
        if item.kind == "run":
            return f"{project}/run/{item.new_id}"
        return project if item.kind == "project" else ""


class ReportData:
    """Turns what the workspace answers into what a report is made of."""

    def __init__(self, config: Config, workspace: Workspace) -> None:
        self._config = config
        self._workspace = workspace
        self._asked = workspace.sums
        self._codes = self._asked.destination_codes()
        self._addresses = Addresses(config.destination.base_url, self._codes)

    def overview(
        self, title: str, news: tuple[News, ...], plan: Plan | None, *, timed: bool = False, examples: int = _EXAMPLES
    ) -> Overview:
        """Return everything but the items.

        Args:
            plan: for its cost; and, unless ``timed``, for its figures.
            timed: with what took how long, and what stands where now.
            examples: how many items a loss names.
        """
        books = self._workspace.books
        fates = books.fates() if timed or plan is None else plan.items
        problems = books.causes(_PROBLEMS)
        troubled = sum(count for by_fate in fates.values() for fate, count in by_fate.items() if fate in _TROUBLES)
        return Overview(
            title=title,
            made_at=time.time(),
            facts=self._facts(plan),
            news=news,
            fates=fates,
            problems=problems,
            more_problems=max(0, troubled - sum(problem.count for problem in problems)),
            losses=_losses(self._workspace.notes.groups(examples), examples),
            unmapped=self._workspace.notes.unmapped(values=UNMAPPED_VALUES, fields=UNMAPPED_FIELDS),
            folders=self._tree.roots,
            forecast=plan.cost if plan else None,
            phases=self._workspace.timings.since(self._asked.began_at()) if timed else (),
            pace=self._pace() if timed else None,
            left_behind=self._workspace.leftovers.counts() if timed else {},
            leftovers=self._workspace.leftovers.first(_LEFTOVERS) if timed else (),
        )

    def rows(self) -> Iterator[Row]:
        """Yield the items, the worst first."""
        return map(self._placed, self._workspace.items.of_last_rounds())

    def rows_ever(self) -> Iterator[Row]:
        """Yield every item there ever was, with what became of it since the first day, the worst first."""
        return map(self._placed, self._workspace.items.since_the_first_day())

    def _placed(self, item: ReportedItem) -> Row:
        is_folder = item.kind == "folder"
        folders = self._tree.parents if is_folder else self._tree.ids
        return replace(self.row(item), folder=folders.get(item.marker if is_folder else item.folder))

    def crossings(self) -> Iterator[Crossing]:
        """Yield the lines of the crosswalk."""
        for items in chunked(self._workspace.items.ever()):
            proofs = self._workspace.store.files.proofs([item.marker for item in items if item.kind == "file"])
            homes = {item.marker: item.reason.removeprefix(STANDS_IN) for item in items if item.fate == "folded"}
            there = self._workspace.store.ledger.entries(list(homes.values()))
            for item in items:
                crossing = self._crossing(item)
                if home := there.get(homes.get(item.marker, "")):
                    crossing = replace(crossing, url=self._addresses.of_case(item.project, home.seq))
                yield _proved(crossing, proofs[item.marker]) if item.marker in proofs else crossing

    def _crossing(self, item: ReportedItem) -> Crossing:
        return Crossing(
            kind=item.kind,
            title=item.title,
            project=item.project,
            old_id=item.old_id,
            old_url=item.address,
            fate=item.fate,
            new_id=item.new_id,
            marker=self._addresses.code(item),
            url=self._addresses.url(item),
            source=item.marker,
            reason=item.reason,
            hangs_on=_home(item),
        )

    def row(self, item: ReportedItem) -> Row:
        """Return an item as reports show it, without its place in the tree of folders."""
        versions = item.versions
        return Row(
            project=item.project,
            kind=item.kind,
            title=item.title,
            marker=item.marker,
            fate=item.fate,
            action=item.action,
            code=self._addresses.code(item),
            reason=item.reason,
            address=self._addresses.url(item),
            old_address=item.address,
            notes=item.notes,
            changes=changes(versions.before, versions.found, versions.wanted),
        )

    @cached_property
    def _tree(self) -> FolderTree:
        several = len(self._codes) > 1
        return folder_tree(
            (folder.marker, (self._codes.get(folder.project, folder.project), *folder.path), folder.counts)
            if several
            else (folder.marker, folder.path, folder.counts)
            for folder in self._asked.folders()
        )

    def _facts(self, plan: Plan | None) -> tuple[tuple[str, str], ...]:
        titles = self._asked.project_titles()
        projects = "; ".join(
            f"{titles.get(project, project)} ({project}) → {code}" for project, code in sorted(self._codes.items())
        )
        facts = [
            ("from", f"{self._config.connector} {self._config.instance}"),
            ("to", self._config.destination.base_url),
            ("projects", projects),
        ]
        return (*facts, ("plan", plan.plan_id)) if plan else tuple(facts)

    def _pace(self) -> Pace | None:
        written = self._asked.written_between(self._asked.began_at())
        if written is None:
            return None
        first, last = written
        width = max(1.0, float(round((last - first) / _SPANS + 0.5)))
        counts = self._asked.writes(first, width)
        spans = tuple(counts.get(span, 0) for span in range(int((last - first) / width) + 1))
        if len(spans) < _FEWEST_SPANS:
            return None
        return Pace(first, width, spans, self._config.destination.requests_per_second)


def _losses(groups: Iterable[NoteGroup], most: int) -> tuple[Loss, ...]:
    """Return a loss per code: the worst first, then the most frequent."""
    by_code: dict[str, list[NoteGroup]] = {}
    for group in groups:
        by_code.setdefault(group.code, []).append(group)
    losses = [_loss(code, kinds, most) for code, kinds in by_code.items()]
    return tuple(sorted(losses, key=lambda loss: (by_harm(loss.code), -loss.count, loss.code)))


def _loss(code: str, kinds: Sequence[NoteGroup], most: int) -> Loss:
    text = note_text(code)
    examples = [note for group in kinds for note in group.examples][:most]
    first = examples[0]
    return Loss(
        code=code,
        harm=text.harm,
        count=sum(group.count for group in kinds),
        items={group.kind: group.items for group in kinds},
        examples=tuple(examples),
        meaning=text.meaning or first.message,
        setting=text.setting,
        advice=text.advice,
        line=config_line(code, first.field, first.original),
    )


def _home(item: ReportedItem) -> str:
    """Return what a file hangs on; one that the program has made is called after what it was made for."""
    if item.reason in (TAKEN_OFF, REPLACED):
        return ""
    return item.about or (item.marker.partition("#")[0] if item.kind == "file" else "")


def _proved(crossing: Crossing, proof: FileProof) -> Crossing:
    """Return the line of a file with what is known of its bytes."""
    checked = datetime.fromtimestamp(proof.checked_at, UTC) if proof.checked_at else None
    return replace(
        crossing,
        url=proof.url,
        size="" if proof.size is None else str(proof.size),
        sha256=proof.sha256,
        new_name=proof.name if proof.url else "",
        new_sha256=proof.there,
        checked_at=checked.isoformat(timespec="seconds") if checked else "",
    )
