"""The configs of a fleet's tenants, and what they may not share."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config, load_config, merged
from migrator.core.errors import ConfigError
from migrator.fleet.model import Fleet, Tenant

_USERS = ("username", "client_id")


def config_path(fleet: Fleet, file: Path, tenant: Tenant) -> Path:
    """Return the config file of a tenant. One that has ``settings`` gets its file beside ``fleet.yaml``, so that
    relative paths start where people expect; ``${NAME}`` stays as it is."""
    if tenant.config is not None:
        return file.parent / tenant.config
    path = file.parent / f".{file.stem}.{tenant.name}.yaml"
    text = yaml.safe_dump(merged(fleet.defaults, tenant.settings or {}), sort_keys=False, allow_unicode=True).encode()
    # a tenant that runs reads it: what is the same already is left alone
    if not path.exists() or path.read_bytes() != text:
        with whole_file(path) as opened:
            opened.write(text)
    return path


def checked_configs(fleet: Fleet, file: Path) -> dict[str, Config]:
    """Return tenant → its config, without secrets.

    Raises ``ConfigError`` for the first that is not valid, and when two tenants have one workspace, or write into the
    same project.
    """
    found: dict[str, Config] = {}
    taken: dict[str, str] = {}
    for tenant in fleet.tenants:
        config = load_config(config_path(fleet, file, tenant), needs_secrets=False)
        places = [f"the workspace {config.workspace.absolute()}"]
        places += [f"the project {one.destination} of {config.destination.base_url}" for one in config.projects]
        for place in places:
            if place in taken:
                raise ConfigError(
                    f"{taken[place]} and {tenant.name} have both {place}",
                    next_step="one of them has to go: a workspace and a project have one writer",
                )
            taken[place] = tenant.name
        found[tenant.name] = config
    return found


def accounts_of(config: Config) -> list[str]:
    """Return the names of the limits that a tenant's commands come under: one for its key at QA Sphere, one for its
    user at the source. Two tenants with the same account have the same name; a key cannot be told from it."""
    key = config.destination.api_key.get_secret_value()
    names = [_account("qasphere", config.destination.base_url, key)]
    user = next((str(value) for name in _USERS if (value := getattr(config.source, name, None))), "")
    if user:
        names.append(_account(config.connector, str(getattr(config.source, "base_url", "")), user))
    return names


def _account(service: str, base_url: str, user: str) -> str:
    digest = hashlib.sha256(f"{base_url}\n{user}".encode()).hexdigest()[:8]
    return f"migrator-{service}-{(urlsplit(base_url).hostname or 'local').replace('.', '-')}-{digest}"
