"""``rehearse``: the real source against a local QA Sphere that holds what the real one holds.

The real QA Sphere is only read, through a client that refuses writes before they leave; what migrates knows the local
address and the local key only.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, SecretStr

from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.open import open_api
from migrator.app.migrate import apply
from migrator.app.plan import plan
from migrator.app.rehearse.forecast import Compared, Phase, compared, phase
from migrator.app.rehearse.prime import Copied, prime
from migrator.app.reports.documents import Plan, Status, Verification
from migrator.app.reports.write import FOLDER, PLAN_FILE, left_report, write_plan_report
from migrator.app.runtime.interrupt import unwrapped
from migrator.app.runtime.probe_file import load_probe, save_probe
from migrator.app.verify import verify
from migrator.config import Config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, Interrupted, NothingToDo
from migrator.core.events import Listener, Said
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from state.workspace import DATABASE, LOCK, open_workspace

RESULT = "rehearsal.json"
_UNLIMITED = 100_000.0

T = TypeVar("T")


class Rehearsal(BaseModel):
    """The contract of ``rehearse --json``, and of ``rehearsal.json`` in the rehearsal's workspace.

    Args:
        copied: what the local QA Sphere was given.
        phases: plan, apply, verify.
        endpoints: requests by endpoint while the plan was applied.
        rate: what QA Sphere allows, in requests a second.
        fast: without that limit, so that only counts, not seconds, are like those of a real run.
        reports: the files of both reports.
    """

    workspace: str
    profile: Profile
    fast: bool
    rate: float
    copied: dict[str, int | str]
    plan: Plan
    status: Status
    verification: Verification
    phases: dict[str, Phase]
    endpoints: dict[str, Compared]
    reports: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the rehearsal takes place. ``rate``: what the real QA Sphere allows."""

    stand_in: qasphere.QASphereStandIn
    config: Config
    copied: Copied
    profile: Profile
    fast: bool
    rate: float


def rehearsal_folder(workspace: Path) -> Path:
    """Return the workspace of the rehearsals of a migration."""
    return workspace.with_name(f"{workspace.name}-rehearsal")


async def rehearse(config: Config, listener: Listener, *, fast: bool, profile: Profile) -> Rehearsal:
    """Plan, apply and verify against the local QA Sphere, from an empty workspace.

    Raises what the three raise, ``NothingToDo`` when every project was migrated from the workspace already, and
    ``ConfigError`` when the rehearsal's folder holds something else.
    """
    folder = rehearsal_folder(config.workspace)
    config = _not_migrated_yet(config, listener)
    _cleared(folder)
    if (probed := load_probe(config.workspace)) is not None:  # it holds for the rehearsal as well
        save_probe(probed, folder)
    try:
        async with _staged(config, folder, listener, fast=fast, profile=profile) as stage:
            answer = await _performed(stage, listener)
    except Interrupted as error:
        raise Interrupted("the rehearsal was stopped", next_step="run it again; it starts anew") from error
    text = json.dumps(answer.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (folder / RESULT).write_text(text + "\n", encoding="utf-8")
    return answer


def _not_migrated_yet(config: Config, listener: Listener) -> Config:
    """Return the config without the projects that this workspace has written into. The rehearsal's own is empty: it
    would meet their cases without their files and runs, and without a base to compare them with."""
    if not (config.workspace / DATABASE).exists():
        return config
    with open_workspace(config.workspace, write=False) as workspace:
        loaded = [project.source for project in config.projects if workspace.books.was_loaded(project.source)]
    left = [project for project in config.projects if project.source not in loaded]
    if not left:
        raise NothingToDo(
            "everything in this config was migrated from this workspace already, so nothing is left to rehearse",
            cause="a rehearsal begins empty, and would take what is in QA Sphere for somebody else's",
            next_step="run `migrator plan`: it shows what is new, and writes nothing",
        )
    if loaded:
        listener(
            Said(f"rehearse: project {', '.join(loaded)} was migrated already and is left out; see `migrator plan`")
        )
    return config.model_copy(update={"projects": type(config.projects)(left)})


@asynccontextmanager
async def _staged(
    config: Config, folder: Path, listener: Listener, *, fast: bool, profile: Profile
) -> AsyncIterator[_Stage]:
    rate = config.destination.requests_per_second
    keys = qasphere.new_keys()
    options = StandInOptions(profile=profile, rate=None if fast else rate)
    stand_in = qasphere.build(options, _switches(config, profile), keys)
    listener(Said("rehearse: copy what QA Sphere holds; it is only read"))
    with unwrapped():
        async with open_api(config.destination, config.http, read_only=True) as api:
            copied = await prime(api, stand_in.store, [project.destination for project in config.projects])
    listener(Said(f"rehearse: {_words(copied)}"))
    async with serve(stand_in.app) as url:
        destination = config.destination.model_copy(
            update={
                "base_url": url,
                "api_key": SecretStr(keys.get(copied.role, keys["admin"])),
                "requests_per_second": _UNLIMITED if fast else rate,
            }
        )
        local = config.model_copy(update={"workspace": folder, "destination": destination})
        yield _Stage(stand_in, local, copied, profile, fast, rate)


async def _performed(stage: _Stage, listener: Listener) -> Rehearsal:
    phases: dict[str, Phase] = {}
    counts: dict[str, Counter[str]] = {}

    async def timed(name: str, work: Awaitable[T]) -> T:
        listener(Said(f"rehearse: {name}"))
        log, started = stage.stand_in.log, time.monotonic()
        routes, statuses = Counter(log.counts), Counter(log.statuses)
        result = await work
        counts[name] = log.counts - routes
        phases[name] = phase(log.statuses - statuses, time.monotonic() - started, stage.rate)
        return result

    planned = await timed("plan", plan(stage.config, listener))
    reports = stage.config.workspace / FOLDER
    reports.mkdir(exist_ok=True)
    write_plan_report(stage.config, reports / PLAN_FILE)
    status = await timed("apply", apply(stage.config, listener, plan_id=planned.plan_id))
    verification = await timed("verify", verify(stage.config, listener, is_rehearsal=True))
    return Rehearsal(
        workspace=str(stage.config.workspace),
        profile=stage.profile,
        fast=stage.fast,
        rate=stage.rate,
        copied=asdict(stage.copied),
        plan=planned,
        status=status,
        verification=verification,
        phases=phases,
        endpoints=compared(planned.cost.endpoints, counts["apply"]),
        reports={"plan": str(reports / PLAN_FILE), "run": str(left_report(stage.config, "apply"))},
    )


def _switches(config: Config, profile: Profile) -> qasphere.Switches:
    """Return the behaviours of the profile, with what a probe of the real QA Sphere has seen of texts."""
    switches = qasphere.switches_of(profile)
    probed = load_probe(config.workspace)
    if probed is None:
        return switches
    return replace(switches, html="all" if probed.keeps_tables and probed.keeps_images else "few")


def _words(copied: Copied) -> str:
    counts = {name: value for name, value in asdict(copied).items() if isinstance(value, int)}
    return "copied " + ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in counts.items())


def _cleared(folder: Path) -> None:
    """Begin with an empty workspace: the local QA Sphere of the last rehearsal is gone."""
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()}
    if DATABASE not in names and not names <= {LOCK}:
        raise ConfigError(
            f"{folder} is not empty, and not the workspace of a rehearsal",
            code=ErrorCode.FILE_UNUSABLE,
            next_step="move it away, or choose another `workspace` in the config",
        )
    with open_workspace(folder):  # nobody works there
        pass
    shutil.rmtree(folder)
