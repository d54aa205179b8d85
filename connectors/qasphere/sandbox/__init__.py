"""A stand-in for QA Sphere: behaves as ``qasphere-api.md`` says, over a store that tests can look into."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qasphere.sandbox.access import LOGS_ONLY
from connectors.qasphere.sandbox.readers import Refused
from connectors.qasphere.sandbox.routes import add_routes
from connectors.qasphere.sandbox.store import Store
from connectors.qasphere.sandbox.switches import Switches, switches_of
from migrator.standin.app import StandIn
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions

__all__ = [
    "ADMIN_KEY",
    "KNOWN_KEYS",
    "LOGS_KEY",
    "RUNNER_KEY",
    "USER_KEY",
    "VIEWER_KEY",
    "QASphereStandIn",
    "Store",
    "Switches",
    "build",
    "new_keys",
    "switches_of",
]

ADMIN_KEY = "acme.admin.sandbox"
USER_KEY = "acme.user.sandbox"
RUNNER_KEY = "acme.runner.sandbox"
VIEWER_KEY = "acme.viewer.sandbox"
LOGS_KEY = "acme.logs.sandbox"
KNOWN_KEYS = {
    "admin": ADMIN_KEY,
    "user": USER_KEY,
    "test-runner": RUNNER_KEY,
    "viewer": VIEWER_KEY,
    LOGS_ONLY: LOGS_KEY,
}
"""Role → key: for tests. Whoever serves a copy of somebody's data takes ``new_keys``."""


def new_keys() -> dict[str, str]:
    """Return a key for each role that nobody can know."""
    return {role: f"sandbox.{role}.{secrets.token_urlsafe(24)}" for role in KNOWN_KEYS}


@dataclass(frozen=True, slots=True)
class QASphereStandIn:
    """The application to serve, the log of its requests with the key that opens it, and everything it holds."""

    app: web.Application
    log: RequestLog
    store: Store
    log_key: str = ""


def build(
    options: StandInOptions | None = None, switches: Switches | None = None, keys: Mapping[str, str] = KNOWN_KEYS
) -> QASphereStandIn:
    """Return an empty tenant. ``switches`` override what the profile says; ``keys``: role → the key that has it."""
    chosen = options or StandInOptions()
    if chosen.profile == "odd":
        chosen = chosen.model_copy(update={"retry_after": False})
    store = Store()
    shell = StandIn(chosen, error=_error)
    shell.app.middlewares.append(_refusals)
    add_routes(
        shell.app.router, store, switches or switches_of(chosen.profile), {key: role for role, key in keys.items()}
    )
    return QASphereStandIn(shell.app, shell.log, store, shell.log_key)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as JSON with a ``message`` (§1.4); routes that do not exist are 404, whatever the method."""
    try:
        return await handler(request)
    except Refused as refused:
        return _error(refused.status, refused.message)
    except web.HTTPException as error:
        return _error(404 if error.status == 405 else error.status, error.reason)
    except ConnectionError:
        raise  # the client went away
    except Exception:
        logging.getLogger(__name__).exception("the stand-in failed at %s %s", request.method, request.path)
        return _error(500, "internal server error")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
