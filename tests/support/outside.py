"""A virtual environment in which a distribution of the examples is installed beside this program, as pip does it."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from tests.support.rig import ROOT


@dataclass(frozen=True)
class Outside:
    """The environment."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    async def migrator(self, folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
        """Run a command in ``folder``; return what it printed. Any exit code but 0 is an error."""
        command = [str(self.python), "-W", "error", "-m", "migrator", *arguments]
        environment = {"PATH": "/usr/bin:/bin", "QASPHERE_API_KEY": "", **(variables or {})}
        ended = await anyio.run_process(command, cwd=folder, env=environment, check=False)
        assert ended.returncode == 0, f"{arguments}: {ended.stderr.decode()}{ended.stdout.decode()}"
        return ended.stdout.decode() + ended.stderr.decode()

    async def pytest(self, example: str) -> str:
        """Run the tests of an example; return what they say. One that fails is an error."""
        command = [str(self.python), "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        ended = await anyio.run_process(command, cwd=self.folder.parent / example, check=False)
        assert ended.returncode == 0, ended.stdout.decode()
        return ended.stdout.decode()


def installed(example: str, folder: Path) -> Outside:
    """Make the environment, and build and install ``examples/EXAMPLE`` there, without any network."""
    pytest.importorskip("hatchling", reason="the examples are built with hatchling, which comes with the extra dev")
    made = Outside(folder / "venv")
    venv.create(made.folder, with_pip=False, symlinks=True)
    (site,) = made.folder.glob("lib/python*/site-packages")
    ours = [path for path in sys.path if path and Path(path).is_dir() and not path.startswith(sys.base_prefix)]
    (site / "ours.pth").write_text("".join(f"{path}\n" for path in ours), encoding="utf-8")
    # building leaves nothing in the tree
    source = shutil.copytree(ROOT / "examples" / example, folder / example)
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    subprocess.run([made.python, "-m", "pip", "install", *offline, source], check=True, timeout=120)
    return made
