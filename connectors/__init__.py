"""The services we talk to, one folder each. A source is found by its folder's name, or by the entry point of another
distribution in the group ``SOURCES``, which names a package of the same shape; there is no list.

Its ``config.py`` holds ``SETTINGS``, its ``connector.py`` ``CONNECTOR``, its ``sandbox/served.py`` ``SANDBOX``: in
three files, so that reading a config imports neither a client nor a stand-in.
"""

import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.plugins import OURS, Plugin, plugins
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.ports.source import Source
from migrator.standin.options import StandInOptions

__all__ = [
    "SOURCES", "SandboxSeed", "ServedSource", "SourceConnector", "SourceSandbox", "SourceSettings", "load_sandbox",
    "load_settings", "load_source", "sandbox_names", "source_digest", "source_names", "unusable_sources",
]  # fmt: skip

SOURCES = "qasphere_migrator.sources"
T = TypeVar("T")


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
    """What a stand-in is to hold and do.

    Args:
        seed_file: its data.
        cases: so many instead of the demo's.
    """

    options: StandInOptions
    seed_file: Path | None = None
    cases: int | None = None
    port: int = 0


@dataclass(frozen=True, slots=True)
class ServedSource:
    """A stand-in that is being served. ``name`` as people say it; ``address``, ``login`` and the key of its log for use
    by hand, empty without one.

    Args:
        settings: the config's ``source`` block for it.
        projects: entries of ``projects`` that take all it holds.
        mapping: rules that fit its data.
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
    """Return the names of all sources: those in this folder, then those of other distributions. Imports none."""
    return list(_sources())


def load_settings(name: str) -> SourceSettings:
    """Return what the config needs to know of a source; ``ConfigError`` when there is none, or it cannot be used."""
    source = _source(name)
    settings = _part(source, "config", "SETTINGS", SourceSettings)
    if lacking := {"connector", "instance"} - settings.model.model_fields.keys():
        raise source.unusable(f"its settings have no {' and no '.join(sorted(lacking))}")
    return settings


def load_source(name: str) -> SourceConnector:
    """Return how to use a source; ``ConfigError`` when there is none, or it cannot be used."""
    return _part(_source(name), "connector", "CONNECTOR", SourceConnector)


def source_digest(name: str) -> str:
    """Return what changes with the code of a source of another distribution; empty for those in this folder."""
    source = _source(name)
    return "" if source.distribution == OURS else source.digest()


def unusable_sources() -> dict[str, ConfigError]:
    """Return name → why it cannot be used, for sources of other distributions. Imports them all."""
    found: dict[str, ConfigError] = {}
    for name, source in _sources().items():
        if source.distribution != OURS:
            try:
                load_settings(name)
                load_source(name)
            except ConfigError as error:
                found[name] = error
    return found


def sandbox_names() -> list[str]:
    """Return the names of all sources that have a stand-in."""
    return [name for name, source in _sources().items() if _has(source.module, "sandbox.served")]


def load_sandbox(name: str) -> SourceSandbox:
    """Return the stand-in of a source; an empty name is the first one's. ``ConfigError`` when there is none."""
    if name and name not in sandbox_names():
        raise ConfigError(
            f"there is no stand-in for {name!r}",
            code=ErrorCode.UNKNOWN_CONNECTOR,
            next_step=f"name one of: {', '.join(sandbox_names())}",
        )
    source = _source(name or sandbox_names()[0])
    found: SourceSandbox = _part(source, "sandbox.served", "SANDBOX", Callable)  # type: ignore[arg-type] # abstract
    return found


def _sources() -> dict[str, Plugin]:
    folders = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    ours = {name: Plugin(name, f"{__name__}.{name}") for name in folders if _has(f"{__name__}.{name}", "connector")}
    return ours | {name: found for name, found in plugins(SOURCES).items() if name not in ours}


def _source(name: str) -> Plugin:
    if found := _sources().get(name):
        return found
    raise ConfigError(
        f"unknown source connector {name!r}",
        code=ErrorCode.UNKNOWN_CONNECTOR,
        next_step=f"set source.connector to one of: {', '.join(source_names())}",
    )


def _has(package: str, part: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package}.{part}") is not None
    except Exception:  # noqa: BLE001 - what stands in the packages around it is run, and may raise anything
        return False


def _part(source: Plugin, part: str, name: str, kind: type[T]) -> T:
    """Import what a module of a source's package holds."""
    found: Any = getattr(source.imported(part), name, None)
    if not isinstance(found, kind):
        raise source.unusable(f"{source.module}.{part} has no {name} that is a {kind.__name__}")
    return found
