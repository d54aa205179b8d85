"""Writing a file that appears only when it is whole."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, StorageFull

_BINARY = getattr(os, "O_BINARY", 0)
"""Without it Windows would turn every line feed into two bytes."""
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for writing; what stood there stays until the block has ended well.

    Raises ``ConfigError`` when the file cannot be written, ``StorageFull`` when there is no space.
    """
    partial = path.with_name(path.name + ".part")
    if path.exists() and not path.is_file():
        raise _unwritable(path, OSError(errno.EINVAL, "it is a device or a folder, which a file would replace"))
    try:
        partial.unlink(missing_ok=True)
        # never through a link that somebody has put there
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as file:
            yield file
        partial.replace(path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise


def _unwritable(path: Path, error: OSError) -> ConfigError | StorageFull:
    if error.errno in _FULL:
        return StorageFull(f"cannot write {path}", cause=str(error), next_step="free some space, then run it again")
    return ConfigError(
        f"cannot write {path}", code=ErrorCode.FILE_UNUSABLE, cause=str(error), next_step="name another file"
    )
