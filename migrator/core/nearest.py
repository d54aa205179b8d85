"""What somebody may have meant: the names that are nearest to one that does not exist."""

from collections.abc import Sequence
from difflib import get_close_matches

_SHOWN = 3


def nearest_paths(path: str, paths: Sequence[str]) -> list[str]:
    """Return up to three paths that look like one, or whose last name does; the topmost ones when none does."""
    folded = {one.casefold(): one for one in reversed(paths)}
    last = {one.rsplit("/", 1)[-1].casefold(): one for one in reversed(paths)}
    found = [folded[name] for name in get_close_matches(path.casefold(), folded)]
    found += [last[name] for name in get_close_matches(path.rsplit("/", 1)[-1].casefold(), last)]
    return list(dict.fromkeys(found))[:_SHOWN] or [one for one in paths if "/" not in one][:_SHOWN]
