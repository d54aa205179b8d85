"""Links of the file system: followed as long as they stay within one folder, without so much as looking elsewhere."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path

_MOST = 40


def real_parts(root: Path, parts: Sequence[str]) -> tuple[str, ...]:
    """Return the parts of a path below ``root`` without links, such as those of a mounted ConfigMap. ``OSError`` when
    one leads out of ``root``, or in a circle. What is not there stays as it is.
    """
    home = Path(os.path.realpath(root))
    left, done, links = list(reversed(parts)), list[str](), 0
    while left:
        part = left.pop()
        if part == "..":
            if not done:
                raise OSError(errno.ELOOP, "it is a link that leads elsewhere")
            done.pop()
            continue
        target = _target(home.joinpath(*done, part))
        if target is None:
            done.append(part)
            continue
        links += 1
        if links > _MOST:
            raise OSError(errno.ELOOP, "links lead in a circle")
        if target.is_absolute():
            if not target.is_relative_to(home):
                raise OSError(errno.ELOOP, "it is a link that leads elsewhere")
            target, done = target.relative_to(home), []
        left += reversed(target.parts)
    return tuple(done)


def _target(path: Path) -> Path | None:
    """Return where a link leads; None for what is none, or is not there."""
    try:
        return path.readlink()
    except OSError:
        return None
