"""What is told about a note, and how bad it is."""

from dataclasses import dataclass
from typing import Literal

Harm = Literal["lost", "changed", "cosmetic"]
"""``lost``: a fact of the source is not in QA Sphere. ``changed``: it is there, shortened, renamed or in another form.
``cosmetic``: nobody misses anything."""


@dataclass(frozen=True, slots=True)
class NoteText:
    """What people are told about a note.

    Args:
        meaning: what happened.
        harm: what the item suffered.
        setting: the config key, option or command that changes it.
        advice: or what a person can do elsewhere.
        line: how that looks in the config, with FIELD and VALUE where the note's own go.
    """

    meaning: str
    harm: Harm
    setting: str = ""
    advice: str = ""
    line: str = ""
