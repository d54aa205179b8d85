"""From the file to the settings, and back to a text that may be shown."""

import os
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, Union
from urllib.parse import unquote, urlsplit

import yaml
from pydantic import BaseModel, ValidationError, create_model

from connectors import load_settings, source_names, unusable_sources
from connectors.qasphere.config import QASphereSettings
from migrator import __version__
from migrator.config.decisions import read_decisions, with_decisions
from migrator.config.explain import explained
from migrator.config.exposed import Exposed, exposed
from migrator.config.fill import Filler
from migrator.config.read import read_yaml
from migrator.config.secrets import secret_names, secrets_of
from migrator.config.settings import Config, NotifySettings
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import ignored
from migrator.core.redact import remember_lasting
from migrator.http.settings import HttpSettings

T = TypeVar("T", bound=BaseModel)


def load_config(
    path: Path,
    environment: Mapping[str, str] = os.environ,
    *,
    needs_secrets: bool = True,
    say: Callable[[str], None] = ignored,
) -> Config:
    """Read and validate a config file; relative paths in it start at its folder. Its secrets are hidden from then on.

    Raises ``ConfigError`` naming the file and every key that is wrong, missing or unknown.

    Args:
        path: of the file.
        environment: where its variables come from.
        needs_secrets: False for commands that ask nobody.
        say: is told what was changed while reading.
    """
    return parse_config(read_yaml(path), path, environment, needs_secrets=needs_secrets, say=say)


def parse_config(
    raw: object,
    path: Path,
    environment: Mapping[str, str],
    *,
    needs_secrets: bool = True,
    say: Callable[[str], None] = ignored,
) -> Config:
    """Validate what was read from ``path``; the rest as for ``load_config``."""
    if not isinstance(raw, dict):
        raise ConfigError(
            f"{path} is empty or not a mapping",
            code=ErrorCode.CONFIG_UNREADABLE,
            next_step="`migrator init` writes one to start from",
        )
    source = raw.get("source")
    if not isinstance(source, dict) or "connector" not in source:
        raise ConfigError(
            f"{path} does not say where to read from",
            next_step=f"set source.connector to one of: {', '.join(source_names())}",
        )
    known = load_settings(str(source["connector"]))
    blocks = _BLOCKS | {"source": known.model}
    filled = Filler(path, environment, blocks, needs_secrets, say).filled(raw)
    defaults = deepcopy(_defaults(known.defaults.read_text(encoding="utf-8")))
    mapping = filled.get("mapping")
    if isinstance(mapping, dict) and (decisions := mapping.get("decisions")):
        file = path.parent / str(decisions)
        filled = with_decisions(filled, file, read_decisions(file))
        mapping = filled["mapping"]
    if mapping is None or isinstance(mapping, dict):
        filled["mapping"] = merged(defaults, mapping or {})
    model = _model_with(known.model)
    try:
        config = model.model_validate(filled)
    except ValidationError as error:
        raise ConfigError(
            f"{path} is not valid",
            cause=explained(error, model),
            next_step="correct it; `migrator config schema` lists every key",
        ) from None
    secrets = secrets_of(config)
    remember_lasting([*secrets, *(unquote(urlsplit(secret).password or "") for secret in secrets if "://" in secret)])
    return _anchored(config, path.parent)


@lru_cache(maxsize=8)
def _defaults(text: str) -> dict[str, Any]:
    """Return what a source's file of defaults says. Its comments make it slow to read, and each config needs it."""
    return yaml.safe_load(text) or {}


def exposed_files(path: Path) -> list[Exposed]:
    """Return which files of a config, itself among them, other accounts can do too much with. ``ConfigError`` when it
    cannot be read."""
    raw = read_yaml(path)
    source = raw.get("source") if isinstance(raw, dict) else None
    name = source.get("connector") if isinstance(source, dict) else None
    known = {"source": load_settings(str(name)).model} if name else {}
    return exposed(raw, path, _BLOCKS | known)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the config file, for every source that can be used."""
    unusable = unusable_sources()
    settings = tuple(load_settings(name).model for name in source_names() if name not in unusable)
    identity = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:qasphere-migrator:{__version__}",
    }
    schema: dict[str, Any] = identity | _model_with(Union[settings]).model_json_schema()  # noqa: UP007 - built from a tuple
    for model in (*settings, *_BLOCKS.values()):
        _add_secret_files(schema["$defs"][model.__name__], secret_names(model))
    return schema


def _add_secret_files(schema: dict[str, Any], names: list[str]) -> None:
    """A secret may stand in a file instead, so that none of the two keys is required by itself."""
    for name in names:
        schema["properties"][f"{name}_file"] = {"type": "string", "description": f"a file that holds {name}"}
    schema["required"] = [key for key in schema.get("required", ()) if key not in names]


def shown(config: Config) -> str:
    """Return the whole config as YAML, defaults filled in and secrets hidden."""
    text: str = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return text


def merged(defaults: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``defaults`` overlaid with ``override``, mapping by mapping; lists are replaced."""
    result = dict(defaults)
    for key, value in override.items():
        before = result.get(key)
        # YAML reads a table whose rows are all comments as null
        result[key] = merged(before, value or {}) if isinstance(before, dict) and _is_table(value) else value
    return result


def _is_table(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _anchored(settings: T, folder: Path) -> T:
    """Return the settings with every relative path in them, at any depth, starting at ``folder``."""
    given = {name: getattr(settings, name) for name in type(settings).model_fields}
    found = {name: _anchored_value(value, folder) for name, value in given.items()}
    # what is updated counts as given in the file
    return settings.model_copy(update={name: value for name, value in found.items() if value != given[name]})


def _anchored_value(value: object, folder: Path) -> object:
    """Return what a field holds with its relative paths at ``folder``, in lists and as values of tables, too."""
    if isinstance(value, Path):
        return (folder / value).resolve()
    if isinstance(value, BaseModel):
        return _anchored(value, folder)
    if isinstance(value, dict):
        return {key: _anchored_value(one, folder) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(_anchored_value(one, folder) for one in value)
    return value


def _model_with(source: Any) -> type[Config]:
    return create_model("Config", __base__=Config, __doc__=Config.__doc__, source=(source, ...))


_BLOCKS: dict[str, type[BaseModel]] = {
    "destination": QASphereSettings,
    "notify": NotifySettings,
    "http": HttpSettings,
}
