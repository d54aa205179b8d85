"""What the verdicts of one sample come to, in the vendor's words (``workiva-api.md``, entity map). Pure."""

from collections.abc import Sequence

from connectors.workiva.config import Verdicts

_FAILED = ("fail", "failed", "exception", "ineffective", "no", "x", *"✗✘✕✖\N{MULTIPLICATION SIGN}☒❌❎")
_PASSED = ("pass", "passed", "effective", "yes", "ok", *"✓✔√☑✅")
_SKIPPED = ("n/a", "na", "not applicable")
_UNKNOWN = 1
_AS_PICTURE = "\ufe0f"


class Aggregator:
    """Knows the words. ``more``: those of the config."""

    def __init__(self, more: Verdicts) -> None:
        self._failed = _folded((*_FAILED, *more.failed))
        self._passed = _folded((*_PASSED, *more.passed))
        self._skipped = _folded((*_SKIPPED, *more.skipped))

    def status(self, verdicts: Sequence[str]) -> str | None:
        """Return the word that decides: the first failure, else the first unknown one, else the first pass, else the
        first that says not applicable. None when all are blank: not tested."""
        said = [verdict.strip() for verdict in verdicts if verdict.strip()]
        return min(said, key=self._rank, default=None)

    def knows(self, word: str) -> bool:
        """Return whether a word is in one of the lists."""
        return self._rank(word.strip()) != _UNKNOWN

    def _rank(self, word: str) -> int:
        """Return how early a word decides; of equals the first one does."""
        folded = _folded((word,))
        ranks = ((self._failed, 0), (self._passed, 2), (self._skipped, 3))
        return next((rank for words, rank in ranks if folded <= words), _UNKNOWN)


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word.replace(_AS_PICTURE, "").strip().casefold() for word in words)
