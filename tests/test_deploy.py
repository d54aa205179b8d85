"""The example files for unattended use: each can be read by what it is for, and its command is one that there is."""

import configparser
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from migrator.app.sync import unattended
from migrator.cli.commands import sync
from migrator.cli.main import app
from tests.support.rig import ROOT

DEPLOY = ROOT / "docs" / "deploy"
ENVIRONMENT = {"QACOMPLETE_USER": "me", "QACOMPLETE_PASSWORD": "p4ss-word", "QASPHERE_API_KEY": "a.b.c"}


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser


def cron_line() -> str:
    lines = (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line and line[0] != "#" and "=" not in line.split()[0]]
    return line


def job() -> dict[str, Any]:
    document = yaml.safe_load((DEPLOY / "cronjob.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def pod() -> dict[str, Any]:
    found: dict[str, Any] = job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return found


def commands() -> dict[str, list[str]]:
    return {
        "cron": shlex.split(cron_line().partition("&& ")[2]),
        "systemd": shlex.split(unit("migrator-sync.service")["Service"]["ExecStart"]),
        "kubernetes": pod()["containers"][0]["command"],
    }


@pytest.mark.parametrize("name", ["cron", "systemd", "kubernetes"])
def test_each_command_is_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []

    def begin(_context: typer.Context, work: object, *, as_json: bool) -> None:
        begun.append(work)

    monkeypatch.setattr(sync, "_once", begin)
    program, option, config, *rest = commands()[name]
    assert (Path(program).name, option) == ("migrator", "--config")
    assert config.startswith("/etc/migrator/")
    ended = CliRunner().invoke(app, ["--config", str(ROOT / "config.example.yaml"), *rest], env=ENVIRONMENT)
    assert ended.exit_code == 0, ended.output
    assert len(begun) == 1
    assert getattr(begun[0], "func") is unattended.unattended_sync  # noqa: B009 - a partial, which mypy sees as an object


def test_cron_runs_it_at_moments_that_there_are() -> None:
    fields = cron_line().split()[:5]
    assert fields == ["*/15", "*", "*", "*", "*"]


def test_the_timer_starts_the_service() -> None:
    timer, service = unit("migrator-sync.timer"), unit("migrator-sync.service")
    assert timer["Timer"]["OnUnitInactiveSec"] == "15min"
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert service["Service"]["Type"] == "oneshot"
    assert {5, 10, 130} == {int(code) for code in service["Service"]["SuccessExitStatus"].split()}
    # longer than the drain, or writes in flight would be cut off
    assert int(service["Service"]["TimeoutStopSec"]) > 5


def test_the_cron_job_never_overlaps_and_keeps_its_workspace() -> None:
    assert job()["spec"]["concurrencyPolicy"] == "Forbid"
    assert job()["spec"]["schedule"].split() == ["*/15", "*", "*", "*", "*"]
    assert pod()["terminationGracePeriodSeconds"] > 5
    mounted = {mount["name"] for mount in pod()["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod()["volumes"]}
    assert any("persistentVolumeClaim" in volume for volume in pod()["volumes"])
