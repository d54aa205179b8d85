"""The commands as a person or a script starts them."""

import json
import os
import re
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from connectors.qacomplete.sandbox import generate
from migrator.cli.guard import guarded
from migrator.cli.main import COMMANDS, _sorted, app, loaded
from migrator.cli.output.progress import LineProgress, LiveProgress, Totals, told
from migrator.core.events import ItemFailed, PhaseEnded, PhaseStarted, Progressed, Said
from migrator.http.tls import tls_trouble
from migrator.report.rate import Rate
from tests.support.rig import ROOT, rig

ENVIRONMENT = {"QACOMPLETE_USER": "me", "QACOMPLETE_PASSWORD": "p4ss-word", "QASPHERE_API_KEY": "a.b.c"}


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def started(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["--config", str(ROOT / "config.example.yaml"), *arguments], env=ENVIRONMENT)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("command", [name for name, entry in COMMANDS.items() if not entry.hidden])
def test_every_command_explains_itself(command: str) -> None:
    code, out, _ = started(command, "--help")
    assert code == 0
    assert len(re.sub(r"\W+", " ", out).split()) > 8


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says_of_itself(command: str) -> None:
    registered = loaded(command)
    assert registered.help.startswith(COMMANDS[command].summary)
    assert registered.hidden is COMMANDS[command].hidden


