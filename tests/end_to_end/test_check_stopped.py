"""``check`` that is told to stop while a service does not answer."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from migrator.app.runtime.interrupt import EXIT_INTERRUPTED
from tests.support.rig import ended, rig, started


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_it_as_it_ends_other_commands(tmp_path: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        async with rig(tmp_path, generate(1)) as running:
            running.settings = {"destination": {"base_url": f"http://127.0.0.1:{silent.getsockname()[1]}"}}
            process = started(running.write_config(), "check")
            connection, _ = await asyncio.to_thread(silent.accept)
            with connection:
                process.send_signal(number)
                end = await asyncio.to_thread(ended, process)
    assert end.code == EXIT_INTERRUPTED, end.err
    assert "Traceback" not in end.err
