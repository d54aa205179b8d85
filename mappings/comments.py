"""Notes that people wrote about a case: one dated block, the oldest first."""

from collections.abc import Sequence
from datetime import datetime

from mappings.collector import Collector
from mappings.text.wording import escaped
from mappings.vocabulary import single_line
from migrator.core.model import Comment


def comment_block(comments: Sequence[Comment], collector: Collector) -> tuple[str, list[str]]:
    """Return the block as HTML, empty without any text, and the markers of the comments that stand in it."""
    lines: list[str] = []
    folded: list[str] = []
    for comment in sorted(comments, key=_when):
        field = f"notes.{comment.ref.ids[-1]}"
        text = collector.html(comment.text, field)
        if not text:
            continue
        head = ", ".join(filter(None, (shown_date(comment.created_at), collector.person(comment.author, field))))
        lines.append(f"<p><strong>{escaped(single_line(head) or 'Undated')}:</strong></p>{text}")
        folded.append(comment.ref.marker)
    return (f"<h4>Notes</h4>{''.join(lines)}" if lines else ""), folded


def shown_date(value: datetime | None) -> str:
    """Return a date to the second, with its offset; empty when unknown."""
    return value.isoformat(sep=" ", timespec="seconds") if value else ""


def _when(comment: Comment) -> tuple[bool, float]:
    """Undated ones come last, in the order of extraction."""
    return comment.created_at is None, comment.created_at.timestamp() if comment.created_at else 0.0
