"""The stand-in as ``demo`` and ``sandbox`` serve it, with the config that leads to it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors import SandboxSeed, ServedSource
from connectors.qacomplete.sandbox import BASE_PATH, USERNAME, SeedData, build, demo_company, generate
from connectors.qacomplete.sandbox.company import ITEM_URL
from connectors.qacomplete.sandbox.seed_file import load_seed_file
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.standin.serve import serve

__all__ = ["SANDBOX"]


@asynccontextmanager
async def _served(seed: SandboxSeed) -> AsyncIterator[ServedSource]:
    password = secrets.token_urlsafe(12)
    stand_in = build(seed.options, _data(seed), password=password)
    async with serve(stand_in.app, port=seed.port) as url:
        settings = {
            "connector": "qacomplete",
            "instance": "sandbox",
            "base_url": url + BASE_PATH,
            "username": USERNAME,
            "password": password,
            "timezone": "America/Denver",
            "item_url": ITEM_URL,
        }
        projects = [
            {"source": str(project.id), "destination": f"QA{project.id}"[:5], "title": project.title, "create": True}
            for project in stand_in.data.projects
        ]
        login = f"user {USERNAME}, password {password}"
        yield ServedSource("QAComplete", url + BASE_PATH, login, stand_in.log_key, settings, projects)


def _data(seed: SandboxSeed) -> SeedData:
    if seed.seed_file is not None:
        try:
            return load_seed_file(seed.seed_file)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cannot read the seed file {seed.seed_file}", code=ErrorCode.FILE_UNUSABLE, cause=str(error)
            ) from error
    if seed.cases is not None:
        return generate(seed.cases)
    return demo_company()


SANDBOX = _served
