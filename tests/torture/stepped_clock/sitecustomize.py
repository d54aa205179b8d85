"""A clock that somebody sets while the program runs: imported by Python itself, where this folder is on its path.

``MIGRATOR_CLOCK`` names a file that holds by how many seconds the clock is wrong at the moment.
"""

import os
import time
from pathlib import Path

_right = time.time
_file = Path(os.environ.get("MIGRATOR_CLOCK", ""))


def _wrong() -> float:
    try:
        return _right() + float(_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return _right()


time.time = _wrong
