"""Reports that are named by their time, as a page and as JSON, so that none goes over another."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from migrator.app.runtime.whole_file import whole_file


def free_name(folder: Path, kind: str, at: float) -> Path:
    """Return where the page of a report goes that was begun ``at`` (seconds since the epoch): none that stands
    there."""
    stem = f"{kind}-{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"
    taken = {path.stem for path in folder.glob(f"{stem}*")}
    number = next(number for number in range(1, len(taken) + 2) if _numbered(stem, number) not in taken)
    return folder / f"{_numbered(stem, number)}.html"


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that appears only when it is whole, in a folder that is made. Raises ``OSError`` and like
    ``whole_file``."""
    path.parent.mkdir(exist_ok=True)
    with whole_file(path) as file:
        file.writelines(pieces)


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"
