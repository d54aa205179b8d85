"""A command of a tenant as a process of its own: what it says goes on as it comes, what it prints is its answer."""

import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE

import anyio
import orjson
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.text import TextReceiveStream

from migrator.app.runtime.interrupt import DRAIN_SECONDS
from migrator.fleet.outcome import Outcome

_KEPT = 50
_PATIENCE = DRAIN_SECONDS + 5.0


async def run_command(config: Path, command: str, say: Callable[[str], None]) -> Outcome:
    """Run ``migrator COMMAND --json`` and return how it ended. ``say`` gets the lines that it says, which are free of
    secrets already. When this is cancelled, the command drains, and ends."""
    arguments = [sys.executable, "-m", "migrator", "--config", str(config), *command.split(), "--json"]
    async with await anyio.open_process(arguments, stdout=PIPE, stderr=PIPE, stdin=None) as process:
        try:
            printed, talk = await _heard(process, say)
            code = await process.wait()
        except BaseException:
            await _drained(process)
            raise
    return Outcome(command, code, _document(printed), tuple(talk[-_KEPT:]))


async def _heard(process: Process, say: Callable[[str], None]) -> tuple[str, list[str]]:
    """Read both pipes to their end, side by side; return what was printed, and the lines that were said."""
    lines: list[str] = []

    async def take_talk(stream: ByteReceiveStream) -> None:
        rest = ""
        async for text in TextReceiveStream(stream, errors="replace"):
            *whole, rest = (rest + text).split("\n")
            for line in filter(None, whole):
                say(line)
                lines.append(line)

    if process.stdout is None or process.stderr is None:
        raise RuntimeError("a process without pipes")
    async with anyio.create_task_group() as group:
        group.start_soon(take_talk, process.stderr)
        printed = [text async for text in TextReceiveStream(process.stdout, errors="replace")]
    return "".join(printed), lines


async def _drained(process: Process) -> None:
    with anyio.CancelScope(shield=True), anyio.move_on_after(_PATIENCE, shield=True):
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _document(printed: str) -> dict[str, object]:
    """Return the one JSON document; empty when the command was ended before it had printed it."""
    try:
        found = orjson.loads(printed)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
