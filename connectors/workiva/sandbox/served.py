"""The stand-in as ``demo`` and ``sandbox`` serve it, with the config that leads to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors import SandboxSeed, ServedSource
from connectors.workiva.sandbox import CLIENT_ID, CLIENT_SECRET, SeedData, build, demo_data, generate, serving
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

__all__ = ["SANDBOX"]

# the real limit of one a second would make everybody wait for a demonstration
_POLLS_PER_SECOND = 20
_REQUESTS_PER_SECOND = 50


@asynccontextmanager
async def _served(seed: SandboxSeed) -> AsyncIterator[ServedSource]:
    stand_in = build(seed.options, _data(seed))
    if stand_in.switches.polls_per_second is not None:
        stand_in.switches.polls_per_second = _POLLS_PER_SECOND
    async with serving(stand_in, port=seed.port) as url:
        settings = {
            "connector": "workiva",
            "instance": "sandbox",
            "base_url": url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "requests_per_second": _REQUESTS_PER_SECOND,
            "polls_per_second": _POLLS_PER_SECOND,
        }
        projects = [{"source": "*", "destination": "SOX", "title": "Controls testing", "create": True}]
        yield ServedSource("Workiva", url, f"client {CLIENT_ID}, secret {CLIENT_SECRET}", settings, projects)


def _data(seed: SandboxSeed) -> SeedData:
    if seed.seed_file is not None:
        raise ConfigError(
            f"cannot read the seed file {seed.seed_file}",
            code=ErrorCode.FILE_UNUSABLE,
            cause="the stand-in of Workiva takes none",
            next_step="leave --seed-file out; --cases generates samples",
        )
    return demo_data() if seed.cases is None else generate(1, phases=1, matrices=1, samples=seed.cases)


SANDBOX = _served
