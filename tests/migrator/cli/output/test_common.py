"""Where answers go when stdout cannot take them: the work is done, and no traceback hides that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
PRINTED = {
    "json": "from migrator.cli.output.common import print_json; print_json({'answer': 'x' * 100_000})",
    "words": "from migrator.cli.output.terminal import result; result.print('x' * 100_000)",
}


def ended(code: str, stdout: int | None) -> "subprocess.CompletedProcess[str]":
    shell: list[str] = [] if stdout is not None else ["sh", "-c", 'exec "$@" >&-', "sh"]
    command = [*shell, sys.executable, "-c", code]
    return subprocess.run(command, check=False, stdout=stdout, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_an_answer_that_does_not_fit_is_named(printed: str) -> None:
    with FULL.open("wb") as full:
        found = ended(printed, full.fileno())
    assert found.returncode == 5
    assert "could not be written" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_a_reader_that_has_gone_changes_nothing(printed: str) -> None:
    read, write = os.pipe()
    os.close(read)
    found = ended(printed, write)
    os.close(write)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_closed_stdout_changes_nothing() -> None:
    found = ended(PRINTED["json"], None)
    assert (found.returncode, found.stderr) == (0, "")


TOLD = (
    "from migrator.cli.output.terminal import say, talk; from migrator.cli.output.progress import LineProgress\n"
    "from migrator.core.events import PhaseStarted\n"
    "with LineProgress() as told:\n"
    "    told(PhaseStarted(phase='load', project='12', total=3))\n"
    "    [say(talk, 'x' * 10_000) for _ in range(20)]\n"
    "print('done')"
)


def told_to(stderr: int | None) -> "subprocess.CompletedProcess[str]":
    shell: list[str] = [] if stderr is not None else ["sh", "-c", 'exec "$@" 2>&-', "sh"]
    command = [*shell, sys.executable, "-c", TOLD]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=stderr, text=True)


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_what_stderr_does_not_take_ends_no_work() -> None:
    read, gone = os.pipe()
    os.close(read)
    with FULL.open("wb") as full:
        for stderr in (full.fileno(), gone, None):
            found = told_to(stderr)
            assert (found.returncode, found.stdout) == (0, "done\n"), stderr
    os.close(gone)
