"""Wheel and sdist as a release has them, and the wheel in an environment that has never seen the sources."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

from migrator import __version__
from tests.support.licences import asked_for
from tests.support.rig import ROOT

pytestmark = pytest.mark.long

DOCUMENTS = "share/doc/qasphere-migrator/"


@dataclass(frozen=True)
class Built:
    """The two files of a release."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    for name in ("build", "hatchling"):
        pytest.importorskip(name, reason=f"{name}, which builds packages, is not installed here; `make` installs it")
    folder = tmp_path_factory.mktemp("dist")
    # what builds is here already; asking an index for it would need one
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def test_both_hold_documents_licence_and_changelog(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        inside = {name.partition(".data/data/")[2] or name for name in wheel.namelist()}
    assert {f"{DOCUMENTS}{name}" for name in ("README.md", "LICENSE", "CHANGELOG.md", "config.example.yaml")} <= inside
    assert f"qasphere_migrator-{__version__}.dist-info/licenses/LICENSE" in inside
    pages = {
        f"{DOCUMENTS}{page.relative_to(ROOT)}" for top in ("docs", "examples") for page in ROOT.glob(f"{top}/**/*.*")
    }
    assert {page for page in pages if "__pycache__" not in page} <= inside
    tops = {name.split("/")[0] for name in inside}
    assert tops == {
        "migrator",
        "connectors",
        "mappings",
        "state",
        "share",
        f"qasphere_migrator-{__version__}.dist-info",
    }
    with tarfile.open(built.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"LICENSE", "CHANGELOG.md", "docs/migrating.md", "tests/test_package.py", "constraints.txt"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/", "dist/"))]


def test_the_wheel_migrates_the_demo_in_an_environment_of_its_own(built: Built, tmp_path: Path) -> None:
    """Libraries come from here, since no index need be reachable; ``.ci/package`` gets them from one."""
    venv.create(tmp_path / "bare", with_pip=False)
    python = str(tmp_path / "bare" / "bin" / "python")
    install = [
        sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "--quiet",
        "--disable-pip-version-check", str(built.wheel),
    ]  # fmt: skip
    ended = subprocess.run(install, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    (packages,) = (tmp_path / "bare").glob("lib/python*/site-packages")
    homes = {str(distribution(name).locate_file("")) for name in asked_for()}
    (packages / "libraries.pth").write_text("\n".join(homes), encoding="utf-8")
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def told(*command: str) -> str:
        answer = subprocess.run(
            command, cwd=tmp_path, env=bare, capture_output=True, text=True, timeout=120, check=False
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout + answer.stderr

    assert told(python, "-c", "import migrator; print(migrator.__file__)").strip().startswith(str(packages))
    assert "so 0 writes were sent" in told(str(tmp_path / "bare" / "bin" / "migrator"), "demo")
    assert (tmp_path / "bare" / DOCUMENTS / "CHANGELOG.md").exists()
