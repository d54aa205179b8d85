"""The config file: YAML with ``${VAR}`` from the environment → typed settings, with errors that name the key."""

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Union

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    SerializeAsAny,
    ValidationError,
    create_model,
    field_validator,
)

from connectors import load_settings, source_names
from connectors.qasphere.config import QASphereSettings
from mappings.rules import MappingRules, ProjectRules
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.http.settings import HttpSettings

T = TypeVar("T", bound=BaseModel)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class SyncSettings(BaseModel):
    """What `sync` does about edits on both sides and about deletions at the source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conflicts: Literal["report", "source", "destination"] = "report"
    deletions: Literal["report", "tag"] = "report"
    max_deletions: int = Field(default=50, ge=0, description="how many items may leave the source between two rounds")
    max_deleted_share: float = Field(
        default=0.2, ge=0, le=1, description="which share of a project may leave the source between two rounds"
    )


class NotifySettings(BaseModel):
    """Whom `sync` tells about its rounds. ``only``: what is worth a message."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr = Field(description="takes a POST with a JSON body; a secret, as the addresses of most chats are")
    only: tuple[Literal["changes", "failures"], ...] = Field(default=("changes", "failures"), min_length=1)


class Config(BaseModel):
    """Everything one migration needs to know. ``source`` is the connector's own settings model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workspace: Path
    source: SerializeAsAny[BaseModel]
    destination: QASphereSettings
    projects: tuple[ProjectRules, ...] = Field(min_length=1)
    mapping: MappingRules = MappingRules()
    sync: SyncSettings = SyncSettings()
    notify: NotifySettings | None = None
    http: HttpSettings = HttpSettings()
    keep_files: bool = Field(default=False, description="keep a copy of every attachment in the workspace")
    spool_mib: int = Field(default=2048, ge=64, description="disk space for attachments on their way, in MiB")

    @field_validator("projects")
    @classmethod
    def _one_destination_each(cls, projects: tuple[ProjectRules, ...]) -> tuple[ProjectRules, ...]:
        for attribute in ("source", "destination"):
            names = [str(getattr(project, attribute)) for project in projects]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{attribute} {', '.join(twice)} is named by more than one project")
        return projects

    @property
    def connector(self) -> str:
        """The name of the source connector."""
        return str(getattr(self.source, "connector"))  # noqa: B009 - every connector's settings have it

    @property
    def instance(self) -> str:
        """The name of the source's instance, as markers carry it."""
        return str(getattr(self.source, "instance"))  # noqa: B009 - every connector's settings have it

    def limited_to(self, codes: Sequence[str]) -> "Config":
        """Return the config with the projects of these codes in QA Sphere, all of them for none.

        Raises ``ConfigError`` for a code that no project has.
        """
        known = {project.destination.upper(): project for project in self.projects}
        if unknown := [code for code in codes if code.upper() not in known]:
            raise ConfigError(
                f"no project of the config goes to {', '.join(unknown)}",
                next_step=f"--project takes one of: {', '.join(known)}",
            )
        wanted = {code.upper() for code in codes} or known.keys()
        return self.model_copy(update={"projects": tuple(known[code] for code in known if code in wanted)})


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and validate a config file; relative paths in it start at its folder.

    Raises ``ConfigError`` naming the file and every key that is wrong, missing or unknown.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot read the config file {path}",
            code=ErrorCode.CONFIG_UNREADABLE,
            cause=str(error),
            next_step="name it with --config FILE; `config.example.yaml` shows what belongs into it",
        ) from error
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path} is not valid YAML",
            code=ErrorCode.CONFIG_UNREADABLE,
            cause=str(error),
            next_step="correct the line named",
        ) from error
    return parse_config(raw, path, environment)


