"""Distributions with entry points, as pip leaves them, in a folder of this process."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from connectors import SOURCES


def put(
    site: Path,
    name: str,
    files: Mapping[str, str],
    *,
    distribution: str = "",
    module: str = "",
    group: str = SOURCES,
) -> None:
    """Put a distribution with one entry point into a folder; NAME in ``files`` becomes the name."""
    distribution, package = distribution or f"acme-{name}", f"acme_{name}"
    for file, text in {"__init__.py": "", "defaults.yaml": "{}", **files}.items():
        path = site / package / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("NAME", name), encoding="utf-8")
    info = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module or package}\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return such a folder; what was imported from it is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[name]
