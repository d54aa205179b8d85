"""Planted secrets: every command in good and bad weather, every way out searched. ``python -m tests.torture.planted``.

The services echo the credentials that they were asked with. Nothing that the program leaves may hold the beginning of
one in any spelling: database, logs, pages, tables, archives, terminal, webhook, and what the other side is sent.
``sandbox`` is left out: it prints the keys that it has just made, which is its purpose.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from typer.testing import CliRunner

from migrator.cli.main import COMMANDS, app, loaded
from migrator.cli.output.terminal import take_warnings
from tests.support.planted import HOOK_PATH, PLANTED, forget, needles, sinks
from tests.support.planted_world import SECRET_FILE, Servers, served
from tests.support.weather import Weather, World

Command = tuple[str, ...]
_Q: World = "qacomplete"
_W: World = "workiva"
SUNSHINE = [Weather(f"sunshine over {world}", world, "source", "", "") for world in (_Q, _W)]
WEATHERS = [
    Weather("tests refused", _Q, "source", "GET", "/tests"),
    Weather("tests fail", _Q, "source", "GET", "/tests", "html", 500),
    Weather("tests: a log-in page", _Q, "source", "GET", "/tests", "html", 200),
    Weather("tests: broken JSON", _Q, "source", "GET", "/tests", "broken"),
    Weather("tests: rows without ids", _Q, "source", "GET", "/tests", "wrong"),
    Weather("tests: good rows that echo", _Q, "source", "GET", "/", "rows", 200),
    Weather("forms: good rows that echo", _W, "source", "GET", "/", "rows", 200),
    Weather("cases: good rows that echo", _Q, "destination", "GET POST", "/", "rows", 200),
    Weather("tests: a redirect", _Q, "source", "GET", "/tests", "redirect"),
    Weather("tests: a reason phrase", _Q, "source", "GET", "/tests", "reason", 403),
    Weather("log-in refused", _Q, "source", "GET", "/projects", "html", 401),
    Weather("projects: no list", _Q, "source", "GET", "/projects", "empty"),
    Weather("users missing", _Q, "source", "GET", "/users", "text", 404),
    Weather("folders refused", _Q, "source", "GET", "/folders", "text", 403),
    Weather("runs refused", _Q, "source", "GET", "/testruns", "json", 422),
    Weather("items of runs refused", _Q, "source", "GET", "/items", "json", 403),
    Weather("notes refused", _Q, "source", "GET", "/notes", "text", 403),
    Weather("links: no list", _Q, "source", "GET", "/linkeditems", "wrong"),
    Weather("files not listed", _Q, "source", "GET", "/files", "html", 403),
    Weather("receipts refused", _Q, "source", "POST", "/files", "json", 400),
    Weather("receipts fail", _Q, "source", "POST", "/files", "html", 502),
    Weather("SOAP: fault at the log-in", _Q, "source", "POST", "GetLoginInfo", "fault"),
    Weather("SOAP: fault with PassCode", _Q, "source", "POST", "GetAttachment", "fault"),
    Weather("SOAP: a page", _Q, "source", "POST", "GetAttachment", "html", 200),
    Weather("SOAP: another answer", _Q, "source", "POST", "GetLoginInfo", "xml", 200),
    Weather("SOAP: refused", _Q, "source", "POST", "psws", "text", 403),
    Weather("cases refused", _Q, "destination", "POST", "/tcase", "json", 400),
    Weather("cases refused by a page", _Q, "destination", "POST", "/tcase", "html", 422),
    Weather("cases made without an id", _Q, "destination", "POST", "/tcase", "wrong"),
    Weather("cases in doubt", _Q, "destination", "POST", "/tcase", "json", 500),
    Weather("cases: broken JSON", _Q, "destination", "POST", "/tcase", "broken"),
    Weather("cases not listed", _Q, "destination", "GET", "/tcase", "reason", 400),
    Weather("cases not changed", _Q, "destination", "PATCH", "/tcase", "json", 409),
    Weather("key refused", _Q, "destination", "GET", "/users/me", "json", 401),
    Weather("projects closed", _Q, "destination", "GET POST", "/project", "json", 403),
    Weather("folders not made", _Q, "destination", "POST", "/folder", "text", 400),
    Weather("files not taken", _Q, "destination", "POST", "/file", "html", 413),
    Weather("runs not made", _Q, "destination", "POST", "/run", "json", 400),
    Weather("results not taken", _Q, "destination", "POST", "/result", "json", 422),
    Weather("milestones not made", _Q, "destination", "POST", "/milestone", "json", 400),
    Weather("the webhook fails", _Q, "webhook", "POST", "/", "html", 500),
    Weather("grant refused", _W, "source", "POST", "/oauth2/token", "json", 401),
    Weather("grant: what is wrong with it", _W, "source", "POST", "/oauth2/token", "json", 400),
    Weather("grant without a token", _W, "source", "POST", "/oauth2/token", "wrong"),
    Weather("forms refused", _W, "source", "GET", "/testForms", "json", 403),
    Weather("forms: no list", _W, "source", "GET", "/testForms", "text", 200),
    Weather("samples fail", _W, "source", "GET", "/samples", "html", 500),
    Weather("operations fail", _W, "source", "GET", "/operations", "operation"),
    Weather("operations refused", _W, "source", "GET", "/operations", "json", 403),
    Weather("downloads do not begin", _W, "source", "POST", "/download", "json", 400),
    Weather("uploads do not begin", _W, "source", "POST", "/attachmentUpload", "json", 400),
    Weather("S3 refuses the signed address", _W, "store", "GET", "/", "xml", 403),
    Weather("S3 answers a page", _W, "store", "GET", "/", "html", 200),
    Weather("S3 takes no bytes", _W, "store", "PUT", "/", "xml", 403),
    Weather("a proxy wants a log-in", "proxy", "proxy", "", "", "html", 407),
    Weather("a proxy refuses the tunnel", "tunnel", "proxy", "", "", "html", 407),
    Weather("a proxy fails", "proxy", "proxy", "", "", "html", 502),
]


@dataclass
class Searched:
    """What was seen: per command how often it ran, texts, echoes, and where a secret was found."""

    commands: dict[str, int] = field(default_factory=dict)
    texts: int = 0
    echoes: int = 0
    hits: list[str] = field(default_factory=list)

    def add(self, other: "Searched") -> None:
        for name, count in other.commands.items():
            self.commands[name] = self.commands.get(name, 0) + count
        self.texts += other.texts
        self.echoes += other.echoes
        self.hits += other.hits


def before(out: Path, connector: str, places: Sequence[str]) -> list[Command]:
    """Return the commands from an empty workspace on. ``places``: options of ``init``."""
    return [
        ("config", "show"),
        ("config", "show", "--json"),
        ("config", "validate", "--json"),
        ("check",),
        ("check", "--json"),
        ("init", "--connector", connector, *places),
        ("plan", "--fetch", "--html", f"{out}/plan.html", "--json"),
        ("apply",),
        ("run", "--json"),
        ("rehearse", "--fast"),
        *reading(out, "before"),
    ]


def reading(out: Path, name: str) -> list[Command]:
    """Return the commands that ask nobody."""
    return [
        ("status", "--failed"),
        ("status", "--failed", "--json"),
        ("failures",),
        ("report", *_files(out, name)),
        ("report", "--crosswalk", f"{out}/{name}.json"),
        ("explain", "QM101"),
    ]


def _files(out: Path, name: str) -> list[str]:
    """Return every option of ``report`` that names a file, with one."""
    endings = {"--crosswalk": "csv", "--archive": "ndjson", "--made": "xlsx"}
    options = [parameter.opts[0] for parameter in loaded("report").params if not parameter.is_flag]
    return [text for option in options for text in (option, f"{out}/{name}.{endings.get(option, 'html')}")]


def after(out: Path) -> list[Command]:
    """Return the commands of a workspace that holds something, when the source was edited."""
    return [
        ("sync", "--dry-run"),
        ("sync", "--json"),
        ("retry", "--files"),
        ("plan", "--remap"),
        ("apply", "--live"),
        ("verify", "--files", "all", "--results", "all"),
        ("verify", "--json"),
        ("writeback", "--dry-run"),
        ("writeback", "--json"),
        ("check", "--probe", "PRB", "--yes", "--json"),
        ("support-bundle", str(out / "support.zip")),
        *reading(out, "after"),
    ]


ONCE: list[Command] = [
    ("demo",),
    ("demo", "--source", "workiva"),
    ("config", "schema"),
    ("check", "--probe", "PROBE", "--yes"),
    ("api", "projects", "list"),
    ("fleet", "schema"),
]


def _places(servers: Servers) -> list[str]:
    """Return where the services are, as ``init`` takes it."""
    source = servers.config("SHOP")["source"]
    given = [f"{key}={source[key]}" for key in ("base_url", "timezone") if key in source]
    options = [text for pair in given for text in ("--source", pair)]
    return ["--destination-url", servers.urls["destination"], *options]


def run(config: Path, servers: Servers, command: Command) -> bytes:
    """Run a command as a process of its own would, and return what it printed."""
    forget()
    if command[0] == "init":
        config = config.with_name("proposed.yaml")
        config.unlink(missing_ok=True)
    if command[0] == "demo":
        command = (*command, "--workspace", str(config.with_name(f"{'-'.join(command)}")))
    ended = CliRunner().invoke(app, ["--config", str(config), *command], env=servers.environment())
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended.stdout_bytes + ended.stderr_bytes


def search(folder: Path, weather: Weather, *, brief: bool = False, commands: Sequence[Command] = ()) -> Searched:
    """Run the commands in this weather and search everything that they leave. ``brief``: only the most telling ones;
    ``commands``: more of them, at the end."""
    found = Searched()
    out = folder / "out"
    out.mkdir(parents=True)
    printed: list[tuple[str, bytes]] = []
    with served(weather.world) as servers:
        config = servers.write_config(folder, "SHOP")

        def perform(wanted: Iterable[Command]) -> None:
            for command in wanted:
                printed.append((" ".join(command), run(config, servers, command)))
                found.commands[command[0]] = found.commands.get(command[0], 0) + 1

        servers.sky.now = weather
        if brief:
            perform([("run",), ("status", "--failed", "--json"), *reading(out, "brief")[3:5]])
        else:
            perform(before(out, servers.config("SHOP")["source"]["connector"], _places(servers)))
            servers.sky.now = None
            perform([("run",)])
            servers.edit()
            servers.sky.now = weather
            perform(after(out))
        perform(commands)
        secrets = {*PLANTED, *servers.sky.learned}
        texts = [*printed, *sinks(folder, but=[SECRET_FILE]), *_sent(servers)]
        found.hits += _hits(texts, needles(secrets))
        found.hits += _strayed(servers)
        found.texts, found.echoes = len(texts), servers.sky.echoed
    if not found.echoes and weather.methods:
        found.hits.append("the weather struck nobody")
    found.hits = [f"{weather.name}: {hit}" for hit in found.hits]
    return found


def _hits(texts: Iterable[tuple[str, bytes]], wanted: set[bytes]) -> Iterator[str]:
    for name, text in texts:
        for needle in wanted:
            if (place := text.find(needle)) >= 0:
                yield f"{name}: …{text[max(0, place - 60) : place + 60]!r}"


def _sent(servers: Servers) -> Iterator[tuple[str, bytes]]:
    """Yield what the webhook was sent, without the path that leads to it."""
    for body in servers.sky.sent["webhook"]:
        yield "webhook", body.replace(HOOK_PATH.encode(), b"")


def _strayed(servers: Servers) -> Iterator[str]:
    """Yield the secrets that somebody was sent whom they do not belong to."""
    for side, bodies in servers.sky.sent.items():
        if side != "webhook":
            others = set(PLANTED) - set(servers.sky.own(side))
            yield from _hits(((f"sent to {side}", body) for body in bodies), needles(others))


def main(names: Sequence[str]) -> int:
    """Search in these weathers, all for none; print a line each, then the counts; return the exit code."""
    take_warnings()
    logging.captureWarnings(capture=True)
    total = Searched()
    with patch("migrator.http.retries._delay", lambda *_: 0.0):
        if unknown := set(names) - {weather.name for weather in [*SUNSHINE, *WEATHERS]}:
            sys.exit(f"there is no such weather: {', '.join(sorted(unknown))}")
        wanted = [weather for weather in [*SUNSHINE, *WEATHERS] if not names or weather.name in names]
        for weather in wanted:
            started = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                found = search(Path(folder) / "w", weather, commands=ONCE if weather is SUNSHINE[0] else ())
            total.add(found)
            seconds = time.monotonic() - started
            counts = f"{len(found.hits):3} hits {found.echoes:5} echoes {found.texts:6} texts {seconds:5.1f} s"
            sys.stdout.write(f"{counts}  {weather.name}\n" + "".join(f"      {hit[:400]}\n" for hit in found.hits[:8]))
            sys.stdout.flush()
    missing = sorted(set(COMMANDS) - total.commands.keys() - {"sandbox"}) if not names else []
    counts = ", ".join(f"{name} {count}" for name, count in sorted(total.commands.items()))
    sys.stdout.write(f"commands: {counts}; never started: {', '.join(missing) or 'none'}\n")
    bad = sum(weather in WEATHERS for weather in wanted)
    sys.stdout.write(
        f"{bad} kinds of bad weather, {len(wanted) - bad} of good; {sum(total.commands.values())} commands,"
        f" {total.echoes} echoes, {total.texts} texts searched in five spellings: {len(total.hits)} hits\n"
    )
    return 1 if total.hits or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
