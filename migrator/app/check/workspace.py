"""What ``check`` says about the workspace's disk."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from migrator.core.ports.inspectable import Line
from state.trial import what_fails

_LEAST_FREE = 2 * 1024**3
# files pass through the workspace in batches; several of the largest may be under way at once
_SPOOL = 4 * 1024**3
_NETWORK = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"))
_GIB = 1024**3


def workspace_lines(workspace: Path) -> Iterator[Line]:
    """Look at the folder, or where it will be made: may it be written, is there space, do lock and database work?"""
    folder = _existing(workspace)
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield _line("problem", f"{folder} cannot be written", "change `workspace` in the config")
        return
    words = f"{workspace}, {_free(folder) / _GIB:.1f} GiB free"
    if _free(folder) < _LEAST_FREE:
        yield _line("warning", words, "free some space: it holds everything that is extracted")
    else:
        yield _line("ok", words)
    if (kind := _file_system(folder)) in _NETWORK:
        yield _line(
            "warning", f"it lies on a network file system ({kind})",
            "use a local disk: neither locks nor the database are safe there",
        )  # fmt: skip
    if trouble := _trial(folder):
        yield _line("problem", f"its file system does not serve: {trouble}", "put `workspace` on a local disk")
    else:
        yield _line("ok", "locks and the database's journal work there")


def spool_line(workspace: Path) -> Line:
    """Say whether attachments can pass through the workspace; they stay there only if they are to be kept."""
    free = _free(_existing(workspace))
    words = f"attachments pass through it in batches, for which {_SPOOL / _GIB:g} GiB are enough"
    if free < _LEAST_FREE + _SPOOL:
        step = f"free {(_LEAST_FREE + _SPOOL - free) / _GIB:.1f} GiB more, or put `workspace` on another disk"
        return _line("warning", f"{words}; only {free / _GIB:.1f} GiB are free", step)
    return _line("ok", words)


def _line(state: str, text: str, next_step: str = "") -> Line:
    return Line.model_validate({"subject": "workspace", "state": state, "text": text, "next_step": next_step})


def _existing(workspace: Path) -> Path:
    return next(path for path in (workspace, *workspace.parents) if path.exists())


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _trial(folder: Path) -> str:
    """Try in a folder of its own what every run needs; return what does not work, or an empty text."""
    try:
        with tempfile.TemporaryDirectory(prefix=".migrator-check-", dir=folder) as place:
            return what_fails(Path(place))
    except OSError as error:
        return str(error)


def _file_system(folder: Path) -> str:
    """Return the type of the file system, by the longest mount point above; empty where that cannot be told."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    resolved = folder.resolve()
    found = [
        (len(parts[1]), parts[2])
        for parts in (line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines())
        if len(parts) > 2 and resolved.is_relative_to(parts[1])
    ]
    return max(found, default=(0, ""))[1]
