"""How a stand-in behaves."""

from typing import Literal, get_args

from pydantic import Field

from migrator.core.base import Frozen

Profile = Literal["strict", "lenient", "odd"]
RateShape = Literal["bucket", "window", "log"]
FaultKind = Literal[
    "status_500", "status_502", "status_503", "status_504", "throttle", "throttle_bare", "drop_before", "drop_after",
    "late", "hang", "truncate", "html", "bad_json",
]  # fmt: skip
ALL_FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)


class FaultPlan(Frozen):
    """Which share of the calls (0 to 1) goes wrong, and how.

    ``late``: nothing is answered, and the work is done ``late_seconds`` after the request. ``hang``: no work and no
    answer for ``hang_seconds``. ``throttle`` asks for a pause of ``throttle_seconds``; ``throttle_bare`` names none.
    """

    share: float = Field(default=0.0, ge=0, le=1)
    seed: int = 0
    kinds: tuple[FaultKind, ...] = ALL_FAULTS
    late_seconds: float = 1.0
    hang_seconds: float = 30.0
    throttle_seconds: float = 1.0


class StandInOptions(Frozen):
    """``latency`` in seconds before each answer; ``rate`` in requests a second, None for no limit."""

    profile: Profile = "strict"
    latency: float = Field(default=0.0, ge=0)
    rate: float | None = None
    rate_shape: RateShape = "bucket"
    retry_after: bool = True
    faults: FaultPlan = FaultPlan()
