"""QA Sphere's ids: a UUIDv7 as one number in Bitcoin Base58, 22 digits, with ``_`` after the ninth (§1.6)."""

import random
import time

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTH = 22
_BREAK = 9


class IdMaker:
    """Makes ids that sort in the order they were made, also within a millisecond."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - ids, not secrets
        self._last = 0

    def next(self) -> str:
        """Return a new id."""
        milliseconds = int(time.time() * 1000)
        value = milliseconds << 80 | 0x7 << 76 | self._random.getrandbits(12) << 64 | 0b10 << 62
        value |= self._random.getrandbits(62)
        self._last = max(value, self._last + 1)
        return hqid(self._last)


def hqid(value: int) -> str:
    """Return a 128-bit number in QA Sphere's spelling."""
    digits = ""
    while value:
        value, digit = divmod(value, 58)
        digits = _DIGITS[digit] + digits
    padded = digits.rjust(_LENGTH, "1")
    return f"{padded[:_BREAK]}_{padded[_BREAK:]}"