def parse_config(raw: object, path: Path, environment: Mapping[str, str]) -> Config:
    """Validate what was read from ``path``."""
    if not isinstance(raw, dict):
        raise ConfigError(
            f"{path} is empty or not a mapping",
            code=ErrorCode.CONFIG_UNREADABLE,
            next_step="start from `config.example.yaml`",
        )
    filled = _fill(raw, "", path, environment)
    source = filled.get("source")
    if not isinstance(source, dict) or "connector" not in source:
        raise ConfigError(
            f"{path} does not say where to read from",
            next_step=f"set source.connector to one of: {', '.join(source_names())}",
        )
    known = load_settings(str(source["connector"]))
    defaults = yaml.safe_load(known.defaults.read_text(encoding="utf-8")) or {}
    mapping = filled.get("mapping")
    if mapping is None or isinstance(mapping, dict):
        filled["mapping"] = merged(defaults, mapping or {})
    model = _model_with(known.model)
    try:
        config = model.model_validate(filled)
    except ValidationError as error:
        raise ConfigError(
            f"{path} is not valid",
            cause=_explained(error, model),
            next_step="correct it; `migrator config schema` lists every key, `config.example.yaml` explains them",
        ) from error
    return _anchored(config, path.parent)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the config file, for every source."""
    settings = tuple(load_settings(name).model for name in source_names())
    schema: dict[str, Any] = _model_with(Union[settings]).model_json_schema()  # noqa: UP007 - built from a tuple
    return schema


def shown(config: Config) -> str:
    """Return the whole config as YAML, defaults filled in and secrets hidden."""
    text: str = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return text


def merged(defaults: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``defaults`` overlaid with ``override``, mapping by mapping; lists are replaced."""
    result = dict(defaults)
    for key, value in override.items():
        before = result.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        result[key] = merged(before, value) if both and before is not None else value
    return result


def _anchored(settings: T, folder: Path) -> T:
    """Return the settings with every relative path in them, at any depth, starting at ``folder``."""
    found: dict[str, object] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path):
            found[name] = (folder / value).resolve()
        elif isinstance(value, BaseModel):
            found[name] = _anchored(value, folder)
    return settings.model_copy(update=found)


def _model_with(source: Any) -> type[Config]:
    return create_model("Config", __base__=Config, __doc__=Config.__doc__, source=(source, ...))


def _fill(value: Any, where: str, path: Path, environment: Mapping[str, str]) -> Any:
    """Put environment variables into every text."""
    if isinstance(value, dict):
        return {
            key: _fill(inner, f"{where}.{key}" if where else str(key), path, environment)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_fill(inner, f"{where}[{index}]", path, environment) for index, inner in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        name, default = match.groups()
        if (found := environment.get(name, default)) is None:
            raise ConfigError(
                f"the environment variable {name} is not set",
                code=ErrorCode.VARIABLE_MISSING,
                cause=f"{path} uses it for {where}",
                next_step=f"run `export {name}=…` first, or give a default: ${{{name}:-value}}",
            )
        return found

    return _VARIABLE.sub(replacement, value)


def _explained(error: ValidationError, model: type[BaseModel]) -> str:
    return "; ".join(_one(dict(problem), model) for problem in error.errors(include_url=False, include_input=False))


def _one(problem: dict[str, Any], model: type[BaseModel]) -> str:
    location = [part for part in problem["loc"] if not isinstance(part, str) or not part.startswith("function-")]
    where = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), _keys_at(model, location[:-1]), n=1)
        return f"unknown key {where}" + (f" (did you mean {close[0]}?)" if close else "")
    if problem["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def _keys_at(model: type[BaseModel], location: list[Any]) -> list[str]:
    """Return the keys that may stand at a place of the config."""
    schema = model.model_json_schema()
    node: dict[str, Any] = schema
    for part in location:
        node = _resolved(node, schema)
        node = node.get("items", {}) if isinstance(part, int) else node.get("properties", {}).get(part, {})
    return list(_resolved(node, schema).get("properties", {}))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        found: dict[str, Any] = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return found
    return node
