"""Whether what works in a workspace is alive, for containers: ``python -m migrator.app.healthcheck WORKSPACE``.

Ends with 0, or with 1 and a sentence. Reads two small files, and neither config nor database.
"""

import sys
import time
from datetime import datetime
from pathlib import Path

from migrator.app.runtime.metrics import METRICS
from migrator.app.sync.health import Health, read_health

_STANDS_STILL = 900.0
_LATE = 3600.0
_FAILURES = 3


def trouble(workspace: Path, now: float) -> str:
    """Say what is wrong; empty when nothing is. ``now`` in seconds since the epoch.

    A command that works renews ``metrics.prom``; rounds of ``sync`` say in the health file how they end, and when the
    next one is due. Without either file nothing has begun yet, which is no trouble.
    """
    idle = _idle(workspace, now)
    if idle is not None and idle > _STANDS_STILL:
        return f"a command has not stirred for {idle:.0f} s"
    health = read_health(workspace)
    if health is None:
        return ""
    if health.failures_in_a_row >= _FAILURES:
        return f"{health.failures_in_a_row} rounds in a row have failed, the last with exit code {health.exit}"
    late = _late(health, now)
    if idle is None and late > _LATE:
        return f"a round was due {late:.0f} s ago"
    return ""


def _idle(workspace: Path, now: float) -> float | None:
    """Return for how many seconds a command that works has written nothing; None when none does."""
    path = workspace / METRICS
    try:
        text = path.read_text(encoding="utf-8")
        written = path.stat().st_mtime
    except OSError:
        return None
    works = any(line.startswith("qasphere_migrator_running{") and line.endswith(" 1") for line in text.splitlines())
    return max(0.0, now - written) if works else None


def _late(health: Health, now: float) -> float:
    return now - datetime.fromisoformat(health.next).timestamp() if health.next else 0.0


if __name__ == "__main__":
    sys.exit(trouble(Path(sys.argv[1]), time.time()) or None)
