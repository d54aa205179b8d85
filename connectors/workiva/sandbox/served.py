"""The stand-in as ``demo`` and ``sandbox`` serve it, with the config that leads to it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors import SandboxSeed, ServedSource
from connectors.workiva.sandbox import CLIENT_ID, SeedData, build, generate, serving
from connectors.workiva.sandbox.demo import COLUMNS
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

__all__ = ["SANDBOX"]

# the real limit of one a second would make everybody wait for a demonstration
_POLLS_PER_SECOND = 20
_REQUESTS_PER_SECOND = 50


@asynccontextmanager
async def _served(seed: SandboxSeed) -> AsyncIterator[ServedSource]:
    secret = secrets.token_urlsafe(24)
    stand_in = build(seed.options, _data(seed), secret=secret)
    if stand_in.switches.polls_per_second is not None:
        stand_in.switches.polls_per_second = _POLLS_PER_SECOND
    async with serving(stand_in, port=seed.port) as url:
        settings = {
            "connector": "workiva",
            "instance": "sandbox",
            "base_url": url,
            "client_id": CLIENT_ID,
            "client_secret": secret,
            "requests_per_second": _REQUESTS_PER_SECOND,
            "polls_per_second": _POLLS_PER_SECOND,
        }
        projects = [{"source": "*", "destination": "SOX", "title": "Controls testing", "create": True}]
        login = f"client {CLIENT_ID}, secret {secret}"
        mapping = {"columns": COLUMNS} if seed.cases is None else {}
        yield ServedSource("Workiva", url, login, stand_in.log_key, settings, projects, mapping)


def _data(seed: SandboxSeed) -> SeedData | None:
    """Return what was asked for; None for the demo's."""
    if seed.seed_file is not None:
        raise ConfigError(
            f"cannot read the seed file {seed.seed_file}",
            code=ErrorCode.FILE_UNUSABLE,
            cause="the stand-in of Workiva takes none",
            next_step="leave --seed-file out; --cases generates samples",
        )
    return None if seed.cases is None else generate(1, phases=1, matrices=1, samples=seed.cases)


SANDBOX = _served
