"""The image and its use in Kubernetes: what can be read without a builder is checked, and what it runs."""

import fnmatch
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from migrator.app.healthcheck import trouble as unhealthy
from migrator.app.runtime.metrics import METRICS
from migrator.app.sync.health import Health, write_health
from migrator.cli.commands import migrate, sync
from migrator.cli.main import app
from migrator.config import parse_config
from tests.support.containerfile import instructions, trouble
from tests.support.rig import ROOT

TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
FOUND = instructions(TEXT)
KUBERNETES = ROOT / "examples" / "kubernetes"
ENVIRONMENT = {"QACOMPLETE_USER": "me", "QACOMPLETE_PASSWORD": "p4ss-word", "QASPHERE_API_KEY": "a.b.c"}
WORKSPACE = "/var/lib/migrator"
NOW = 1_800_000_000.0


def final(word: str) -> list[str]:
    last = max(one.stage for one in FOUND)
    (found,) = [one.as_list() for one in FOUND if one.stage == last and one.word == word]
    return found


def test_nothing_is_wrong_with_the_containerfile() -> None:
    assert list(trouble(FOUND)) == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("FROM python:latest", "version"),
        ("FROM python", "version"),
        ("ADD x y", "ADD"),
        ("USER root", "root"),
        ("USER migrator", "root"),
        ("WORKDIR here", "folder"),
        ("ENTRYPOINT migrator", "shell"),
        ("ENV API_KEY=abc", "secret"),
        ("COPY --from=other /a /b", "stage"),
        ("RUN pip install aiohttp", "versions"),
        ("RUN curl x && sh x", "not to be done"),
        ("RUN apt-get install -y x", "more than"),
        ("RUN a | b", "unseen"),
    ],
)
def test_the_checks_find_what_is_wrong(line: str, word: str) -> None:
    assert any(word in found for found in trouble(instructions(f"{TEXT}\nFROM python:3.13-slim AS x\n{line}")))


def test_all_that_is_copied_is_there_and_reaches_the_builder() -> None:
    rules = [line for line in (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert rules[0] == "*"
    kept = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        name for one in FOUND if one.word == "COPY" and "--from" not in one.value for name in one.value.split()[:-1]
    }
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    for secret in (".env", "config.yaml", "acme-migration", ".git", ".venv"):
        assert not any(fnmatch.fnmatch(secret, name) for name in kept)


def test_it_starts_the_program_and_asks_for_its_health() -> None:
    assert final("ENTRYPOINT") == ["migrator", "--config", "/etc/migrator/config.yaml"]
    assert final("HEALTHCHECK") == ["python", "-m", "migrator.app.healthcheck", WORKSPACE]
    assert CliRunner().invoke(app, [*final("ENTRYPOINT")[1:], *final("CMD")]).exit_code == 0


def running(value: int) -> str:
    return f'qasphere_migrator_running{{workspace="x",command="sync"}} {value}\n'


@pytest.mark.parametrize(
    ("metrics", "age", "health", "expected"),
    [
        (None, 0, None, ""),
        (running(1), 20, None, ""),
        (running(1), 2000, None, "has not stirred"),
        (running(0), 2000, None, ""),
        (running(0), 20, {"failures_in_a_row": 2, "exit": 5}, ""),
        (running(0), 20, {"failures_in_a_row": 3, "exit": 7}, "exit code 7"),
        (running(0), 20, {"next": "2027-01-15T07:00:00+00:00"}, ""),
        (running(0), 20, {"next": "2027-01-15T06:00:00+00:00"}, "was due"),
        (running(1), 20, {"next": "2027-01-15T06:00:00+00:00"}, ""),
    ],
)
def test_health_is_read_from_what_commands_leave(
    tmp_path: Path, metrics: str | None, age: float, health: dict[str, Any] | None, expected: str
) -> None:
    if metrics:
        (tmp_path / METRICS).write_text(metrics, encoding="utf-8")
        os.utime(tmp_path / METRICS, (NOW - age, NOW - age))
    if health:
        write_health(tmp_path, Health.model_validate({"started": "", "ended": "", "exit": 0, **health}))
    found = unhealthy(tmp_path, NOW)
    assert expected in found
    assert bool(found) is bool(expected)


def documents() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(KUBERNETES.glob("*.yaml"))]


def pods() -> dict[str, dict[str, Any]]:
    return {
        found["kind"]: found["spec"]["template"]["spec"] for found in documents() if "template" in found.get("spec", {})
    }


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_pods_may_do_nothing_but_work_in_their_workspace(kind: str) -> None:
    pod = pods()[kind]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['fsGroup']}" in {
        one.value for one in FOUND if one.word == "USER"
    }
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not container["image"].endswith(":latest")
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    named = {(one["kind"], one["metadata"]["name"]) for one in documents()}
    assert ("ConfigMap", pod["volumes"][0]["configMap"]["name"]) in named
    assert ("PersistentVolumeClaim", pod["volumes"][1]["persistentVolumeClaim"]["claimName"]) in named
    assert pod["terminationGracePeriodSeconds"] > 5


@pytest.mark.parametrize(("kind", "module"), [("Deployment", sync), ("Job", migrate)])
def test_what_pods_run_is_a_command_that_there_is(
    kind: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    (container,) = pods()[kind]["containers"]
    begun: list[str] = []
    monkeypatch.setattr(module, "working", lambda *_values, **_options: begun.append(kind))
    monkeypatch.setattr(migrate, "finish", lambda *_values, **_options: None)
    config = ROOT / "config.example.yaml"
    ended = CliRunner().invoke(app, ["--config", str(config), *container["args"]], env=ENVIRONMENT)
    assert (ended.exit_code, begun) == (0, [kind]), ended.output


def test_the_config_is_one() -> None:
    (found,) = [one["data"]["config.yaml"] for one in documents() if one["kind"] == "ConfigMap"]
    config = parse_config(yaml.safe_load(found), Path("/etc/migrator/config.yaml"), ENVIRONMENT)
    assert str(config.workspace) == WORKSPACE


def test_one_writer_at_a_time_and_what_a_person_has_to_mend_is_not_tried_again() -> None:
    by_kind = {found["kind"]: found["spec"] for found in documents() if "spec" in found}
    assert by_kind["Deployment"]["strategy"] == {"type": "Recreate"}
    assert by_kind["Deployment"]["replicas"] == 1
    (rule,) = by_kind["Job"]["podFailurePolicy"]["rules"]
    assert set(rule["onExitCodes"]["values"]) == {1, 2, 3, 6, 7, 8, 10, 11}  # not 5 and 130, which go on
    assert json.dumps(by_kind["PersistentVolumeClaim"]["accessModes"]) == '["ReadWriteOncePod"]'
