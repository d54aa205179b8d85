"""What other distributions bring along: packages and modules that their entry points name.

What one of them does wrong is an error that names it and its distribution, and only for who asks for it.
"""

import importlib
import importlib.util
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from traceback import walk_tb
from types import ModuleType

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

OURS = "qasphere-migrator"
_CODE = (".py", ".yaml")


@dataclass(frozen=True, slots=True)
class Plugin:
    """What an entry point names.

    Args:
        module: a package or module.
        trouble: why it is not imported at all.
    """

    name: str
    module: str
    distribution: str = OURS
    version: str = ""
    trouble: str = ""

    def imported(self, part: str = "") -> ModuleType:
        """Import it, or a module within; ``ConfigError`` when that raises anything."""
        if self.trouble:
            raise self.unusable(self.trouble)
        try:
            return importlib.import_module(f"{self.module}.{part}" if part else self.module)
        except (Exception, SystemExit) as error:
            raise self.unusable(f"{type(error).__name__}: {error}") from error

    def digest(self) -> str:
        """Return what changes with its version or its code; ``ConfigError`` when it is not there."""
        digest = sha256(f"{self.name} {self.distribution} {self.version}".encode())
        for file in self._files():
            digest.update(sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def unusable(self, cause: str) -> ConfigError:
        """Return the error about it."""
        version = f" {self.version}" if self.version else ""
        return ConfigError(
            f"{self.name} of the distribution {self.distribution}{version} cannot be used",
            code=ErrorCode.PLUGIN_UNUSABLE,
            cause=cause,
            next_step=f"correct or update {self.distribution}, or uninstall it",
        )

    def _files(self) -> list[Path]:
        """Return the files of its package, or of the package around it."""
        origin = Path(self.imported().__file__ or "")
        if origin.name != "__init__.py" and "." not in self.module:
            return [origin]
        return sorted(path for path in origin.parent.rglob("*") if path.suffix in _CODE)


def plugins(group: str) -> dict[str, Plugin]:
    """Return the plugins of a group by name, in the order of names. Imports none of them."""
    found: dict[str, Plugin] = {}
    # what is there twice is one distribution seen by two paths, unless it says so
    for entry in sorted(_entries(group, _installed()), key=lambda one: (one.name, one.value)):
        where = (entry.dist.name, entry.dist.version) if entry.dist else ("unknown", "")
        plugin = Plugin(
            entry.name,
            entry.module,
            *where,
            "its entry point names a part of a module, not a package" if entry.attr else "",
        )
        other = found.get(entry.name)
        if other and other.distribution != plugin.distribution:
            trouble = f"{other.distribution} has one of that name, too"
            plugin = Plugin(entry.name, entry.module, *where, trouble)
        found[entry.name] = plugin
    return found


def raised_in(group: str, error: BaseException) -> Plugin | None:
    """Return the plugin whose code an error went through on its way, the last one of several; None: it is ours."""
    by_package = {one.module.partition(".")[0]: one for one in plugins(group).values() if one.distribution != OURS}
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    packages = [str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame in frames]
    return next((by_package[name] for name in reversed(packages) if name in by_package), None)


def _installed() -> tuple[tuple[str, int], ...]:
    """Return where distributions are looked for, and when something was last put there or taken away."""
    return tuple((folder, _changed(folder)) for folder in sys.path)


def _changed(folder: str) -> int:
    with suppress(OSError):
        return Path(folder).stat().st_mtime_ns
    return 0


# reading the entry points of all distributions takes longer than everything else that is done with a config
@lru_cache(maxsize=4)
def _entries(group: str, _installed: tuple[tuple[str, int], ...]) -> EntryPoints:
    return entry_points(group=group)
