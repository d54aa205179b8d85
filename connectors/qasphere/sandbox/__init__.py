"""A stand-in for QA Sphere: behaves as ``qasphere-api.md`` says, over a store that tests can look into."""

from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qasphere.sandbox.handlers import Handlers
from connectors.qasphere.sandbox.store import Store
from connectors.qasphere.sandbox.switches import Switches, switches_of
from connectors.qasphere.sandbox.validate import Refused
from migrator.standin.app import StandIn
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions

__all__ = ["ADMIN_KEY", "RUNNER_KEY", "VIEWER_KEY", "QASphereStandIn", "Store", "Switches", "build", "switches_of"]

ADMIN_KEY = "acme.admin.sandbox"
RUNNER_KEY = "acme.runner.sandbox"
VIEWER_KEY = "acme.viewer.sandbox"
_PREFIX = "/api/public/v0"
_PROJECT = _PREFIX + "/project/{project}"


@dataclass(frozen=True, slots=True)
class QASphereStandIn:
    """The application to serve, the log of its requests, and everything it holds."""

    app: web.Application
    log: RequestLog
    store: Store


def build(options: StandInOptions | None = None, switches: Switches | None = None) -> QASphereStandIn:
    """Return an empty tenant. ``switches`` override what the profile says."""
    chosen = options or StandInOptions()
    if chosen.profile == "odd":
        chosen = chosen.model_copy(update={"retry_after": False})
    store = Store()
    keys = {ADMIN_KEY: "admin", RUNNER_KEY: "test-runner", VIEWER_KEY: "viewer"}
    handlers = Handlers(store, switches or switches_of(chosen.profile), keys)
    shell = StandIn(chosen, error=_error)
    shell.app.middlewares.append(_refusals)
    _add_routes(shell.app.router, handlers)
    return QASphereStandIn(shell.app, shell.log, store)


def _add_routes(router: web.UrlDispatcher, handlers: Handlers) -> None:
    router.add_get(_PREFIX + "/users/me", handlers.me)
    router.add_get(_PREFIX + "/users", handlers.users)
    router.add_get(_PREFIX + "/project", handlers.projects)
    router.add_post(_PREFIX + "/project", handlers.create_project)
    router.add_get(_PROJECT, handlers.project)
    router.add_get(_PROJECT + "/custom-field", handlers.custom_fields)
    router.add_get(_PROJECT + "/tag", handlers.tags)
    router.add_get(_PROJECT + "/requirement", handlers.requirements)
    router.add_get(_PROJECT + "/tcase/folders", handlers.folders)
    router.add_post(_PROJECT + "/tcase/folder/bulk", handlers.upsert_folders)
    router.add_get(_PROJECT + "/tcase", handlers.cases)
    router.add_post(_PROJECT + "/tcase", handlers.create_case)
    router.add_get(_PROJECT + "/tcase/count", handlers.count)
    router.add_post(_PROJECT + "/tcase/seq", handlers.by_markers)
    router.add_post(_PROJECT + "/tcase/bulk", handlers.bulk)
    router.add_get(_PROJECT + "/tcase/{case}", handlers.case)
    router.add_patch(_PROJECT + "/tcase/{case}", handlers.update_case)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as JSON with a ``message`` (§1.4); routes that do not exist are 404, whatever the method."""
    try:
        return await handler(request)
    except Refused as refused:
        return _error(refused.status, refused.message)
    except web.HTTPException as error:
        return _error(404 if error.status == 405 else error.status, error.reason)


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
