"""What the last probe found, in the workspace: ``check`` writes it, and whatever maps texts reads it."""

from pathlib import Path

from pydantic import ValidationError

from migrator.app.runtime.whole_file import whole_file
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.probe import ProbeResult

RESULT = "probe.json"


def save_probe(found: ProbeResult, workspace: Path) -> None:
    """Write the answers into a workspace, in place of earlier ones."""
    workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(workspace / RESULT) as file:
        file.write(found.model_dump_json(indent=2).encode() + b"\n")


def load_probe(workspace: Path) -> ProbeResult | None:
    """Return what the last probe found; None without one, ``ConfigError`` when its file cannot be read."""
    path = workspace / RESULT
    try:
        return ProbeResult.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"cannot read what the probe found: {path}",
            code=ErrorCode.FILE_UNUSABLE,
            cause=str(error),
            next_step="delete the file, or run `migrator check --probe CODE` again",
        ) from error
