"""Variables and secrets: ``${VAR}``, ``${VAR:-default}``, ``${file:PATH}``, ``${keyring:SERVICE/NAME}``, and
``password_file`` for ``password``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from migrator.config.secrets import from_file, from_keyring, secret_names
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

_VARIABLE = re.compile(r"\$\{((?:file|keyring):[^}]+|[A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_LOGINS = ("username", "client_id")
_FILE = "_file"
_UNNEEDED = "-"
"""Stands for a secret that is not there, and that nobody will be asked with."""

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills in one config file.

    Args:
        path: of the file; paths of secrets start at its folder.
        environment: variables and their values.
        blocks: name of a block → its settings model.
        needs_secrets: False: a secret that cannot be had is left out; the command asks nobody.
        say: is told what was changed.
    """

    path: Path
    environment: Mapping[str, str]
    blocks: Mapping[str, type[BaseModel]]
    needs_secrets: bool
    say: Callable[[str], None]

    def filled(self, raw: Raw) -> Raw:
        """Return the config with every variable filled in, and its secrets without blanks around them."""
        named = {key: self._with_files_named(key, value) for key, value in raw.items()}
        filled: Raw = self._fill(named, "")
        for block in self.blocks.keys() & filled.keys():
            if isinstance(filled[block], dict):
                filled[block] = self._stripped(block, filled[block])
        return filled

    def _with_files_named(self, block: str, values: Any) -> Any:
        """Write ``password_file: PATH`` as ``password: ${file:PATH}``."""
        if block not in self.blocks or not isinstance(values, dict):
            return values
        named = dict(values)
        for name in secret_names(self.blocks[block]):
            if (file := named.pop(name + _FILE, None)) is None:
                continue
            if name in named:
                raise ConfigError(f"{self.path} holds both {block}.{name} and {block}.{name}{_FILE}; leave one out")
            named[name] = f"${{file:{file}}}"
        return named

    def _fill(self, value: Any, where: str) -> Any:
        if isinstance(value, dict):
            return {key: self._fill(inner, f"{where}.{key}" if where else str(key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._fill(inner, f"{where}[{index}]") for index, inner in enumerate(value)]
        if not isinstance(value, str):
            return value
        return _VARIABLE.sub(lambda match: self._value(match[1], match[2], where), value)

    def _value(self, name: str, default: str | None, where: str) -> str:
        kind, _, place = name.partition(":")
        if place:
            if self._is_unneeded(where):
                return _UNNEEDED  # a keyring may ask whoever sits there for its own password
            return from_file(self.path.parent / place, where) if kind == "file" else from_keyring(place, where)
        if (found := self.environment.get(name, default)) is not None:
            return found
        if self._is_unneeded(where):
            return _UNNEEDED
        raise ConfigError(
            f"the environment variable {name} is not set",
            code=ErrorCode.VARIABLE_MISSING,
            cause=f"{self.path} uses it for {where}",
            next_step=f"run `export {name}=…` first, or give a default: ${{{name}:-value}}",
        )

    def _is_unneeded(self, where: str) -> bool:
        block, _, name = where.partition(".")
        model = self.blocks.get(block)
        return not self.needs_secrets and model is not None and name in {*secret_names(model), *_LOGINS}

    def _stripped(self, block: str, values: Raw) -> Raw:
        found = dict(values)
        for name in secret_names(self.blocks[block]):
            if not isinstance(value := found.get(name), str):
                continue
            found[name] = value.strip()
            if found[name] != value:
                self.say(f"{block}.{name}: blanks or line breaks around it were left out")
            if "\n" in found[name] or "\r" in found[name]:
                raise ConfigError(f"{self.path}: {block}.{name} has a line break in it; a secret is one line")
        return found
