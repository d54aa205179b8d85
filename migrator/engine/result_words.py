"""What a result in QA Sphere says, beside a draft. Pure."""

import re

from migrator.core.derived import RECORDED, without_facts
from migrator.core.drafts import ResultDraft
from migrator.core.refs import MARKER_LABEL
from migrator.core.text import visible_text
from migrator.core.views import ResultView

_MARKER = re.compile(rf"{MARKER_LABEL}\S+\s*\Z")


def is_as_written(draft: ResultDraft, seen: ResultView) -> bool:
    """Whether a result is the draft, in all that is ever compared."""
    said = (seen.status, visible_text(seen.comment), seen.time_taken_ms)
    return (draft.status, visible_text(draft.comment), draft.time_taken_ms) == said


def says(draft: ResultDraft, seen: ResultView) -> bool:
    """Whether a result says what the draft says, word for word, whatever edition of it either is."""
    return draft.status == seen.status and _words(draft.comment) == _words(seen.comment)


def as_said(draft: ResultDraft, seen: ResultView) -> ResultDraft:
    """Return the draft of a result that says something else, as it must have been."""
    said = {"status": seen.status, "comment": seen.comment, "time_taken_ms": seen.time_taken_ms}
    return draft.model_copy(update=said)


def _words(comment: str) -> str:
    """Return what a comment says of the result; who recorded it, earlier versions did not say."""
    return _MARKER.sub("", visible_text(without_facts(comment, RECORDED)))
