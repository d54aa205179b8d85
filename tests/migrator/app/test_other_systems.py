"""What differs on Windows and macOS, as far as it can be tried here: signals, names of files, paths in the config."""

import os
import re
import signal
from pathlib import Path, PureWindowsPath
from typing import NoReturn

import anyio
import anyio.lowlevel
import pytest

from migrator.app.runtime import interrupt, logs, metrics, whole_file
from migrator.app.runtime.live import LIVE_FILE
from migrator.app.sync import health
from migrator.cli.main import COMMANDS
from migrator.core.errors import Interrupted
from migrator.core.events import ignore
from migrator.engine.stop import Stop
from state.workspace import DATABASE, LOCK
from tests.support.rig import ROOT

SOURCES = sorted(
    path for top in ("connectors", "mappings", "migrator", "state") for path in ROOT.glob(f"{top}/**/*.py")
)
POSIX_ONLY = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog"}


def refused(*_signals: object) -> NoReturn:
    raise NotImplementedError  # as Windows' event loops do


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_work_where_event_loops_take_none(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anyio, "open_signal_receiver", refused)
    before = signal.getsignal(number)
    stop = Stop()

    async def work() -> None:
        while signal.getsignal(number) is before:
            await anyio.lowlevel.checkpoint()
        signal.raise_signal(number)
        await stop.wait()

    with pytest.raises(Interrupted):
        await interrupt.interruptible(work, stop, ignore, "again")
    assert signal.getsignal(number) is before


def test_signals_that_a_system_does_not_know_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(signal.Signals.__members__)
    known.pop("SIGHUP")
    monkeypatch.setattr("migrator.app.runtime.interrupt.signal.Signals", type("Some", (), {"__members__": known}))
    assert interrupt._signals() == (signal.SIGINT, signal.SIGTERM)


def test_nothing_is_imported_that_only_some_systems_have() -> None:
    asked = re.compile(rf"^\s*(?:import|from) (?:{'|'.join(POSIX_ONLY)})\b", re.MULTILINE)
    assert [path.name for path in SOURCES if asked.search(path.read_text(encoding="utf-8"))] == []


def test_texts_are_read_and_written_in_a_code_page_that_is_named() -> None:
    """Otherwise it would be the one that Windows is set to."""
    careless = re.compile(r"\.(?:read_text|write_text)\((?![^)]*encoding)|\bopen\([^)]*\"[rwa]t?\"(?![^)]*encoding)")
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if careless.search(line)
    ]
    assert silent == []


@pytest.mark.parametrize(
    "name",
    [
        DATABASE,
        LOCK,
        logs.LOG,
        metrics.METRICS,
        health.HEALTH,
        LIVE_FILE,
        "sync-20261201T011032Z.html",
        *COMMANDS,
    ],
)
def test_what_is_left_in_a_workspace_has_names_that_windows_takes(name: str) -> None:
    assert not re.search(r'[<>:"/\\|?*]|[. ]$', name)
    assert re.fullmatch(r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)).+", name)
    assert PureWindowsPath("C:\\work", name).name == name


def test_a_binary_file_is_opened_as_one_where_systems_tell_them_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = os.open

    def opened(path: Path, flags: int, mode: int) -> int:
        asked.append(flags)
        return real(path, flags & ~whole_file._BINARY, mode)

    monkeypatch.setattr(whole_file, "_BINARY", 1 << 40)
    monkeypatch.setattr(os, "open", opened)
    with whole_file.whole_file(tmp_path / "report.html") as file:
        file.write(b"a\nb\n")
    assert asked[0] & 1 << 40
    assert (tmp_path / "report.html").read_bytes() == b"a\nb\n"
