"""The pages of the book, as the repository has them, in a folder of their own.

Usage: python tests/support/book.py FOLDER. Zensical takes each Markdown file below one folder, which at the top of the
repository would be those of installed libraries as well. So the pages are copied with everything that they link, at the
same relative paths: no link has to be rewritten, and a repository's web site shows the same pages.
"""

import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "zensical.toml"


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def links(text: str) -> set[str]:
    """Return what a page links within the repository, with anchors."""
    return {link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}


def navigation() -> list[str]:
    """Return the paths of the pages in the order in which the book has them."""
    return list(_leaves(tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]["nav"]))


def _leaves(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for entry in nav if isinstance(nav, list) else []:
        for below in entry.values():
            yield from _leaves(below)


def linked_files(page: Path) -> set[Path]:
    """Return the files in the repository that a page links, without anchors."""
    targets = {(page.parent / link.partition("#")[0]).resolve() for link in links(page.read_text(encoding="utf-8"))}
    return {target for target in targets if target.is_file()}


def copy_pages(folder: Path) -> None:
    """Make ``folder`` anew, with the pages and what they link."""
    shutil.rmtree(folder, ignore_errors=True)
    for file in {*pages(), *(file for page in pages() for file in linked_files(page))}:
        target = folder / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


if __name__ == "__main__":
    copy_pages(Path(sys.argv[1]))
