"""Only where QA Sphere is: for whoever asks nothing of the source."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.qasphere.config import QASphereSettings
from migrator.config.explain import explained
from migrator.config.fill import Filler
from migrator.config.read import read_yaml
from migrator.config.secrets import secrets_of
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import ignored
from migrator.core.redact import remember_lasting
from migrator.http.settings import HttpSettings

URL = "QASPHERE_URL"
KEY = "QASPHERE_API_KEY"


class _Blocks(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    destination: QASphereSettings
    http: HttpSettings = HttpSettings()


def load_destination(path: Path, environment: Mapping[str, str]) -> tuple[QASphereSettings, HttpSettings]:
    """Return the blocks ``destination`` and ``http`` of a config; where there is none, address and key of the
    environment. The rest of the config is not looked at, its variables may be unset.

    Raises ``ConfigError``. The key is hidden in all output from then on.
    """
    if path.exists():
        blocks = _of_file(path, environment)
    elif URL in environment and KEY in environment:
        given = {"base_url": environment[URL], "api_key": environment[KEY]}
        blocks = _checked({"destination": given}, "the environment")
    else:
        raise ConfigError(
            f"there is no config file {path}, and nothing in {URL} and {KEY}",
            code=ErrorCode.CONFIG_UNREADABLE,
            next_step=f"name one with --config FILE, or set {URL} and {KEY}",
        )
    remember_lasting(secrets_of(blocks))
    return blocks.destination, blocks.http


def _of_file(path: Path, environment: Mapping[str, str]) -> _Blocks:
    raw = read_yaml(path)
    known: dict[str, type[BaseModel]] = {"destination": QASphereSettings, "http": HttpSettings}
    wanted = {name: raw[name] for name in known if name in raw} if isinstance(raw, dict) else {}
    return _checked(Filler(path, environment, known, True, ignored).filled(wanted), str(path))


def _checked(document: object, where: str) -> _Blocks:
    try:
        return _Blocks.model_validate(document)
    except ValidationError as error:
        raise ConfigError(
            f"{where} does not say how to reach QA Sphere",
            cause=explained(error, _Blocks),
            next_step="set destination.base_url and destination.api_key",
        ) from None
