"""The config file of a command, with what there is to say about it."""

from functools import partial
from pathlib import Path

from migrator.cli.output.terminal import say, talk
from migrator.config import Config, load_config


def config_of(path: Path, *, needs_secrets: bool = True) -> Config:
    """Read the config; ``needs_secrets`` False: the command asks nobody, so that secrets may be missing."""
    return load_config(path, needs_secrets=needs_secrets, say=partial(say, talk))