@pytest.mark.parametrize(
    ("line", "foreign"),
    [
        ("--help", {"aiohttp", "pydantic", "sqlite_utils", "anyio"}),
        ("config validate", {"aiohttp", "sqlite_utils", "jinja2"}),
        ("status", {"aiohttp", "jinja2", "nh3"}),
    ],
)
def test_a_command_imports_nothing_that_only_others_need(line: str, foreign: set[str]) -> None:
    program = f"""
import atexit, sys
atexit.register(lambda: print("imported:", sorted({foreign!r} & set(sys.modules))))
from migrator.cli.main import main
main()"""
    asked = [sys.executable, "-c", program, "--config", "config.example.yaml", *line.split()]
    ended = subprocess.run(asked, cwd=ROOT, env=os.environ | ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ended.stdout.splitlines()[-1] == "imported: []"


def test_exit_codes_are_in_the_help() -> None:
    _, out, _ = started("--help")
    for code in ("130", "10", "11"):
        assert code in out
    assert "130" not in started("run", "--help")[1]


def test_config_commands() -> None:
    assert started("config", "validate")[0] == 0
    assert json.loads(started("config", "validate", "--json")[1]) == {"valid": True, "projects": ["12"]}
    code, out, _ = started("config", "show")
    assert code == 0
    assert "p4ss-word" not in out
    assert "settle_seconds: 90" in out
    assert "mapping" in json.loads(started("config", "schema")[1])["properties"]


def test_a_status_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    config = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    result = CliRunner().invoke(app, ["--config", str(tmp_path / "config.yaml"), "status"], env=ENVIRONMENT)
    assert result.exit_code == 2
    assert "migrator run" in result.stderr


def test_usage_errors_exit_2() -> None:
    assert started("no-such-command")[0] == 2
    assert started("--version")[0] == 0


async def test_status_and_failures_answer_from_the_workspace(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(20)) as running:
        assert (await running.migrate()).code == 0
        requests = sum(running.destination.log.counts.values())
        plain, as_json, listed = [
            await running.migrate(command) for command in ("status", "status --json", "status --failed")
        ]
        assert sum(running.destination.log.counts.values()) == requests
    document = json.loads(as_json.out)
    assert document["items"]["case"] == {"migrated": 20}
    assert document["balanced"] is True
    assert "The books balance" in plain.out
    assert (plain.code, listed.code) == (0, 0)


async def test_results_go_to_stdout_and_talk_to_stderr(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(20)) as running:
        ended = await running.migrate("run --json")
    assert json.loads(ended.out)["items"]
    assert "load done, 20 items" in ended.err


def test_the_rate_and_the_time_left() -> None:
    rate = Rate()
    assert rate.words(0, 100) == ""
    rate.update(0, 100.0)
    rate.update(40, 102.0)
    assert rate.words(40, 100) == "20.0/s, 3 s left"
    assert rate.words(40, None) == "20.0/s"
    assert rate.words(40, 100_000) == "20.0/s, 83 min left"


EVENTS = (
    PhaseStarted("load", "12", 40),
    Progressed("load", "12", 10, 40, "QA Sphere allows 20/s"),
    ItemFailed("case", "qacomplete@acme:test:12/1", "[bold]Pay[/bold]", "failed", "400: no"),
    Said("a sentence [with] brackets"),
    PhaseEnded("load", "12", 40),
)


def test_lines_say_what_happens(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.cli.output.progress._LINE_SECONDS", 0.0)
    with LineProgress() as listener:
        for event in EVENTS:
            listener(event)
    said = capsys.readouterr().err
    assert "project 12: load 10 of 40, held up by: QA Sphere allows 20/s" in said
    assert "failed: case qacomplete@acme:test:12/1 “[bold]Pay[/bold]”: 400: no" in said
    assert "a sentence [with] brackets" in said


def test_the_live_display_takes_every_event(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveProgress() as listener:
        for event in EVENTS:
            listener(event)
    said = capsys.readouterr().err
    assert "[bold]Pay[/bold]" in said
    assert "project 12: load done, 40 items" in said


@pytest.mark.parametrize("imported", ["typer", "aiohttp"])
def test_ctrl_c_while_the_program_is_imported_is_no_traceback(tmp_path: Path, imported: str) -> None:
    """``typer`` comes first of all, ``aiohttp`` with the command."""
    # tests that run in the background may have inherited to ignore it
    interrupt = "signal.signal(signal.SIGINT, signal.default_int_handler); os.kill(os.getpid(), signal.SIGINT)"
    (tmp_path / f"{imported}.py").write_text(f"import os, signal; {interrupt}\n")
    ended = subprocess.run(
        [sys.executable, "-m", "migrator", "check"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_ctrl_c_where_nothing_is_under_way_exits_as_interrupted() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as raised:
        guarded(interrupted, as_json=False)
    assert raised.value.exit_code == 130


@pytest.mark.parametrize(
    ("given", "sorted_"),
    [
        (["run", "-q"], ["-q", "run"]),
        (["plan", "--log-format", "json", "--only", "1"], ["--log-format", "json", "plan", "--only", "1"]),
        (["plan", "--log-format=json"], ["--log-format=json", "plan"]),
        (["status", "--", "-v"], ["status", "--", "-v"]),
    ],
)
def test_options_of_the_program_may_stand_behind_a_command(given: list[str], sorted_: list[str]) -> None:
    assert _sorted(given) == sorted_


async def test_what_goes_to_stderr_is_chosen(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        assert "404 Not Found" not in (await running.migrate("plan")).err
        assert "404 Not Found" in (await running.migrate("plan -v")).err
        quiet = await running.migrate("run -q")
        assert (quiet.code, quiet.err) == (0, "")
        assert "next: `migrator verify`" in quiet.out
        lines = [json.loads(line) for line in (await running.migrate("verify --log-format json")).err.splitlines()]
        assert {line["event"] for line in lines} >= {"phase_started", "phase_ended", "said"}
        assert all(line["time"] for line in lines)
        running.settings = {"destination": {"api_key": "wrong.wrong.wrong"}}
        failed = await running.migrate("plan --log-format json")
        assert failed.code == 7
        assert json.loads(failed.err.splitlines()[-1])["error"]["code"].startswith("QM2")


async def test_https_to_a_plain_port_is_no_matter_of_certificates(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(1)) as running:
        running.settings = {"destination": {"base_url": running.destination_url.replace("http://", "https://")}}
        ended = await running.migrate("plan")
        assert ended.code == 2
        assert "speaks no TLS" in ended.err
        assert "ca_bundle" not in ended.err


@pytest.mark.parametrize(
    ("error", "code", "step"),
    [
        (verification(10), "QM105", "renewed"),
        (verification(62), "QM105", "the name that the certificate has"),
        (verification(18), "QM105", "http.ca_bundle"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "QM105", "the port"),
        (None, "QM105", "http.client_cert"),
    ],
)
def test_troubles_with_tls_are_told_apart(error: BaseException | None, code: str, step: str) -> None:
    found, _, next_step = tls_trouble(error)
    assert found.value.code == code
    assert step in next_step


async def test_a_workspace_that_was_only_compared_says_so_everywhere(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        await running.run()
        running.settings = {"workspace": str(tmp_path / "other")}
        await running.verify()
        said = (await running.migrate("status")).out
        assert "Nothing is planned or migrated from this workspace" in said
        assert "books balance" not in said
        retried = await running.migrate("retry")
        assert "nothing can have failed" in retried.err
        assert "`migrator plan`" in retried.out
        assert "run `migrator plan` first" in (await running.migrate("apply")).err


def test_a_phase_that_was_stopped_says_how_far_it_came() -> None:
    totals: Totals = {}
    assert told(PhaseStarted("load", "12", 260), totals) == "project 12: load, 260 items"
    assert told(PhaseEnded("load", "12", 96), totals) == "project 12: load ends, 96 of 260 items"
    assert told(PhaseEnded("load", "12", 1), totals) == "project 12: load done, 1 item"
