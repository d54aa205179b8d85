"""An event loop whose clock runs fast while nothing happens: pauses of the client and silences of a stand-in take
milliseconds.

Order and length of all that is timed within the loop stay as they are, and so does every outcome. It is for tests with
all sides in one loop: another process, and ``time.monotonic``, know nothing of this clock.
"""

import asyncio
import selectors

_GLANCE = 0.002
"""Seconds without any event after which time may be left out; what comes from a thread often comes within them."""
_LEFT_OUT = 0.1
"""Seconds left out at a time: less than any time-out, so that one glance that was too short ends nothing."""


class _Impatient(selectors.DefaultSelector):
    """Waits as others do, but leaves out most of a time in which nothing comes."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= _GLANCE:
            return super().select(timeout)
        found = super().select(_GLANCE)
        if not found:
            self.ahead += min(timeout - _GLANCE, _LEFT_OUT)
        return found


class QuickClockLoop(asyncio.SelectorEventLoop):
    """The loop of tests that are marked ``quick_clock``."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return super().time() + self._impatient.ahead
