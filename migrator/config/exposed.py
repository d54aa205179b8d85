"""Files that other accounts of this machine can read although secrets stand in them, or change although much hangs on
them: the config, and what it names."""

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
_READ = stat.S_IRGRP | stat.S_IROTH
_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file, and in words what others can do with it that they should not."""

    file: Path
    words: str


def exposed(raw: object, path: Path, blocks: Mapping[str, type[BaseModel]]) -> list[Exposed]:
    """Return the files of the config ``raw``, read from ``path``, that others can do too much with; none where rights
    mean nothing. ``blocks``: name → settings model."""
    secrets: dict[Path, list[str]] = {}
    for block, model in blocks.items():
        values = _block(raw, block)
        for name in secret_names(model):
            for file in _files_of(name, values, path):
                secrets.setdefault(file, []).append(f"{block}.{name}")
    found = [
        Exposed(file, f"holds {', '.join(sorted(names))}, and other accounts of this machine can read it")
        for file, names in secrets.items()
        if _is_open(file, _READ)
    ]
    if _is_open(path.parent, _WRITE) and not path.parent.stat().st_mode & stat.S_ISVTX:
        found.append(Exposed(path, "lies in a folder that others can change: they can replace it"))
    matters = {path: "decides where credentials are sent"}
    if isinstance(hooks := _block(raw, "mapping").get("hooks"), str):
        matters[path.parent / hooks] = "runs as you"
    return found + [
        Exposed(file, f"{words}, and other accounts of this machine can change it")
        for file, words in matters.items()
        if _is_open(file, _WRITE)
    ]


def _block(raw: object, name: str) -> Mapping[str, Any]:
    values = raw.get(name) if isinstance(raw, dict) else None
    return values if isinstance(values, dict) else {}


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


def _is_open(file: Path, rights: int) -> bool:
    try:
        return os.name == "posix" and bool(file.stat().st_mode & rights)
    except OSError:
        return False
