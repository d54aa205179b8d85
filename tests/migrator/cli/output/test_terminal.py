"""What foreign texts may do on a terminal: be shown."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from migrator.app.reports.documents import Status
from migrator.cli.output import terminal
from migrator.cli.output.progress import LineProgress, LiveProgress
from migrator.cli.output.status import print_status
from migrator.core.events import ItemFailed, Progressed, Said
from migrator.core.redact import HIDDEN
from tests.support.hostile_texts import TERMINAL

UNSAFE = set(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) | set("\u2028\u2029\u202e\u202c\u200f\ud800")


def shown(*parts: str | tuple[str, str]) -> str:
    console = Console(file=io.StringIO(), highlight=False, soft_wrap=True, emoji=False, force_terminal=False)
    terminal.say(console, *parts)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


@given(text=st.text(max_size=40))
@example(text="\\[/]")
@example(text="\\")
@example(text=":link:[b]")
def test_any_text_is_one_harmless_line_that_holds_every_visible_letter(text: str) -> None:
    said = shown(("failed", "red"), f" {text} ", ("end", "bold"))
    assert said == f"failed {terminal.harmless(text)} end\n"
    assert not UNSAFE & set(said[:-1])
    assert [sign for sign in text if sign not in UNSAFE and sign.isprintable()] == [
        sign for sign in text if sign in said and sign not in UNSAFE and sign.isprintable()
    ]


@pytest.mark.parametrize("name", TERMINAL)
def test_titles_and_causes_of_anybody(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = TERMINAL[name]
    failure = {"kind": "case", "marker": text, "title": text, "state": "failed", "cause": text}
    status = Status(items={"case": {"failed": 1}}, operations={}, balanced=True, failures=[failure])
    print_status(status, failures_hint="")
    for listener in (LineProgress(), LiveProgress()):
        with listener:
            listener(Said(text))
            listener(ItemFailed("case", text, text, "failed", text))
            listener(Progressed("load", text, 1, 2, text))
    said = capsys.readouterr()
    assert not UNSAFE - {"\n"} & set(said.out + said.err)
    assert "\N{LINK SYMBOL}" not in said.out + said.err


def test_a_warning_that_no_log_takes_is_one_harmless_line_without_secrets() -> None:
    program = (
        "import logging; from migrator.cli.output.terminal import *; from migrator.core.redact import remember;"
        "take_warnings(); remember(['top-secret'])\n"
        "try: raise ValueError('top-secret \\x1b[31m')\n"
        "except ValueError as error: logging.getLogger('migrator.http').warning('%s', error, exc_info=True)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stderr == f"{HIDDEN} \\x1b[31m\n"


def test_cells_of_a_table_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_table(("[b]name[/b]", "n"), [(r"\[/] :link:\x1b[2J", ("[red]", "bold"))], numbers=[1])
    said = capsys.readouterr().out
    assert "[b]name[/b]" in said
    assert r"\[/] :link:\x1b[2J  [red]" in said


def test_the_end_of_a_long_marker_is_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    marker = f"qacomplete@{'acme' * 20}:test:12/345"
    terminal.show_table(("harm", "for example"), [("lost", marker)])
    lines = capsys.readouterr().out.splitlines()[1:]
    assert "".join(line.removeprefix("lost").strip() for line in lines) == marker


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "utf-8"])
def test_output_in_any_code_page(encoding: str, tmp_path: Path) -> None:
    title = "отчёт “\N{EN DASH}” \N{PILE OF POO}.xls"
    program = (
        "import sys; from migrator.cli.output.terminal import *; take_any_code_page();"
        f"print_json({{'title': {title!r}}}); say(talk, {title!r}, ('end', 'red')); sys.exit(3)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env={"PYTHONIOENCODING": encoding},
        cwd=tmp_path,
        check=False,
    )
    assert ended.returncode == 3, ended.stderr
    assert json.loads(ended.stdout.decode(encoding)) == {"title": title}
    assert ended.stderr.decode(encoding).rstrip().endswith("end")


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_breaks_lines_at_blanks_only_and_leaves_paths_whole(width: int) -> None:
    path = "/very/long/folder/of/a/company/reports/acceptance-20261201T092158Z.html"
    text = f"  because: this takes more than one line of a terminal, and names a file: {path}"
    for is_terminal in (True, False):
        file = io.StringIO()
        console = Console(file=file, width=width, soft_wrap=True, force_terminal=is_terminal, color_system=None)
        terminal.say(console, text)
        lines = file.getvalue().splitlines()
        assert " ".join(" ".join(lines).split()) == " ".join(text.split())
        assert path in file.getvalue()
        if is_terminal:
            assert all(len(line) <= width for line in lines if path not in line)
            assert all(line.startswith("    ") for line in lines[1:])
        else:
            assert lines == [text]
