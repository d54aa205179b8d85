"""A QA Sphere with a project to work in, and one call of every endpoint of ``qasphere-api.md`` §2."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connectors.qasphere.sandbox import QASphereStandIn, Switches, build
from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.wire.bodies import (
    NewPlan,
    NewResult,
    NewRun,
    PlanRun,
    QueryPlan,
    ResultStatus,
    RunCopy,
    StatusChange,
)
from connectors.qasphere.wire.case_bodies import CaseSkeleton
from migrator.http.auth import KeyAuth
from migrator.http.multipart import FilePart, file_part
from migrator.standin.options import FaultKind, Profile, StandInOptions
from tests.support.qasphere_calls import Calls
from tests.support.services import no_hooks, qa_sphere_api, shell_of

PROFILES: tuple[Profile, ...] = ("strict", "lenient", "odd")
HOOKS = no_hooks()


@dataclass
class Scene:
    """The project SHOP with a folder, three cases and a run of the first two."""

    api: Calls
    stand_in: QASphereStandIn
    project: Project
    tmp_path: Path
    case_ids: list[str] = field(default_factory=list)
    run_id: int = 0

    def spoil(self, *faults: FaultKind) -> None:
        """Let the next calls go wrong like this, and those after them well."""
        shell = shell_of(self.stand_in.app)
        coming: Iterator[FaultKind] = iter(faults)
        shell._dice.throw = lambda: next(coming, None)

    def sign_in(self, key: str) -> None:
        self.api.sign_in(KeyAuth("ApiKey", SecretStr(key)))

    def body(self, title: str, **more: object) -> dict[str, object]:
        return {
            "title": title,
            "type": "standalone",
            "folderId": next(iter(self.project.folders)),
            "priority": "high",
        } | more

    def run(self, title: str, **more: Any) -> NewRun:
        plan = QueryPlan(tcase_ids=tuple(self.case_ids[:2]))
        return NewRun.model_validate({"title": title, "type": "static", "query_plans": (plan,), **more})

    def file(self, name: str = "a.txt", content: bytes = b"content") -> FilePart:
        path = self.tmp_path / name
        path.write_bytes(content)
        return file_part(path)

    async def result(self, status: ResultStatus = "passed", *, case: int = 0, comment: str = "") -> int:
        new = NewResult(status=status, comment=comment, time_taken=60_000)
        return await self.api.create_result("SHOP", self.run_id, self.case_ids[case], new, HOOKS)


@asynccontextmanager
async def scene(
    tmp_path: Path, profile: Profile = "strict", *, switches: Switches | None = None, **more: Any
) -> AsyncIterator[Scene]:
    stand_in = build(StandInOptions(profile=profile), switches)
    async with scene_in(stand_in, tmp_path, **more) as made:
        yield made


@asynccontextmanager
async def scene_in(stand_in: QASphereStandIn, tmp_path: Path, **more: Any) -> AsyncIterator[Scene]:
    project = stand_in.store.add_project("SHOP", "Shop")
    stand_in.store.upsert_folder(project, ["Checkout", "Cards"], None)
    stand_in.store.add_shared_step(project, "Log in", ("Open", "It opens"))
    stand_in.store.add_shared_precondition(project, "A customer", "<p>There is a customer.</p>")
    async with qa_sphere_api(stand_in, **more) as api:
        made = Scene(Calls(api), stand_in, project, tmp_path)
        for title in ("One", "Two", "Three"):
            body = made.body(title, tags=[title.lower(), "all"], requirements=[{"text": f"REQ {title}", "url": ""}])
            made.case_ids.append((await made.api.create_case("SHOP", body, HOOKS)).id)
        made.run_id = await made.api.create_run("SHOP", made.run("First"), HOOKS)
        yield made


# --- every endpoint ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Endpoint:
    """``address``: method and path as in the dossier; ``client``: the method of the client; ``call`` uses it.

    ``refused``: profiles in which the stand-in does not have it, with the status.
    """

    address: str
    client: str
    call: Callable[[Scene], Awaitable[object]]
    refused: dict[Profile, int] = field(default_factory=dict)


def anonymous(address: str) -> str:
    """Return an address with nameless placeholders, without prefixes."""
    return re.sub(r"\{[^}]*\}", "{}", address.replace(" /api/public/v0", " "))


async def _upload_and_download(scene: Scene) -> object:
    stored = await scene.api.upload_file(scene.file(), HOOKS)
    return await scene.api.download_file(stored.id, scene.tmp_path / "back")


P = "/project/{project_id}"
ENDPOINTS = (
    Endpoint("GET /project", "projects.list", lambda s: s.api.projects()),
    Endpoint(f"GET {P}", "projects.get", lambda s: s.api.project("SHOP")),
    Endpoint(
        "POST /project", "projects.create", lambda s: s.api.create_project({"code": "NEW", "title": "New"}, HOOKS)
    ),
    Endpoint(f"GET {P}/tcase/folders", "folders.list", lambda s: s.api.folders("SHOP", 0, 10)),
    Endpoint(
        f"POST {P}/tcase/folder/bulk",
        "folders.bulk_create",
        lambda s: s.api.upsert_folders("SHOP", [(["A", "B"], "")], HOOKS),
    ),
    Endpoint(f"GET {P}/tcase", "test_cases.list", lambda s: s.api.cases("SHOP", offset=0, limit=2)),
    Endpoint(f"GET {P}/tcase/count", "test_cases.count", lambda s: s.api.count_cases("SHOP")),
    Endpoint(f"GET {P}/tcase/{{}}", "test_cases.get", lambda s: s.api.case("SHOP", s.case_ids[0])),
    Endpoint(f"POST {P}/tcase", "test_cases.create", lambda s: s.api.create_case("SHOP", s.body("Four"), HOOKS)),
    Endpoint(
        f"PATCH {P}/tcase/{{}}",
        "test_cases.update",
        lambda s: s.api.update_case("SHOP", s.case_ids[0], {"priority": "low"}, HOOKS),
    ),
    Endpoint(
        f"POST {P}/tcase/seq",
        "test_cases.by_marker",
        lambda s: s.api.cases_by_marker("SHOP", ["SHOP-001", "SHOP-999"], offset=0, limit=10),
    ),
    Endpoint(
        f"POST {P}/tcase/bulk",
        "test_cases.bulk_create",
        lambda s: s.api.create_skeletons("SHOP", ["A", "B"], [CaseSkeleton(title="x", tags=("y",))], HOOKS),
    ),
    Endpoint(f"GET {P}/custom-field", "custom_fields.list", lambda s: s.api.custom_fields("SHOP")),
    Endpoint(f"GET {P}/tag", "tags.list", lambda s: s.api.tags("SHOP")),
    Endpoint(f"GET {P}/requirement", "requirements.list", lambda s: s.api.requirements("SHOP")),
    Endpoint(f"GET {P}/shared-step", "shared_steps.list", lambda s: s.api.shared_steps("SHOP")),
    Endpoint(
        f"GET {P}/shared-step/{{}}",
        "shared_steps.get",
        lambda s: s.api.shared_step("SHOP", next(iter(s.project.shared_steps))),
    ),
    Endpoint(f"GET {P}/shared-precondition", "shared_preconditions.list", lambda s: s.api.shared_preconditions("SHOP")),
    Endpoint(
        f"GET {P}/shared-precondition/{{}}",
        "shared_preconditions.get",
        lambda s: s.api.shared_precondition("SHOP", next(iter(s.project.shared_preconditions))),
    ),
    Endpoint(f"GET {P}/milestone", "milestones.list", lambda s: s.api.milestones("SHOP", archived=False)),
    Endpoint(f"POST {P}/milestone", "milestones.create", lambda s: s.api.create_milestone("SHOP", "1.0", HOOKS)),
    Endpoint(f"GET {P}/run", "runs.list", lambda s: s.api.runs("SHOP", closed=False, limit=5)),
    Endpoint(f"POST {P}/run", "runs.create", lambda s: s.api.create_run("SHOP", s.run("Second"), HOOKS)),
    Endpoint(
        f"POST {P}/run/clone",
        "runs.clone",
        lambda s: s.api.clone_run("SHOP", RunCopy(run_id=s.run_id, title="Copy"), HOOKS),
    ),
    Endpoint(f"POST {P}/run/{{}}/close", "runs.close", lambda s: s.api.close_run("SHOP", s.run_id, HOOKS)),
    Endpoint(f"GET {P}/run/{{}}/tcase", "runs.test_cases.list", lambda s: s.api.run_cases("SHOP", s.run_id)),
    Endpoint(
        f"GET {P}/run/{{}}/tcase/{{}}", "runs.test_cases.get", lambda s: s.api.run_case("SHOP", s.run_id, s.case_ids[0])
    ),
    Endpoint(
        f"POST {P}/run/{{}}/log",
        "runs.logs.create",
        lambda s: s.api.add_run_log("SHOP", s.run_id, "<p>Moved</p>", HOOKS),
    ),
    Endpoint(f"POST {P}/run/{{}}/tcase/{{}}/result", "results.create", lambda s: s.result()),
    Endpoint(
        f"POST {P}/run/{{}}/result/batch",
        "results.batch_create",
        lambda s: s.api.create_results("SHOP", s.run_id, [(s.case_ids[0], NewResult(status="failed"))], HOOKS),
    ),
    Endpoint(
        f"POST {P}/plan",
        "test_plans.create",
        lambda s: s.api.create_plan(
            "SHOP",
            NewPlan(title="Plan", runs=(PlanRun(title="R", query_plans=(QueryPlan(tcase_ids=(s.case_ids[0],)),)),)),
            HOOKS,
        ),
    ),
    Endpoint("POST /file", "files.upload", lambda s: s.api.upload_file(s.file(), HOOKS)),
    Endpoint("POST /file/batch", "files.batch_upload", lambda s: s.api.upload_files([s.file(), s.file("b")], HOOKS)),
    Endpoint("GET /api/file/{file_id}", "files.download", _upload_and_download),
    Endpoint("GET /settings/preferences/status", "settings.list_statuses", lambda s: s.api.statuses()),
    Endpoint(
        "POST /settings/preferences/status",
        "settings.update_statuses",
        lambda s: s.api.update_statuses(
            [StatusChange(id="custom1", name="Retest", color="orange", is_active=True)], HOOKS
        ),
    ),
    Endpoint("GET /users", "users.list", lambda s: s.api.users()),
    Endpoint("GET /users/me", "users.me", lambda s: s.api.me(), {"odd": 404}),
    Endpoint("GET /audit-logs", "audit_logs.list", lambda s: s.api.audit_logs(), {"odd": 402}),
)


def refuse_files(stand_in: QASphereStandIn, *names: str) -> list[str]:
    """Refuse every upload that holds one of these files, as long as the answer names it."""
    refused = list(names)
    shell = shell_of(stand_in.app)
    answer = shell._answer

    async def answered(request: Any, handler: Any, fault: FaultKind | None) -> Any:
        if request.path.endswith("/file/batch"):
            body = await request.read()
            if any(f'filename="{name}"'.encode() in body for name in refused):
                return shell._error(400, "this file is not wanted")
        return await answer(request, handler, fault)

    shell._answer = answered
    return refused
