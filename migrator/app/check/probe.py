"""``check --probe``: asks QA Sphere's open questions in a throw-away project, and keeps the answers."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.destination import QASphereDestination
from connectors.qasphere.open import make_transport
from connectors.qasphere.probe import PROBE_TITLE, Asker, Lab, Stuck, ask_everything
from migrator.app.runtime.interrupt import unwrapped
from migrator.app.runtime.probe_file import save_probe
from migrator.config import Config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import Listener
from migrator.core.probe import ProbeResult
from migrator.core.views import ProjectView


async def probe(config: Config, listener: Listener, *, code: str) -> ProbeResult:
    """Ask everything in the project ``code``, which is made for it, and write the answers into the workspace.

    Raises ``ConfigError`` when the code belongs to a project that is not for this, or is one of the config's.
    """
    if code.upper() in {project.destination.upper() for project in config.projects}:
        raise _not_for_this(code, "the config migrates into it")
    now = datetime.now(UTC)
    with unwrapped():
        async with make_transport(config.destination, config.http) as transport:
            destination = QASphereDestination(QASphereApi(transport), config.destination.marker_field)
            await destination.check()
            asker = Asker(transport)
            view, empty = await _project(asker, destination, code)
            lab = Lab(
                asker,
                code,
                f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
                marker_field=config.destination.marker_field if view.has_marker_field else None,
                required=_required(view),
            )
            if empty is None:
                lab.skipped("project.no_default_folder", "the project is older than this probe")
            else:
                lab.found("project.no_default_folder", empty)
            answers = await ask_everything(lab, listener)
    found = ProbeResult(
        asked_at=now.isoformat(timespec="seconds"), base_url=asker.base_url, project=code.upper(), answers=answers
    )
    save_probe(found, config.workspace)
    return found


async def _project(asker: Asker, destination: QASphereDestination, code: str) -> tuple[ProjectView, bool | None]:
    """Return the project, and whether it was empty when it was made; None when it was there before."""
    if (view := await destination.project(code)) is not None:
        if not view.title.startswith(PROBE_TITLE):
            raise _not_for_this(code, f"it exists, and is called “{view.title}”")
        return view, None
    body = {"code": code, "title": PROBE_TITLE}
    try:
        created = await asker.post("/project", body | {"skipDefaultFolder": True})
        if created.status == 400:  # the switch is undocumented
            created = await asker.post("/project", body)
        cause = f"{created.status}: {created.message}"
    except Stuck as stuck:  # it may be there all the same
        cause = str(stuck)
    view = await destination.project(code)
    if view is None:
        raise ConfigError(
            f"the project {code} could not be created for the probe",
            code=ErrorCode.PROJECT_REFUSED,
            cause=cause,
            next_step="use an API key of an admin, and a code of 2 to 5 letters or digits",
        )
    return view, not await destination.folders(code)


def _required(view: ProjectView) -> Mapping[str, str]:
    """Return a value for each custom field that no case can do without."""
    return {
        field.system_name: field.options[0] if field.options else "probe"
        for field in view.custom_fields
        if field.required and not field.has_default
    }


def _not_for_this(code: str, cause: str) -> ConfigError:
    return ConfigError(
        f"the probe will not use the project {code}",
        code=ErrorCode.PROJECT_OF_OTHERS,
        cause=f"{cause}; what a probe leaves behind cannot be deleted",
        next_step="name a code that no project has yet: `migrator check --probe CODE`",
    )
