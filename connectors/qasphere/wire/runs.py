"""The JSON of milestones, runs, results and files (``qasphere-api.md`` §3.11 to §3.15)."""

from typing import Annotated

from pydantic import Field, StrictInt

from connectors.qasphere.wire.cases import ListOrNull, TextOrNull, Wire


class WireIntegerId(Wire):
    """The answer to creates of milestones, runs, results and plans (§1.6)."""

    id: StrictInt


class WireIntegerIds(Wire):
    """The answer to a result batch, in the order of its items (§3.13)."""

    ids: list[StrictInt]


class WireTextId(Wire):
    """The answer to creates of projects and run logs (§1.6)."""

    id: str = Field(min_length=1)


class WireMilestone(Wire):
    """§3.11; ``archived_at`` is null unless archived."""

    id: int
    title: str
    archived_at: str | None = None


class WireRun(Wire):
    """§3.12. ``status_counts``: status → cases, ``all`` for their number. What is None was not in the row (A-30)."""

    id: int
    title: str
    type: str
    closed: bool
    description: Annotated[str, TextOrNull] = ""
    status_counts: dict[str, int] | None = None
    milestone_id: int | None = None
    plan_id: int | None = None
    created_at: str | None = None
    closed_at: str | None = None


class WireRunCase(Wire):
    """A case in a run (§3.12). ``status``: of its last result, open without one."""

    id: str
    seq: int
    title: str
    status: str
    version: int | None = None
    folder_id: int | None = None
    priority: str | None = None
    legacy_id: Annotated[str, TextOrNull] = ""


class WireResult(Wire):
    """A result as it is read back; the shape is assumed (A-33)."""

    id: int
    status: str
    comment: Annotated[str, TextOrNull] = ""
    time_taken: int | None = None
    created_at: str | None = None


class WireRunCaseWhole(WireRunCase):
    """A case in a run with its results, oldest first (A-33)."""

    results: Annotated[list[WireResult], ListOrNull] = []


class WireFile(Wire):
    """An uploaded file (§3.15). ``url`` needs a log-in; ``stable_url``: its path, undocumented."""

    id: str = Field(min_length=1)
    url: str = Field(min_length=1)
    stable_url: str | None = None


class WireFiles(Wire):
    """The answer to a batch upload, in the order of its files (§3.15)."""

    files: list[WireFile]
