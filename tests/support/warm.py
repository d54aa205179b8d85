"""The program in a process of its own, without its start-up: one that has imported everything forks for each start.

Importing takes longer than most commands work, and the tests start the program some hundred times. What is forked is a
process like any other: it has its own memory, is killed and stopped by its id, and ends as the program ends.
"""

import atexit
import gc
import importlib
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TextIO

from connectors import load_source, source_names
from migrator.cli.main import COMMANDS, main
from migrator.engine.load import journaled_write

ROOT = Path(__file__).parents[2]
_LONGEST = 1 << 17
_NUMBER = struct.Struct("i")


class Process:
    """A started program, as ``subprocess.Popen`` shows one."""

    def __init__(self, kept: socket.socket, stdout: TextIO, stderr: TextIO) -> None:
        self._kept = kept
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self.pid: int = _NUMBER.unpack(kept.recv(_NUMBER.size))[0]
        kept.setblocking(False)

    def poll(self) -> int | None:
        """Return how it ended, negative for a signal; None while it runs."""
        if self.returncode is None:
            try:
                status = self._kept.recv(_NUMBER.size)
            except BlockingIOError:
                return None
            self.returncode = os.waitstatus_to_exitcode(_NUMBER.unpack(status)[0])
            self._kept.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def start(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Process:
    """Start ``migrator`` with these arguments in this folder."""
    kept, keeper = socket.socketpair()
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    largest_file = resource.getrlimit(resource.RLIMIT_FSIZE)  # a process inherits it, and a test may have set it
    request = json.dumps([list(arguments), str(folder), dict(environment), largest_file]).encode()
    with keeper:
        socket.send_fds(_template(), [request], [keeper.fileno(), out_end, err_end])
    os.close(out_end)
    os.close(err_end)
    return Process(kept, os.fdopen(out, encoding="utf-8"), os.fdopen(err, encoding="utf-8"))


@cache
def _template() -> socket.socket:
    """Start the process that forks; it ends with this one, because then nobody can ask it any more."""
    ours, its = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.warm", str(its.fileno())],
            pass_fds=[its.fileno()],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(channel: socket.socket) -> None:
    while True:
        request, (*descriptors,), _, _ = socket.recv_fds(channel, _LONGEST, 3)
        if not request:
            return
        if os.fork() == 0:
            channel.close()
            if not _keep(*descriptors):
                _become(*json.loads(request))
            return
        for descriptor in descriptors:
            os.close(descriptor)
        _reap()


def _keep(told: int, out: int, err: int) -> bool:
    """Fork once more; tell the id of the new process, and how it ended. Return False in the new one."""
    program = os.fork()
    if program == 0:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for descriptor in (told, out, err):
            os.close(descriptor)
        return False
    os.close(out)
    os.close(err)
    os.write(told, _NUMBER.pack(program))
    status = os.waitpid(program, 0)[1]
    with suppress(BrokenPipeError):  # whoever started it may be gone
        os.write(told, _NUMBER.pack(status))
    os._exit(0)


def _become(arguments: list[str], folder: str, environment: dict[str, str], largest_file: tuple[int, int]) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, largest_file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    importlib.reload(journaled_write)  # it reads at its import where it is to crash
    # those of the template were made for what stood behind 1 and 2 there
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    sys.argv = ["migrator", *arguments]
    main()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    for entry in COMMANDS.values():
        importlib.import_module(f"migrator.cli.commands.{entry.module}")
    for name in source_names():
        load_source(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _serve(asked)
