"""A fleet of five tenants between stand-ins: two share an account, one is killed twice, one waits for approval, one has
wrong credentials."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from connectors.qacomplete.sandbox import generate
from tests.support.image import Image, differences, image
from tests.support.rig import Rig, rig

WRONG = "no-such-key-of-anybody"
KILLED_AT = (4, 9)
"""After how many writes."""
LIMIT = 20
"""Requests a second for each key."""
CASES = 8


@dataclass
class FleetWorld:
    """``shared``: of `shop` and `bank`; ``killed``: of `killed`; ``alone``: of `calm`, and of `wrong` with its key.

    ``kills``: the processes that were killed.
    """

    folder: Path
    shared: Rig
    killed: Rig
    alone: Rig
    kills: list[int] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """``fleet.yaml``, which is written by ``write``."""
        return self.folder / "fleet.yaml"

    def write(self, **fleet: Any) -> None:
        """Write it. Nobody who does not come is waited for longer than some minutes."""
        tenants = [
            self._tenant("shop", self.shared, "SHOP", "sync"),
            self._tenant("bank", self.shared, "BANK", "sync"),
            self._tenant("killed", self.killed, "SHOP", "sync"),
            self._tenant("calm", self.alone, "SHOP", "migrate"),
            self._tenant("wrong", self.alone, "WRONG", "check", api_key=WRONG),
        ]
        policies = {"approval": True, "approval_hours": 0.1, "retries": 3, "retry_seconds": 1}
        self.file.touch(mode=0o600)
        document = {"name": "acme", "policies": policies, "tenants": tenants, **fleet}
        self.file.write_text(yaml.safe_dump(document), encoding="utf-8")

    def _tenant(self, name: str, running: Rig, code: str, command: str, **destination: str) -> dict[str, Any]:
        settings = running.config()
        settings["workspace"] = name
        settings["destination"] |= {"requests_per_second": LIMIT, **destination}
        settings["projects"][0] |= {"destination": code}
        return {"name": name, "settings": settings, "command": command}

    async def kill_twice(self) -> None:
        """End the command of `killed` with SIGKILL in the middle of its writes, twice."""
        for writes in KILLED_AT:
            while self.killed.writes() < writes or not (found := self._command()):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            os.kill(found, signal.SIGKILL)
            self.kills.append(found)

    def _command(self) -> int | None:
        """Return the process of the command of `killed`, unless it is one that was killed."""
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                if folder.name.isdigit() and b".fleet.killed.yaml" in (folder / "cmdline").read_bytes():
                    found = int(folder.name)
                    if found not in self.kills:
                        return found
        return None

    def turns(self) -> list[str]:
        """Return the projects of the shared account in the order in which tests were asked for, each once for as
        long as nobody else's were."""
        asked = (re.search(r"/project/(SHOP|BANK)/tcase\b", entry.path) for entry in self.shared.destination.log.last)
        return [code for code, _ in groupby(found[1] for found in asked if found)]

    def wrongs(self) -> list[str]:
        """Return in words what is in QA Sphere beside what the undisturbed tenant has left."""
        expected = _image(self.alone, "SHOP")
        return [
            f"{name}: {line}"
            for name, running, code in (
                ("shop", self.shared, "SHOP"), ("bank", self.shared, "BANK"), ("killed", self.killed, "SHOP"),
            )
            for line in differences(expected, _image(running, code))
        ]  # fmt: skip


def _image(running: Rig, code: str) -> Image:
    store = running.destination.store
    return image(store, store.projects[code])


@asynccontextmanager
async def fleet_world(folder: Path) -> AsyncIterator[FleetWorld]:
    """Serve three pairs of stand-ins with the same tests."""
    async with AsyncExitStack() as stack:
        shared, killed, alone = [await stack.enter_async_context(rig(folder, generate(CASES))) for _ in range(3)]
        yield FleetWorld(folder, shared, killed, alone)
