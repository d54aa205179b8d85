"""Finding out what one QA Sphere does where its documents leave it open (``qasphere-api.md`` §6, §10).

What is made cannot be deleted, so it all goes into one throw-away project, some fifty cases and a handful of runs.
Questions whose answer would break a promise are not asked: result links, which write into issue trackers; settings of
the whole tenant; and the rate limit, which is not exceeded on purpose.
"""

from connectors.qasphere.probe.asker import Asker, Stuck
from connectors.qasphere.probe.cases import ask_cases, ask_folders
from connectors.qasphere.probe.catalogue import QUESTIONS
from connectors.qasphere.probe.lab import Lab, needed
from connectors.qasphere.probe.lists import ask_lists
from connectors.qasphere.probe.runs import ask_runs
from connectors.qasphere.probe.texts import ask_files, ask_texts
from migrator.core.events import Listener, Said
from migrator.core.probe import ProbeAnswer

__all__ = ["PROBE_TITLE", "QUESTIONS", "Asker", "Lab", "Stuck", "ask_everything"]

PROBE_TITLE = "qasphere-migrator probe"
"""The title by which a project is known to be for this and nothing else."""


async def ask_everything(lab: Lab, listener: Listener) -> dict[str, ProbeAnswer]:
    """Ask all questions, and return the answers in the order of the catalogue; what could not be asked says why.

    Raises what ``Transport.call`` raises about credentials, addresses and a service that stays away.
    """
    with lab.asking(*(key for key in QUESTIONS if not key.startswith("tenant."))):
        await _ask_project(lab, listener)
    await _ask_tenant(lab)
    return {key: lab.answers[key] for key in QUESTIONS}


async def _ask_project(lab: Lab, listener: Listener) -> None:
    listener(Said("probe: folders and files"))
    await ask_folders(lab)
    files = await ask_files(lab)
    listener(Said("probe: cases and texts"))
    await ask_cases(lab, files)
    await ask_texts(lab, str(files[0]["url"]) if files else None)
    await ask_lists(lab)
    listener(Said("probe: runs and results"))
    await ask_runs(lab)


async def _ask_tenant(lab: Lab) -> None:
    with lab.asking("tenant.users_me"):
        lab.found("tenant.users_me", (await lab.ask.get("/users/me")).is_good)
    with lab.asking("tenant.user_ids"):
        users = needed("the users cannot be read", await lab.ask.get("/users"))
        lab.found("tenant.user_ids", users.get("users", 0, "id") is not None)
    with lab.asking("tenant.audit_logs"):
        lab.status("tenant.audit_logs", await lab.ask.get("/audit-logs", [("count", "1")]))
    if lab.ask.retry_after is None:
        lab.skipped("tenant.retry_after", "no request was refused with 429, and none was provoked")
    else:
        lab.found("tenant.retry_after", lab.ask.retry_after)
