"""A stand-in for QAComplete: behaves as ``qacomplete-api.md`` §9 says, over data that tests can change."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qacomplete.sandbox.answers import Responder, error_answer, insensitive, named
from connectors.qacomplete.sandbox.company import demo_company
from connectors.qacomplete.sandbox.data import Folder, Project, SeedData, Step, Test, User
from connectors.qacomplete.sandbox.demo import demo_data
from connectors.qacomplete.sandbox.file_handlers import FileHandlers
from connectors.qacomplete.sandbox.files import File, write_folder
from connectors.qacomplete.sandbox.generate import generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from connectors.qacomplete.sandbox.generate_items import add_items
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from connectors.qacomplete.sandbox.handlers import Handlers
from connectors.qacomplete.sandbox.history import add_history
from connectors.qacomplete.sandbox.item_handlers import ItemHandlers
from connectors.qacomplete.sandbox.items import (
    Configuration,
    Defect,
    Link,
    Note,
    Release,
    Requirement,
    SetItem,
    TestSet,
)
from connectors.qacomplete.sandbox.run_handlers import RunHandlers
from connectors.qacomplete.sandbox.runs import RunItem, StepOutcome, TestRun
from connectors.qacomplete.sandbox.sample import add_sample
from connectors.qacomplete.sandbox.sample_files import add_files
from connectors.qacomplete.sandbox.seed_file import load_seed_file
from connectors.qacomplete.sandbox.soap import SoapHandlers
from connectors.qacomplete.sandbox.switches import Switches, switches_of
from connectors.qacomplete.sandbox.uploads import UploadHandlers
from migrator.standin.app import StandIn
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions

__all__ = [
    "BASE_PATH",
    "NOBODY",
    "PASSWORD",
    "RESTRICTED",
    "SOAP_PATHS",
    "USERNAME",
    "Configuration",
    "Defect",
    "File",
    "Folder",
    "Link",
    "Note",
    "Project",
    "QACompleteStandIn",
    "Release",
    "Requirement",
    "RunItem",
    "SeedData",
    "SetItem",
    "Step",
    "StepOutcome",
    "Switches",
    "Test",
    "TestRun",
    "TestSet",
    "User",
    "add_files",
    "add_history",
    "add_items",
    "add_sample",
    "build",
    "demo_company",
    "demo_data",
    "generate",
    "generate_files",
    "generate_runs",
    "load_seed_file",
    "switches_of",
    "write_folder",
]  # fmt: skip

BASE_PATH = "/rest-api/service/api"
SOAP_PATHS = ("/psws/psws.asmx", "/psWS.asmx")
USERNAME = "migration@acme.example"
RESTRICTED = "restricted@acme.example"
NOBODY = "nobody@acme.example"
PASSWORD = "sandbox-password"  # noqa: S105 - of the stand-in
_Add = Callable[[str, Handler], None]
_PROJECT = r"/projects/{project:\d+}"


@dataclass(frozen=True, slots=True)
class QACompleteStandIn:
    """The application to serve, the log of its requests with the key that opens it, and everything it holds."""

    app: web.Application
    log: RequestLog
    data: SeedData
    log_key: str = ""


def build(
    options: StandInOptions | None = None,
    data: SeedData | None = None,
    switches: Switches | None = None,
    password: str = PASSWORD,
) -> QACompleteStandIn:
    """Return a stand-in; without data it holds the demo's. ``switches`` override what the profile says.

    Three users share one password: one sees everything, one the first project only, one nothing.
    """
    chosen = options or StandInOptions()
    held = demo_data() if data is None else data
    behaviour = switches or switches_of(chosen.profile)
    shell = StandIn(chosen, error=lambda status, text: error_answer(status, text, behaviour))
    first = {held.projects[0].id} if held.projects else set()
    access = {USERNAME: None, RESTRICTED: first, NOBODY: set()}
    responder = Responder(held, behaviour, password, access)
    shell.app.middlewares.append(responder.refusals)
    handlers, item_handlers = Handlers(responder, held, behaviour), ItemHandlers(responder, held, behaviour)
    run_handlers, file_handlers = RunHandlers(responder, held, behaviour), FileHandlers(responder, held, behaviour)
    uploads = UploadHandlers(responder, held, behaviour)
    soap = SoapHandlers(held, behaviour, password, access)
    for version in ("v1", "v2"):
        _add_routes(shell.app.router, f"{BASE_PATH}/{version}", handlers)
        _add_item_routes(shell.app.router, f"{BASE_PATH}/{version}", item_handlers)
        _add_run_routes(shell.app.router, f"{BASE_PATH}/{version}", run_handlers)
        _add_file_routes(shell.app.router, f"{BASE_PATH}/{version}", file_handlers, uploads)
    for path in SOAP_PATHS:
        shell.app.router.add_post(insensitive(path), soap.call)
    shell.app.router.add_get("/images/{name}", file_handlers.picture)
    return QACompleteStandIn(shell.app, shell.log, held, shell.log_key)


def _add_routes(router: web.UrlDispatcher, prefix: str, handlers: Handlers) -> None:
    get, search = _adders(router, prefix)
    get("/depts", handlers.departments)
    get(r"/depts/{dept:\d+}", handlers.department)
    get(r"/depts/{dept:\d+}/users", handlers.department_users)
    get("/projects", handlers.projects)
    get(_PROJECT, handlers.project)
    get(_PROJECT + "/users", handlers.users)
    get(_PROJECT + r"/users/{user:\d+}", handlers.user)
    get(_PROJECT + r"/{code:tests|testsets|releases|bugs|functionalspecs}/folders", handlers.folders)
    get(_PROJECT + r"/{code:tests|testsets|releases|bugs|functionalspecs}/folders/{folder:\d+}", handlers.folder)
    get(_PROJECT + "/tests", handlers.tests)
    search(_PROJECT + "/tests/search", handlers.tests)
    get(_PROJECT + r"/tests/{test:\d+}", handlers.test)


def _add_item_routes(router: web.UrlDispatcher, prefix: str, handlers: ItemHandlers) -> None:
    get, search = _adders(router, prefix)
    kinds = _PROJECT + "/{kind:releases|configurations|requirements|defects|testsets}"
    get(kinds, handlers.items)
    get(kinds + r"/{item:\d+}", handlers.item)
    search(_PROJECT + "/{kind:configurations|requirements|defects}/search", handlers.items)
    get(_PROJECT + r"/testsets/{item:\d+}/items", handlers.set_items)
    get(_PROJECT + r"/testsets/{item:\d+}/items/{seq:\d+}", handlers.set_item)
    item = _PROJECT + r"/{code:releases|bugs|functionalspecs|tests|testsets}/{item:\d+}"
    get(item + "/notes", handlers.notes)
    get(item + r"/notes/{note:\d+}", handlers.note)
    get(item + "/linkeditems", handlers.links)
    get(item + r"/linkeditems/{link:\d+}", handlers.link)
    search(item + "/linkeditems/search", handlers.links)


def _add_run_routes(router: web.UrlDispatcher, prefix: str, handlers: RunHandlers) -> None:
    get, _ = _adders(router, prefix)
    get(_PROJECT + "/testruns", handlers.runs)
    get(_PROJECT + r"/testruns/{item:\d+}", handlers.run)
    get(_PROJECT + r"/testruns/{item:\d+}/items", handlers.items)
    get(_PROJECT + r"/testruns/{item:\d+}/items/{part:\d+}", handlers.item)


def _add_file_routes(router: web.UrlDispatcher, prefix: str, handlers: FileHandlers, uploads: UploadHandlers) -> None:
    get, post = _adders(router, prefix)
    item = _PROJECT + r"/{code:releases|bugs|functionalspecs|tests|testsets|teststeps}/{item:\d+}"
    get(item + "/files", handlers.files)
    post(item + "/files", uploads.add)
    get(item + r"/files/{part:\d+}", handlers.file)
    for method, handler in (("PUT", uploads.change), ("PATCH", uploads.change), ("DELETE", uploads.remove)):
        path = prefix + item + r"/files/{part:\d+}"
        router.add_route(method, insensitive(path), named(path, handler))
    get(item + r"/files/{part:\d+}/content", handlers.content)


def _adders(router: web.UrlDispatcher, prefix: str) -> tuple[_Add, _Add]:
    """Return what adds a route to read, and one to search or to add. Paths are matched in any case (§1)."""

    def get(path: str, handler: Handler) -> None:
        router.add_get(insensitive(prefix + path), named(prefix + path, handler))

    def search(path: str, handler: Handler) -> None:
        router.add_post(insensitive(prefix + path), named(prefix + path, handler))

    return get, search
