"""The services we talk to, one folder each. A folder with a ``CONNECTOR`` is found by its name; there is no list.

So is a stand-in of a source: ``SANDBOX`` in its ``sandbox/served.py``.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.ports.source import Source
from migrator.standin.options import StandInOptions

__all__ = [
    "SandboxSeed", "ServedSource", "SourceConnector", "SourceSandbox", "load_sandbox", "load_source", "sandbox_names",
    "source_names",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceConnector:
    """How to use one kind of source.

    ``settings`` validates the config's ``source`` block. ``open`` yields the source, given settings and the config's
    ``http`` block, and closes its connections afterwards. ``defaults`` is a YAML file with this vendor's vocabulary
    for the ``mapping`` block; the config overrides it. ``example``: a YAML file with a commented ``source`` block.

    What ``open`` yields cannot write: its clients refuse every request that might. ``open_receipts`` yields what can
    leave receipts, if this kind of source takes them; its third parameter True makes it refuse to write, too.
    """

    name: str
    settings: type[BaseModel]
    open: Callable[[Any, Any], AbstractAsyncContextManager[Source]]
    defaults: Path
    open_receipts: Callable[[Any, Any, bool], AbstractAsyncContextManager[ReceiptTarget]] | None = None

    @property
    def example(self) -> Path:
        """It lies beside the defaults."""
        return self.defaults.with_name("example.yaml")


@dataclass(frozen=True, slots=True)
class SandboxSeed:
    """What a stand-in is to hold and do. ``seed_file``: its data; ``cases``: so many instead of the demo's."""

    options: StandInOptions
    seed_file: Path | None = None
    cases: int | None = None
    port: int = 0


@dataclass(frozen=True, slots=True)
class ServedSource:
    """A stand-in that is being served. ``name`` as people say it; ``address`` and ``login`` for use by hand.

    ``settings``: the config's ``source`` block for it; ``projects``: entries of ``projects`` that take all it holds.
    """

    name: str
    address: str
    login: str
    settings: Mapping[str, object]
    projects: Sequence[Mapping[str, object]]


SourceSandbox = Callable[[SandboxSeed], AbstractAsyncContextManager[ServedSource]]
"""Serves the stand-in of one source while the block runs; ``ConfigError`` when it cannot read the seed file."""


def source_names() -> list[str]:
    """Return the names of all sources, by folder."""
    found = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    return sorted(name for name in found if hasattr(importlib.import_module(f"{__name__}.{name}"), "CONNECTOR"))


def load_source(name: str) -> SourceConnector:
    """Return the source connector in the folder ``name``; raise ``ConfigError`` when there is none."""
    if name not in source_names():
        raise ConfigError(
            f"unknown source connector {name!r}",
            code=ErrorCode.UNKNOWN_CONNECTOR,
            next_step=f"set source.connector to one of: {', '.join(source_names())}",
        )
    connector: SourceConnector = importlib.import_module(f"{__name__}.{name}").CONNECTOR
    return connector


def sandbox_names() -> list[str]:
    """Return the names of all sources that have a stand-in."""
    return [name for name in source_names() if importlib.util.find_spec(f"{__name__}.{name}.sandbox.served")]


def load_sandbox(name: str) -> SourceSandbox:
    """Return the stand-in of a source; an empty name is the first one's. ``ConfigError`` when there is none."""
    if name and name not in sandbox_names():
        raise ConfigError(
            f"there is no stand-in for {name!r}",
            code=ErrorCode.UNKNOWN_CONNECTOR,
            next_step=f"name one of: {', '.join(sandbox_names())}",
        )
    found: SourceSandbox = importlib.import_module(f"{__name__}.{name or sandbox_names()[0]}.sandbox.served").SANDBOX
    return found
