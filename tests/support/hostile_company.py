"""A company in which every text acts where it is not only shown, and every page that a migration of it leaves."""

from collections.abc import Callable
from pathlib import Path

from connectors.qacomplete import sandbox as qacomplete
from tests.support.hostile_texts import HTML, TERMINAL
from tests.support.planted_world import Servers, served

Run = Callable[[Path, Servers, tuple[str, ...]], bytes]
"""Runs a command with a config between servers, and returns what it printed."""
COMMANDS = (
    ("plan", "--fetch", "--html", "{out}/plan.html"),
    ("run",),
    ("verify", "--files", "all"),
    ("sync",),
    ("writeback", "--dry-run"),
    ("report", "--html", "{out}/report.html", "--crosswalk", "{out}/crosswalk.csv"),
)


def spoil(data: qacomplete.SeedData) -> None:
    """Put the texts into everything that has a title, a text or a name."""
    texts = [*HTML.values(), *(text for text in TERMINAL.values() if text.isascii())]
    data.projects[0].title, data.folders[0].title = texts[0], texts[1]
    data.users[0].first_name = data.users[0].last_name = texts[5]
    data.tests = [_test(number, text) for number, text in enumerate(texts, start=1)]
    data.requirements = [qacomplete.Requirement(500 + n, 12, text) for n, text in enumerate(texts)]
    data.defects = [qacomplete.Defect(700 + n, 12, text, status=text) for n, text in enumerate(texts)]
    data.releases[0].title = data.configurations[0].title = texts[4]
    data.notes = [qacomplete.Note(800 + n, 12, "Tests", n, text) for n, text in enumerate(texts, start=1)]
    data.files = [
        qacomplete.File(n, 12, "Tests", n, text, title=text, comments=text, bytes_=b"x", trouble="no_bytes")
        for n, text in enumerate(texts, start=1)
    ]
    for run in data.runs:
        run.set_name = run.release_name = run.config_name = texts[2]
        for item in run.items:
            item.test_name = item.status = item.tester_name = texts[3]


def _test(number: int, text: str) -> qacomplete.Test:
    fields = [("Custom1", text[:40], text), ("Custom2", "Notes", f"<p>{text}</p>")]
    steps = [qacomplete.Step(number * 10, 1, text, text)]
    return qacomplete.Test(
        number, 12, text, folder_id=7, description=text, owner_name=text, status=text, priority=text, test_type=text,
        custom_fields=fields, steps=steps,
    )  # fmt: skip


def pages_of_a_migration(folder: Path, run: Run) -> list[Path]:
    """Migrate the company and return every page that was left."""
    out = folder / "out"
    out.mkdir(parents=True)
    with served("qacomplete") as servers:
        spoil(servers.tests)
        config = servers.write_config(folder, "SHOP")
        for command in COMMANDS:
            run(config, servers, tuple(word.format(out=out) for word in command))
            servers.edit()
    pages = sorted(folder.rglob("*.html"))
    kinds = {page.name.partition("-")[0].removesuffix(".html") for page in pages}
    assert kinds >= {"plan", "run", "report", "sync"}, kinds
    return pages
