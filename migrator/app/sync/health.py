"""The health file: how the last round of ``sync`` ended and when the next one is due, for monitoring."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from migrator.app.runtime.whole_file import whole_file
from migrator.core.redact import hidden_in

HEALTH = "health.json"


class Health(BaseModel):
    """How the last round ended, for monitoring.

    ``failures_in_a_row``: rounds that ended otherwise than with 0. Times in UTC; ``next`` is empty for a single round.

    Args:
        exit: what the round ended with, as a command would exit.
        attention: digest of what needs a person.
    """

    started: str
    ended: str
    exit: int
    counts: dict[str, int] = {}
    attention: str = ""
    error: dict[str, Any] | None = None
    failures_in_a_row: int = 0
    last_success: str = ""
    next: str = ""


def read_health(workspace: Path) -> Health | None:
    """Return what the last round left; None before the first one, or when the file is not ours."""
    try:
        return Health.model_validate_json((workspace / HEALTH).read_bytes())
    except (OSError, ValidationError):
        return None


def write_health(workspace: Path, health: Health) -> None:
    """Replace the file in one step. Raises like ``whole_file``."""
    with whole_file(workspace / HEALTH) as file:
        file.write(json.dumps(hidden_in(health.model_dump()), indent=2, ensure_ascii=False).encode() + b"\n")


def moment(seconds: float) -> str:
    """Return seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
