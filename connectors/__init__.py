"""The services we talk to, one folder each. A source is found by its folder's name; there is no list.

Its ``config.py`` holds ``SETTINGS``, its ``connector.py`` ``CONNECTOR``, its ``sandbox/served.py`` ``SANDBOX``: in
three files, so that reading a config imports neither a client nor a stand-in.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.ports.source import Source
from migrator.standin.options import StandInOptions

__all__ = [
    "SandboxSeed", "ServedSource", "SourceConnector", "SourceSandbox", "SourceSettings", "load_sandbox",
    "load_settings", "load_source", "sandbox_names", "source_names",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What the config file needs to know of one kind of source. It is read without what talks to the service.

    ``model`` validates the config's ``source`` block. ``defaults`` is a YAML file with this vendor's vocabulary for the
    ``mapping`` block; the config overrides it. Beside it lies ``example``, with a commented ``source`` block.
    ``unused``: keys of ``mapping`` that this kind of source has nothing for, so that ``init`` need not write them.
    """

    model: type[BaseModel]
    defaults: Path
    unused: tuple[str, ...] = ()

    @property
    def example(self) -> Path:
        """It lies beside the defaults."""
        return self.defaults.with_name("example.yaml")


@dataclass(frozen=True, slots=True)
class SourceConnector:
    """How to use one kind of source.

    ``open`` yields the source, given settings and the config's ``http`` block, and closes its connections afterwards.
    What it yields cannot write: its clients refuse every request that might. ``open_receipts`` yields what can leave
    receipts, if this kind of source takes them; its third parameter True makes it refuse to write, too.
    """

    open: Callable[[Any, Any], AbstractAsyncContextManager[Source]]
    open_receipts: Callable[[Any, Any, bool], AbstractAsyncContextManager[ReceiptTarget]] | None = None


@dataclass(frozen=True, slots=True)
class SandboxSeed:
    """What a stand-in is to hold and do. ``seed_file``: its data; ``cases``: so many instead of the demo's."""

    options: StandInOptions
    seed_file: Path | None = None
    cases: int | None = None
    port: int = 0


@dataclass(frozen=True, slots=True)
class ServedSource:
    """A stand-in that is being served. ``name`` as people say it; ``address``, ``login`` and the key of its log for use
    by hand.

    ``settings``: the config's ``source`` block for it; ``projects``: entries of ``projects`` that take all it holds;
    ``mapping``: rules that fit its data.
    """

    name: str
    address: str
    login: str
    log_key: str
    settings: Mapping[str, object]
    projects: Sequence[Mapping[str, object]]
    mapping: Mapping[str, object] = field(default_factory=dict)


SourceSandbox = Callable[[SandboxSeed], AbstractAsyncContextManager[ServedSource]]
"""Serves the stand-in of one source while the block runs; ``ConfigError`` when it cannot read the seed file."""


def source_names() -> list[str]:
    """Return the names of all sources, by folder."""
    folders = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    return sorted(name for name in folders if _has(name, "connector"))


def load_settings(name: str) -> SourceSettings:
    """Return what the config needs to know of the source in the folder ``name``; ``ConfigError`` when there is none."""
    found: SourceSettings = _part(name, "config").SETTINGS
    return found


def load_source(name: str) -> SourceConnector:
    """Return the source connector in the folder ``name``; ``ConfigError`` when there is none."""
    found: SourceConnector = _part(name, "connector").CONNECTOR
    return found


def sandbox_names() -> list[str]:
    """Return the names of all sources that have a stand-in."""
    return [name for name in source_names() if _has(name, "sandbox.served")]


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


def _has(name: str, part: str) -> bool:
    try:
        return importlib.util.find_spec(f"{__name__}.{name}.{part}") is not None
    except ModuleNotFoundError:
        return False  # not even the folder that it would lie in


def _part(name: str, part: str) -> Any:
    """Import a module of a source's folder."""
    if name not in source_names():
        raise ConfigError(
            f"unknown source connector {name!r}",
            code=ErrorCode.UNKNOWN_CONNECTOR,
            next_step=f"set source.connector to one of: {', '.join(source_names())}",
        )
    return importlib.import_module(f"{__name__}.{name}.{part}")
