"""``support-bundle``: what somebody needs who is to find a fault from afar, in one file, without secrets."""

import json
import platform
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from migrator import __version__
from migrator.app.reports.documents import status_of
from migrator.app.runtime.logs import LOG
from migrator.app.runtime.probe_file import load_probe
from migrator.app.runtime.program import program_digest
from migrator.app.runtime.whole_file import whole_file
from migrator.config import Config, shown
from migrator.config.read import read_yaml
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, MigratorError
from migrator.core.redact import hidden, hidden_in
from state.workspace import Workspace, open_workspace

_LOG_BYTES = 2 * 1024 * 1024
_FAILURES = 200
_README = """\
What is in this file, and what is not.

versions.json   of the program, of Python, of the system and of every library
config.yaml     the config with its defaults; secrets are hidden
migrator.log    the end of the log: commands, phases, errors with tracebacks, requests that were refused
status.json     what stands where, by counts, with the first failed items
plan.json       the newest saved plan, by counts
timings.json    how long which phase took, and what it waited for
probe.json      what a probe of QA Sphere has found

Every text has gone through what hides secrets in logs and reports. Addresses of both services, ids, markers and
titles of items that failed or were noted are in it; texts of test cases, results and files are not.
Read it before you send it.
"""

Pieces = Iterator[tuple[str, Callable[[], str | None]]]


def write_bundle(path: Path, config_path: Path, config_of: Callable[[], Config]) -> dict[str, str]:
    """Write the file and return name → what is in it: ``written``, or why it is not there. What cannot be had keeps
    nothing else away: the fault may be in the config, or in the workspace.

    Raises ``ConfigError`` when the file itself cannot be written, is there already, or does not end in .zip.
    """
    if path.suffix.lower() != ".zip":
        raise ConfigError(
            f"{path} does not end in .zip", code=ErrorCode.FILE_UNUSABLE, next_step="name the file BUNDLE.zip"
        )
    if path.exists():
        raise ConfigError(
            f"{path} is there already; nothing was written",
            code=ErrorCode.FILE_UNUSABLE,
            next_step="name another file, or none: then its name has the time",
        )
    found: dict[str, str] = {}
    with whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", _README)
        for name, make in _pieces(config_of, cache(lambda: _workspace(config_path, config_of))):
            try:
                text = make()
                found[name] = "written" if text is not None else "there is none"
            except (MigratorError, OSError, ValueError) as error:
                text = found[name] = hidden(f"could not be had: {error}")
            if text is not None:
                bundle.writestr(name, hidden(text))
    return found


def bundle_name(now: datetime) -> Path:
    """Return how a bundle is called that nobody has named."""
    return Path(f"migrator-support-{now:%Y%m%dT%H%M%SZ}.zip")


def _pieces(config_of: Callable[[], Config], folder: Callable[[], Path]) -> Pieces:
    yield "versions.json", _versions
    yield "config.yaml", lambda: shown(config_of())
    yield "migrator.log", lambda: _end_of_log(folder())
    yield "status.json", lambda: _asked(folder(), lambda found: status_of(found, failures=_FAILURES).model_dump())
    yield "plan.json", lambda: _asked(folder(), _plan)
    yield "timings.json", lambda: _asked(folder(), _timings)
    yield "probe.json", lambda: _probe(folder())


def _workspace(config_path: Path, config_of: Callable[[], Config]) -> Path:
    """Return the folder of the workspace, also where something else in the config is invalid."""
    try:
        return config_of().workspace
    except MigratorError:
        raw = read_yaml(config_path)
        if isinstance(raw, dict) and isinstance(named := raw.get("workspace"), str):
            return config_path.parent / named
        raise


def _versions() -> str:
    libraries = {found.metadata["Name"]: found.version for found in distributions() if found.metadata["Name"]}
    return _json(
        {
            "migrator": __version__,
            "program": program_digest(),
            "python": platform.python_version(),
            "system": platform.platform(),
            "libraries": dict(sorted(libraries.items())),
        }
    )


def _end_of_log(folder: Path) -> str | None:
    path = folder / LOG
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LOG_BYTES))
        return file.read().decode(errors="replace")


def _asked(folder: Path, question: Callable[[Workspace], object]) -> str | None:
    with open_workspace(folder, write=False) as workspace:
        answer = question(workspace)
    return None if answer is None else _json(answer)


def _plan(workspace: Workspace) -> object:
    saved = workspace.plans.find(None)
    return saved and saved.document | {"plan_id": saved.plan_id}


def _timings(workspace: Workspace) -> object:
    return [
        {
            "command": timing.command,
            "project": timing.project,
            "phase": timing.phase,
            "began": timing.started_at,
            "seconds": round(timing.seconds, 1),
            "items": timing.done,
            "waits": dict(timing.waits),
        }
        for timing in workspace.timings.since(0)
    ]


def _probe(folder: Path) -> str | None:
    probed = load_probe(folder)
    return None if probed is None else _json(probed.model_dump(mode="json"))


def _json(value: object) -> str:
    return json.dumps(hidden_in(value), indent=2, ensure_ascii=False)
