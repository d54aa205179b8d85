"""Plan: what stands in QA Sphere as it was sent, and would look otherwise today though nobody has edited it. A result
cannot be changed, and another one would say that the test was carried out twice; so it is counted, and noted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from migrator.core.notes import Note, NoteCode
from migrator.core.plural import plural
from migrator.engine.plan.history.edited_results import Sent

_NAMED = 3
_WHY = {
    "rules": "by today's rules (mapping.columns, mapping.status, mapping.people, hooks, or a setting of the source)",
    "columns": "by what the source calls its columns today, or by their order",
}


@dataclass
class UnlikeResults:
    """Collects them, run by run."""

    _found: dict[str, Counter[str]] = field(default_factory=dict)
    _named: dict[str, list[str]] = field(default_factory=dict)

    def add(self, sent: Sent, title: str) -> None:
        """Count a result of the source, if it is one."""
        if not sent.otherwise:
            return
        run = sent.result.run
        self._found.setdefault(run, Counter())[sent.otherwise] += 1
        names = self._named.setdefault(run, [])
        if len(names) < _NAMED:
            names.append(title)

    def taken(self) -> list[Note]:
        """Return a note for each run since the last time."""
        notes = [_note(run, counts, self._named[run]) for run, counts in self._found.items()]
        self._found, self._named = {}, {}
        return notes


def _note(run: str, counts: Counter[str], names: Sequence[str]) -> Note:
    total = counts.total()
    more = [f"and {total - len(names)} more"] if total > len(names) else []
    why = "; ".join(f"{counts[reason]} {words}" for reason, words in _WHY.items() if counts[reason])
    return Note(
        code=NoteCode.STANDS_AS_SENT,
        marker=run,
        field="results",
        original="; ".join([*names, *more]),
        message=f"{total} of its results {plural(total, 'stands as it was', 'stand as they were')} sent and would look"
        f" otherwise: {why}",
    )
