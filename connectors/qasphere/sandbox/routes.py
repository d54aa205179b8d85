"""Every route that is served, in the order of ``qasphere-api.md`` §2."""

from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qasphere.sandbox.access import Access
from connectors.qasphere.sandbox.handlers import Handlers
from connectors.qasphere.sandbox.handlers_files import FileHandlers
from connectors.qasphere.sandbox.handlers_projects import ProjectHandlers
from connectors.qasphere.sandbox.handlers_results import ResultHandlers
from connectors.qasphere.sandbox.handlers_runs import RunHandlers
from connectors.qasphere.sandbox.handlers_settings import SettingsHandlers
from connectors.qasphere.sandbox.store import Store
from connectors.qasphere.sandbox.switches import Switches

V0 = "/api/public/v0"
_P = "/project/{project}"
_RUN = _P + "/run/{run}"

Route = tuple[str, str, Handler]


def add_routes(router: web.UrlDispatcher, store: Store, switches: Switches, keys: dict[str, str]) -> None:
    """Add all routes. Fixed words come before ids, because the first match wins."""
    files = FileHandlers(store, switches, keys)
    for method, path, handler in (
        *_project_routes(ProjectHandlers(store, switches, keys)),
        *_case_routes(Handlers(store, switches, keys)),
        *_run_routes(RunHandlers(store, switches, keys), ResultHandlers(store, switches, keys)),
        *_tenant_routes(SettingsHandlers(store, switches, keys), files),
    ):
        router.add_route(method, V0 + path, handler if method == "GET" else _noted(files, f"{method} {path}", handler))
    router.add_get("/api/file/{file}", files.download)
    router.add_get("/storage/{file}", files.stored)


def _noted(access: Access, action: str, handler: Handler) -> Handler:
    """Return a handler whose successes stand in the audit log (§3.18); no source names the actions."""

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = await handler(request)
        if answer.status < 400:
            access.note(request, action)
        return answer

    return handle


def _project_routes(handlers: ProjectHandlers) -> list[Route]:
    return [
        ("GET", "/project", handlers.projects),
        ("GET", _P, handlers.project),
        ("POST", "/project", handlers.create_project),
        ("GET", _P + "/custom-field", handlers.custom_fields),
        ("GET", _P + "/tag", handlers.tags),
        ("GET", _P + "/requirement", handlers.requirements),
        ("GET", _P + "/shared-step", handlers.shared_steps),
        ("GET", _P + "/shared-step/{ident}", handlers.shared_step),
        ("GET", _P + "/shared-precondition", handlers.shared_preconditions),
        ("GET", _P + "/shared-precondition/{ident}", handlers.shared_precondition),
    ]


def _case_routes(handlers: Handlers) -> list[Route]:
    return [
        ("GET", _P + "/tcase/folders", handlers.folders),
        ("POST", _P + "/tcase/folder/bulk", handlers.upsert_folders),
        ("GET", _P + "/tcase", handlers.cases),
        ("GET", _P + "/tcase/count", handlers.count),
        ("GET", _P + "/tcase/{case}", handlers.case),
        ("POST", _P + "/tcase", handlers.create_case),
        ("PATCH", _P + "/tcase/{case}", handlers.update_case),
        ("POST", _P + "/tcase/seq", handlers.by_markers),
        ("POST", _P + "/tcase/bulk", handlers.bulk),
    ]


def _run_routes(handlers: RunHandlers, results: ResultHandlers) -> list[Route]:
    return [
        ("GET", _P + "/milestone", handlers.milestones),
        ("POST", _P + "/milestone", handlers.create_milestone),
        ("GET", _P + "/run", handlers.runs),
        ("POST", _P + "/run", handlers.create_run),
        ("POST", _P + "/run/clone", handlers.clone_run),
        ("POST", _RUN + "/close", handlers.close_run),
        ("GET", _RUN + "/tcase", handlers.run_cases),
        ("GET", _RUN + "/tcase/{case}", handlers.run_case),
        ("POST", _RUN + "/log", results.create_log),
        ("POST", _RUN + "/tcase/{case}/result", results.create_result),
        ("POST", _RUN + "/result/batch", results.create_results),
        ("POST", _P + "/plan", handlers.create_plan),
    ]


def _tenant_routes(handlers: SettingsHandlers, files: FileHandlers) -> list[Route]:
    return [
        ("POST", "/file", files.upload),
        ("POST", "/file/batch", files.upload_batch),
        ("GET", "/settings/preferences/status", handlers.statuses),
        ("POST", "/settings/preferences/status", handlers.update_statuses),
        ("GET", "/users", handlers.users),
        ("GET", "/users/me", handlers.me),
        ("GET", "/audit-logs", handlers.audit_logs),
    ]
