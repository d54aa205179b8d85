"""What a rehearsal measured, and what that says about the real run. Pure."""

import re
from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel

from migrator.engine.plan import cost

_PREFIX = "/api/public/v0"
_KNOWN = {
    "GET /users/me": cost.CHECK_ACCESS,
    "GET /project": cost.GET_PROJECT,
    "GET /project/{project}": cost.GET_PROJECT,
    "POST /project": cost.CREATE_PROJECT,
    "GET /project/{project}/custom-field": cost.GET_FIELDS,
    "GET /project/{project}/tcase/folders": cost.GET_FOLDERS,
    "POST /project/{project}/tcase/folder/bulk": cost.CREATE_FOLDERS,
    "GET /project/{project}/tcase": cost.GET_CASES,
    "GET /project/{project}/tcase/{case}": cost.GET_CASE,
    "POST /project/{project}/tcase": cost.CREATE_CASE,
    "PATCH /project/{project}/tcase/{case}": cost.UPDATE_CASE,
    "POST /file/batch": cost.UPLOAD_FILES,
    "GET /api/file/{file}": cost.GET_FILE,
    "GET /project/{project}/milestone": cost.GET_MILESTONES,
    "POST /project/{project}/milestone": cost.CREATE_MILESTONE,
    "GET /project/{project}/run": cost.GET_RUNS,
    "GET /project/{project}/run/{run}/tcase": cost.GET_RUN_CASES,
    "GET /project/{project}/run/{run}/tcase/{case}": cost.GET_RUN_CASE,
    "POST /project/{project}/run": cost.CREATE_RUN,
    "POST /project/{project}/run/{run}/result/batch": cost.CREATE_RESULTS,
    "POST /project/{project}/run/{run}/close": cost.CLOSE_RUN,
}
"""Routes by the names that plans give them; any other goes by its own address."""


class Phase(BaseModel):
    """One command of the rehearsal.

    Args:
        seconds: as measured.
        at_allowed_rate: what its requests to QA Sphere take at the documented rate. Neither the rate nor the source and
            this machine can be outrun, so the larger of the two is the ``forecast`` for the real one.
        clashes: creates that met another one at the same position, were refused and sent again (A-25).
        throttled: requests over the limit, sent again.
    """

    requests: int
    clashes: int
    throttled: int
    seconds: float
    at_allowed_rate: float
    forecast: float


class Compared(BaseModel):
    """Requests to one endpoint: as the plan said, and as they came while it was applied."""

    planned: int
    measured: int


def phase(statuses: Mapping[int, int], seconds: float, rate: float) -> Phase:
    """Return the figures of a phase. ``statuses``: requests by the status of their answer; ``rate`` a second."""
    number, measured = sum(statuses.values()), round(seconds, 1)
    allowed = round(number / rate, 1)
    return Phase(
        requests=number,
        clashes=statuses.get(409, 0),
        throttled=statuses.get(429, 0),
        seconds=measured,
        at_allowed_rate=allowed,
        forecast=max(measured, allowed),
    )


def compared(planned: Mapping[str, int], measured: Mapping[str, int]) -> dict[str, Compared]:
    """Return both counts by endpoint, those of the plan first."""
    found = named(measured)
    names = [*planned, *(name for name in found if name not in planned)]
    return {name: Compared(planned=planned.get(name, 0), measured=found[name]) for name in names}


def named(requests: Mapping[str, int]) -> "Counter[str]":
    """Return requests by endpoint under the plan's names. ``requests``: by method and route, as the stand-in logs."""
    found: Counter[str] = Counter()
    for route, count in requests.items():
        bare = re.sub(f"^([A-Z]+) {_PREFIX}", r"\1 ", route)
        found[_KNOWN.get(bare, bare)] += count
    return found
