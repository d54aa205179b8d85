"""Named crash points, so that tests can kill the process exactly there.

``MIGRATOR_CRASH_AT=answered:37`` ends the process with SIGKILL when the point ``answered`` is reached for the 37th
time, ``result.answered:2`` when results reach it for the second time. Without the variable a point costs a comparison.
"""

import os
import signal
from collections import Counter

VARIABLE = "MIGRATOR_CRASH_AT"
POINTS = ("before_intent", "after_intent", "sent", "answered", "before_ledger_commit", "after_ledger_commit")
RECEIPT_POINTS = ("receipt_intent", "receipt_listed", "receipt_answered")

_reached: Counter[str] = Counter()
_target, _, _count = os.environ.get(VARIABLE, "").partition(":")


def reach(point: str, of: str = "") -> None:
    """Note that the point was reached, by a write ``of`` a kind; die here if the environment says so."""
    if not _target or _target not in (point, f"{of}.{point}"):
        return
    _reached[_target] += 1
    if _reached[_target] >= int(_count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
