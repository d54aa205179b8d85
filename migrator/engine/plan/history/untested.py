"""Plan: what the source says of tests that were not run, one note for each run and field. One for each test would be
thousands, of a run that is only planned."""

from dataclasses import dataclass, field, replace

from migrator.core.notes import Note, NoteCode
from migrator.core.plural import number
from migrator.core.ports.mapping import Mapped

_NAMED = 3


@dataclass
class UntestedWords:
    """Collects them, run by run."""

    _found: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)

    def moved(self, mapped: Mapped, run: str) -> Mapped:
        """Return a result without the notes that are told of its run (a marker)."""
        rest = []
        for note in mapped.notes:
            if note.code is NoteCode.UNTESTED_WORDS:
                self._found.setdefault((run, note.field), {}).setdefault(note.original, []).append(mapped.title)
            else:
                rest.append(note)
        return replace(mapped, notes=tuple(rest))

    def taken(self) -> list[Note]:
        """Return the notes since the last time: each word whole, with the first tests of which it is said."""
        notes = [_note(run, name, words) for (run, name), words in self._found.items()]
        self._found = {}
        return notes


def _note(run: str, name: str, words: dict[str, list[str]]) -> Note:
    total = sum(map(len, words.values()))
    return Note(
        code=NoteCode.UNTESTED_WORDS,
        marker=run,
        field=name,
        original="; ".join(f"{word} ({_listed(titles)})" for word, titles in words.items()),
        message=f"said of {number(total, 'test')} that {'was' if total == 1 else 'were'} not run",
    )


def _listed(titles: list[str]) -> str:
    more = [f"and {len(titles) - _NAMED} more"] if len(titles) > _NAMED else []
    return ", ".join([*titles[:_NAMED], *more])
