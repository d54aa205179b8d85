"""Which program this is: another one may make something else of the same items."""

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import connectors
import mappings
import migrator
import state

_LIBRARIES = ("nh3", "pydantic", "selectolax")
"""What has a say in how texts are read and written."""


@cache
def program_digest() -> str:
    """Return a digest of everything that decides how a source is read, and how items are mapped and compared.

    Of the code itself, because a working copy keeps its version number while it changes.
    """
    digest = sha256(platform.python_version().encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for package in (connectors, mappings, migrator, state):
        for path in sorted(path for root in package.__path__ for path in Path(root).rglob("*.py")):
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()
