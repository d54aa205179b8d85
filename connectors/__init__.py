"""The services we talk to, one folder each. A folder with a ``CONNECTOR`` is found by its name; there is no list."""

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.ports import Source

__all__ = ["SourceConnector", "load_source", "source_names"]


@dataclass(frozen=True, slots=True)
class SourceConnector:
    """How to use one kind of source.

    ``settings`` validates the config's ``source`` block. ``open`` yields the source, given settings and the config's
    ``http`` block, and closes its connections afterwards. ``defaults`` is a YAML file with this vendor's vocabulary
    for the ``mapping`` block; the config overrides it. ``example``: a YAML file with a commented ``source`` block.
    """

    name: str
    settings: type[BaseModel]
    open: Callable[[Any, Any], AbstractAsyncContextManager[Source]]
    defaults: Path

    @property
    def example(self) -> Path:
        """It lies beside the defaults."""
        return self.defaults.with_name("example.yaml")


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
