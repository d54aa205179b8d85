"""The only way to the terminal: whatever stands in a foreign text, it is shown, and never obeyed.

Titles, messages of servers and file names come from anybody. In them, markup, emoji codes, escape sequences, control
characters, and what turns the direction of writing are made visible, line breaks too; secrets are hidden.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, cast

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from migrator.core.errors import TemporaryError
from migrator.core.redact import hidden, hidden_in

# C0 and C1 controls, DEL, line and paragraph separators, marks and overrides of direction, the byte order mark, and
# half characters, which no stream takes
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NARROWEST = 20
_WORD = re.compile(r"\S+")
_NAMES = {"\n": "⏎", "\r": "⏎", "\t": " "}

Part = str | tuple[str, str]
"""A text, foreign or not, or a text with its style; nothing in it is markup."""


class Manner:
    """How much is said on stderr, and in which form: set once, by the options of the program."""

    is_quiet = False
    is_json = False
    is_live = False
    command = ""


def _mute(stream: IO[str] | None, number: int) -> None:
    """Lead a stream that takes nothing any more to nowhere; what is still buffered would raise once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno() if stream else number)


class _Stderr:
    """Where ``sys.stderr`` leads at the moment. Who listened may be gone, the disk that took it full: the work is not
    ended by that; the log still tells it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)

    def write(self, text: str) -> int:
        """Write, as far as that is taken."""
        self._try(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, as far as that is taken."""
        self._try(lambda stream: stream.flush())

    def _try(self, act: Callable[[IO[str]], object]) -> None:
        if sys.stderr is None:
            return
        try:
            act(sys.stderr)
        except OSError:
            _mute(sys.__stderr__, 2)


talk = Console(file=cast("IO[str]", _Stderr()), highlight=False, soft_wrap=True, emoji=False)


@contextmanager
def _delivered() -> Iterator[None]:
    """Write to stdout in the block. Whoever read it may have gone, which changes nothing of what was done; what cannot
    be written for another reason ends the program, in words."""
    try:
        yield
    except OSError as error:
        _mute(sys.__stdout__, 1)
        if isinstance(error, BrokenPipeError):
            return
        say(talk, ("error", "bold red"), f": the answer could not be written: {error}")
        say(talk, "  next: the work itself is done and recorded; ask `migrator status`")
        raise SystemExit(TemporaryError.exit_code) from error


class _Answer(Console):
    """What is printed on stdout for people."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print like any console, and see that it arrives."""
        with _delivered():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """Do not end the program, as rich would: what was asked for is done."""
        raise BrokenPipeError


result = _Answer(highlight=False, soft_wrap=True, emoji=False)


def harmless(text: str) -> str:
    """Return a foreign text as one line that a terminal only shows, without secrets."""
    return _UNSAFE.sub(lambda found: _NAMES.get(found[0]) or f"\\x{ord(found[0]):02x}", hidden(text))


def say(console: Console, *parts: Part) -> None:
    """Print one line; on a terminal that is too narrow for it as several, broken at blanks only."""
    if console is talk and Manner.is_json:
        say_json({"message": _shown(*parts).plain})
    else:
        text = _shown(*parts)
        console.print(_wrapped(text, console) if console.is_terminal else text)


def _wrapped(text: Text, console: Console) -> Text:
    """Return a text that breaks between words. A longer one, such as a path, is left to the terminal, which gives it
    back in one piece when it is copied."""
    plain = text.plain
    if cell_len(plain) <= console.width:
        return text
    indent = " " * (len(plain) - len(plain.lstrip()) + 2)
    width = max(_NARROWEST, console.width - len(indent))
    breaks, start = [], 0
    for word in _WORD.finditer(plain):
        if plain[start : word.start()].strip() and cell_len(plain[start : word.end()]) > width:
            start = word.start()
            breaks.append(start)
    lines = text.divide(breaks)
    for line in lines:
        line.rstrip()
    return Text(f"\n{indent}").join(lines)


def say_json(entry: Mapping[str, Any]) -> None:
    """Print one JSON object as a line on stderr, with the time, without secrets."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"time": moment} | hidden_in(dict(entry)), ensure_ascii=False)
    talk.print(Text(_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)))


def show_table(headers: Sequence[str], rows: Iterable[Sequence[Part]], *, numbers: Iterable[int] = ()) -> None:
    """Print a table on stdout. ``numbers``: which columns hold numbers, and stand to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    right = set(numbers)
    for number, header in enumerate(headers):
        # a marker that is cut at its end has lost its id
        side: JustifyMethod = "right" if number in right else "left"
        table.add_column(_shown(header), justify=side, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*map(_shown, row))
    result.print(table)


def _shown(*parts: Part) -> Text:
    safe = [harmless(part) if isinstance(part, str) else (harmless(part[0]), part[1]) for part in parts]
    return Text.assemble(*safe)


def print_json(document: Any, *, indent: int | None = 2) -> None:
    """Print one JSON document on stdout, without secrets; in ASCII where that is not UTF-8, nowhere when it was
    closed."""
    if sys.stdout is None:
        return
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    with _delivered():
        sys.stdout.write(json.dumps(hidden_in(document), indent=indent, ensure_ascii=not is_unicode) + "\n")
        sys.stdout.flush()


class _Unheard(logging.Handler):
    """Says what is logged while no log file is open; the library's own last resort would print it as it is."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say the message; its traceback stays away, as everywhere on the terminal."""
        say(talk, record.getMessage())


def take_warnings() -> None:
    """Say warnings that no log file takes."""
    logging.lastResort = _Unheard(logging.WARNING)


class _Verbose(logging.Handler):
    """Says what goes into the log beside what is told anyway: what was refused, repeated, waited for."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say the message."""
        if record.name != "migrator.run":
            say(talk, (f"{record.levelname.lower()}: {record.getMessage()}", "dim"))


def take_manner(*, verbose: bool, quiet: bool, as_json: bool, live: bool) -> None:
    """Say more, or less, or all that is said as JSON lines; and whether a page tells the same."""
    Manner.is_quiet, Manner.is_json, Manner.is_live = quiet, as_json, live
    logger = logging.getLogger("migrator")
    for handler in [handler for handler in logger.handlers if isinstance(handler, _Verbose)]:
        logger.removeHandler(handler)
    if verbose:
        logger.addHandler(_Verbose(logging.INFO))
        logger.setLevel(logging.INFO)


def take_any_code_page() -> None:
    """Print what the code page of the terminal lacks as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
