"""Secrets that other accounts of this machine can read: in the config itself, or in a file that it names."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from migrator.config.secrets import secret_names

_REFERENCE = re.compile(r"\$\{[^}]*\}")
_FILE = re.compile(r"\$\{file:([^}]+)\}")
_OTHERS = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file that others can read, and the settings whose secrets stand in it."""

    file: Path
    settings: tuple[str, ...]


def exposed(raw: object, path: Path, blocks: Mapping[str, type[BaseModel]]) -> list[Exposed]:
    """Return the files with secrets of the config ``raw``, read from ``path``, that others can read; none where rights
    mean nothing. ``blocks``: name → settings model."""
    places: dict[Path, list[str]] = {}
    for block, model in blocks.items():
        values = raw.get(block) if isinstance(raw, dict) else None
        if not isinstance(values, dict):
            continue
        for name in secret_names(model):
            for file in _files_of(name, values, path):
                places.setdefault(file, []).append(f"{block}.{name}")
    return [Exposed(file, tuple(sorted(names))) for file, names in places.items() if _is_open(file)]


def _files_of(name: str, values: Mapping[str, Any], path: Path) -> Iterator[Path]:
    if isinstance(file := values.get(f"{name}_file"), str):
        yield path.parent / file
    text = values.get(name)
    if not isinstance(text, str):
        return
    yield from (path.parent / file for file in _FILE.findall(text))
    written = _REFERENCE.sub("", text)
    # an address is secret by what stands before the host, or behind it
    if written.strip() and not re.fullmatch(r"\w+://[^@/?]*/?", written):
        yield path


def _is_open(file: Path) -> bool:
    try:
        return os.name == "posix" and bool(file.stat().st_mode & _OTHERS)
    except OSError:
        return False
