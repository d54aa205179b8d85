"""Things that go wrong on purpose, drawn from one seeded generator per stand-in."""

import random

from migrator.standin.options import FaultKind, FaultPlan

HTML = "<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Please sign in</h1></body></html>"
BROKEN_JSON = '{"id": "half an ans'


class FaultDice:
    """Decides for each request whether and how it goes wrong."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311 - faults, not secrets

    def throw(self) -> FaultKind | None:
        """Return the fault for the next request, or None."""
        if not self.plan.kinds or self._random.random() >= self.plan.share:
            return None
        return self._random.choice(self.plan.kinds)

    def coin(self) -> bool:
        """Return whether the work was done before a 5xx was answered."""
        return self._random.random() < 0.5
