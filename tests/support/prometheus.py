"""A strict reader of Prometheus' text format 0.0.4: what it does not take, node_exporter might not take either."""

import math
import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_TYPES = {"counter", "gauge"}
_ESCAPE = re.compile(r"\\(.)")

Labels = tuple[tuple[str, str], ...]


@dataclass
class Read:
    """One family. ``values``: labels, in order of their names → value."""

    help: str
    type: str = ""
    values: dict[Labels, float] = field(default_factory=dict)

    def of(self, **labels: str) -> float:
        """The sum of the values that have these labels."""
        return sum(value for own, value in self.values.items() if labels.items() <= dict(own).items())


def read(text: str) -> dict[str, Read]:
    """Return name → family; ``ValueError`` for anything that is not as the format has it."""
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    found: dict[str, Read] = {}
    current = ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            current, _, words = line.removeprefix("# HELP ").partition(" ")
            if current in found or not re.fullmatch(_NAME, current):
                raise ValueError(f"a family that is there already, or has no name: {line}")
            found[current] = Read(words)
        elif line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            if name != current or found[name].type or found[name].values or kind not in _TYPES:
                raise ValueError(f"a type out of its place: {line}")
            found[name].type = kind
        else:
            _take(line, current, found)
    return found


def _take(line: str, current: str, found: dict[str, Read]) -> None:
    match = _SAMPLE.fullmatch(line)
    if not match or match[1] != current:
        raise ValueError(f"no sample of {current}: {line}")
    family = found[current]
    labels = tuple(sorted(_labels(match[2] or "").items()))
    value = float(match[3])
    if labels in family.values or not math.isfinite(value) or not family.type:
        raise ValueError(f"twice, or no number, or before its type: {line}")
    if (family.type == "counter") is not current.endswith("_total"):
        raise ValueError(f"the name does not go with its type: {current}")
    family.values[labels] = value


def _labels(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = _LABEL.match(text, place)
        if not match or match[1] in labels or match[1].startswith("__"):
            raise ValueError(f"no label: {text[place:]}")
        labels[match[1]] = _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], match[2])
        place = match.end()
    return labels
