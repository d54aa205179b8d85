"""Reading a file back from QA Sphere."""

from functools import partial
from pathlib import Path

from anyio import to_thread

from migrator.core.ports.destination import DestinationReader

_TRIES = 3


async def bytes_there(destination: DestinationReader, file_id: str, expected: str, target: Path) -> str:
    """Return the SHA-256 of a file in QA Sphere; nothing stays at ``target``.

    One that is not ``expected`` is read again: what stands between may answer something else once, the server that
    changed the bytes does so every time. Raises what the download raises.
    """
    found = ""
    for _ in range(_TRIES):
        try:
            found = (await destination.download_file(file_id, target)).sha256
        finally:
            await to_thread.run_sync(partial(target.unlink, missing_ok=True))
        if found == expected:
            break
    return found
