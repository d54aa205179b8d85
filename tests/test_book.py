"""The book: its pages are copied whole, no link leads to a folder, and the tutorial works."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import book
from tests.support.rig import ROOT

pytestmark = pytest.mark.long

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
ELSEWHERE = {"make demo", ". .venv/bin/activate", "mkdir tutorial", "cd tutorial"}
"""What the tutorial says beside `migrator`; `make demo` is what tests/end_to_end/test_demo.py runs."""
Step = tuple[str, list[str]]


def steps() -> list[Step]:
    """Return the tutorial's commands in order, each with the lines that it is said to print."""
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line != "…":
                found[-1][1].append(line)
    return found


def is_printed(line: str, output: str) -> bool:
    """Tell whether a line is in the output; … stands for anything in it."""
    return re.search(rf"^{'.*'.join(map(re.escape, line.split('…')))}$", output, re.MULTILINE) is not None


@pytest.mark.parametrize("page", book.pages(), ids=lambda page: page.name)
def test_no_page_links_a_folder(page: Path) -> None:
    """A book on a server has no page for one."""
    links = [link.partition("#")[0] for link in book.links(page.read_text(encoding="utf-8"))]
    assert [link for link in links if link and (page.parent / link).is_dir()] == []


@pytest.mark.parametrize("page", book.pages(), ids=lambda page: page.name)
def test_what_belongs_to_a_list_is_indented_by_four(page: Path) -> None:
    """Less is enough on web sites for Git, while in the book the list would end there, and its numbers begin anew."""
    assert re.findall(r"^ {1,3}(?:!\[|```).*$", page.read_text(encoding="utf-8"), re.MULTILINE) == []


def test_the_pages_are_copied_with_all_that_they_link(tmp_path: Path) -> None:
    book.copy_pages(tmp_path / "pages")
    copied = {file.relative_to(tmp_path / "pages").as_posix() for file in (tmp_path / "pages").rglob("*.*")}
    assert {*book.navigation(), "config.example.yaml", "docs/walk/control.png"} <= copied
    assert not [name for name in copied if name.startswith((".", "dist"))]


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    commands = [step for step in steps() if step[0] not in ELSEWHERE]
    (serve, _), *others = commands
    assert serve == "migrator sandbox --write-config config.yaml"
    assert len(others) > 8
    (old,), (new,) = re.findall("Replace the line `(.*)` of", TUTORIAL), re.findall("```yaml\n(.*)\n", TUTORIAL)
    before_the_decision = next(
        number for number, (command, _) in enumerate(others) if command.startswith("migrator plan")
    )
    config = tmp_path / "config.yaml"
    migrator = [sys.executable, "-W", "error", "-m", "migrator"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        [*migrator, *serve.split()[1:]], cwd=tmp_path, env=environment, stdout=subprocess.PIPE
    ) as server:
        try:
            while not config.exists():
                assert server.poll() is None
                time.sleep(0.05)
            for number, (command, said) in enumerate(others):
                ended = subprocess.run(
                    [*migrator, *command.split()[1:]],
                    cwd=tmp_path,
                    env=environment,
                    capture_output=True,
                    text=True,
                    timeout=120,
                    check=False,
                )
                output = ended.stdout + ended.stderr
                assert ended.returncode == 0, f"{command}: {output}"
                assert [line for line in said if not is_printed(line, output)] == [], f"{command}: {output}"
                if number == before_the_decision:
                    assert "priority “P1 - urgent”" in output
                    text = config.read_text(encoding="utf-8")
                    assert f"{old}\n" in text
                    config.write_text(text.replace(f"{old}\n", f"{new}\n"), encoding="utf-8")
                elif number > before_the_decision and command != "migrator verify":
                    assert "P1 - urgent" not in output
        finally:
            server.terminate()
    assert [page.stat().st_size > 1000 for page in tmp_path.glob("sandbox-qacomplete/reports/acceptance-*.html")] == [
        True
    ]
