"""The config file: YAML with variables and secrets from elsewhere → typed settings, with errors that name the key."""

from migrator.config.exposed import Exposed
from migrator.config.load import exposed_files, json_schema, load_config, merged, parse_config, shown
from migrator.config.settings import Config, NotifySettings

__all__ = [
    "Config", "Exposed", "NotifySettings", "exposed_files", "json_schema", "load_config", "merged", "parse_config",
    "shown",
]  # fmt: skip
