"""Which keys a reading has met, in little memory: there may be a million of them."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import merge

_RECENT = 1 << 14
_BYTES = 8


@dataclass
class Seen:
    """Keys by eight bytes of their digest: sorted, in runs that are each at least twice as long as the next."""

    _recent: set[int] = field(default_factory=set)
    _runs: list["array[int]"] = field(default_factory=list)
    _again: dict[str, int] = field(default_factory=dict)

    def new(self, key: str) -> tuple[str, bool]:
        """Return the key, with a number behind it when it was met before, and whether it was."""
        wished = key
        while key in self:
            self._again[wished] = number = self._again.get(wished, 1) + 1
            key = f"{wished}~{number}"
        self._add(_number(key))
        return key, key != wished

    def meets(self, key: str) -> bool:
        """Take a key, and return whether it was taken before."""
        if key in self:
            return True
        self._add(_number(key))
        return False

    def __contains__(self, key: str) -> bool:
        return self._has(_number(key))

    def _has(self, number: int) -> bool:
        return number in self._recent or any(_holds(run, number) for run in self._runs)

    def _add(self, number: int) -> None:
        self._recent.add(number)
        if len(self._recent) < _RECENT:
            return
        run = array("Q", sorted(self._recent))
        self._recent.clear()
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            # number by number: a list of both would hold each as an object of its own, of five times the size
            run = array("Q", merge(self._runs.pop(), run))
        self._runs.append(run)


def _holds(run: "array[int]", number: int) -> bool:
    place = bisect_left(run, number)
    return place < len(run) and run[place] == number


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(errors="surrogatepass"), digest_size=_BYTES).digest(), "big")
