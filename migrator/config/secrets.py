"""Secrets of a config: which settings hold them, and where else than in the environment they may stand."""

import importlib
import stat
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

_FILE_BYTES = 64 * 1024


def secret_names(model: type[BaseModel]) -> list[str]:
    """Return the fields of a settings model that hold secrets."""
    return [
        name
        for name, field in model.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    ]


def secrets_of(settings: BaseModel) -> list[str]:
    """Return every secret in settings, at any depth."""
    found: list[str] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            found.append(value.get_secret_value())
        elif isinstance(value, BaseModel):
            found.extend(secrets_of(value))
    return found


def from_file(file: Path, where: str) -> str:
    """Return what a file holds; ``ConfigError`` naming the setting ``where`` when it cannot be read."""
    try:
        is_file = stat.S_ISREG(file.stat().st_mode)  # a pipe would be waited for, a device never ends
        with file.open("rb") if is_file else BytesIO() as opened:
            data = opened.read(_FILE_BYTES + 1)
        if is_file and len(data) <= _FILE_BYTES:
            return data.decode("utf-8-sig")
        cause = f"it is larger than {_FILE_BYTES} bytes" if is_file else "it is no ordinary file"
    except (OSError, UnicodeDecodeError) as error:
        cause = str(error.strerror) if isinstance(error, OSError) else "it is no UTF-8 text"
    raise ConfigError(
        f"cannot read the secret in {file}", code=ErrorCode.FILE_UNUSABLE, cause=f"{where} names it: {cause}",
        next_step="correct the path, or who may read the file",
    )  # fmt: skip


def from_keyring(place: str, where: str) -> str:
    """Return a password from the keyring of this account. ``place``: ``SERVICE/NAME``; the name has no slash.

    Raises ``ConfigError`` naming the setting ``where``: without the package, a keyring, or the password.
    """
    service, _, name = place.rpartition("/")
    step = f"store it: `keyring set {service} {name}`; or take the secret from a variable or a file"
    if not service or not name:
        raise ConfigError(f"{where} has to name a password in the keyring as ${{keyring:SERVICE/NAME}}")
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        raise ConfigError(
            f"{where} is in the keyring, and this installation cannot ask it",
            cause="the package keyring is not installed",
            next_step="install it: `pip install 'qasphere-migrator[keyring]'`",
        ) from None
    try:
        found = keyring.get_password(service, name)
    except Exception as error:  # noqa: BLE001 - what a keyring raises is up to its desktop
        raise ConfigError(
            f"the keyring does not give {where}", cause=f"{type(error).__name__}: {error}", next_step=step
        ) from None
    if found is None:
        raise ConfigError(
            f"the keyring holds no password {name} of {service}", cause=f"{where} names it", next_step=step
        )
    return str(found)
