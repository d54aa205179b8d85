"""Which words differ between two texts, as HTML, for pages without a script."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from markupsafe import Markup, escape

_WORD = re.compile(r"\s+|\w+|[^\s\w]")
_MOST_WORDS = 400
"""Beyond this what differs is marked as a whole: the comparison takes the product of both lengths, or more."""

_CONTEXT = 100
"""Characters."""


def marked(left: str, right: str) -> tuple[Markup, Markup]:
    """Return both texts escaped, with what is only in the left one in ``<del>``, and in the right one in ``<ins>``.

    Of long stretches that are the same, what is near a difference stays.
    """
    ours, theirs = _WORD.findall(left), _WORD.findall(right)
    start, end = _alike(ours, theirs)
    a, b = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    if max(len(a), len(b)) > _MOST_WORDS:
        spans = [(False, a, b)]
    else:
        codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        spans = [(kind == "equal", a[i:j], b[k:m]) for kind, i, j, k, m in codes]
    spans = [(True, ours[:start], theirs[:start]), *spans, (True, ours[len(ours) - end :], theirs[len(theirs) - end :])]
    return (
        _whole("del", [("".join(words), same) for same, words, _ in spans]),
        _whole("ins", [("".join(words), same) for same, _, words in spans]),
    )


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int]:
    """Return how many words are the same at the beginning, and behind that at the end."""
    shorter = min(len(ours), len(theirs))
    start = next((number for number in range(shorter) if ours[number] != theirs[number]), shorter)
    rest = shorter - start
    end = next((number for number in range(rest) if ours[-1 - number] != theirs[-1 - number]), rest)
    return start, end


def _whole(tag: str, pieces: list[tuple[str, bool]]) -> Markup:
    """Join pieces of a text; those that are not the same on both sides are marked, blanks between them as well."""
    found: list[tuple[str, bool]] = []
    for number, (text, given) in enumerate(pieces):
        inside = 0 < number < len(pieces) - 1
        same = given and not (inside and text.isspace() and not pieces[number - 1][1] and not pieces[number + 1][1])
        if found and found[-1][1] == same:
            found[-1] = (found[-1][0] + text, same)
        elif text:
            found.append((text, same))
    opening, closing = Markup(f"<{tag}>"), Markup(f"</{tag}>")  # noqa: S704 - our own tag
    last = len(found) - 1
    return Markup("").join(
        escape(_near(text, before=number > 0, behind=number < last)) if same else opening + escape(text) + closing
        for number, (text, same) in enumerate(found)
    )


def _near(text: str, *, before: bool, behind: bool) -> str:
    """Return the ends of a text that have a difference ``before`` or ``behind`` them."""
    if len(text) <= 3 * _CONTEXT:
        return text
    return (text[:_CONTEXT] if before else "") + " … " + (text[-_CONTEXT:] if behind else "")
