"""Milestones, runs and plans (§3.11, §3.12, §3.14)."""

from typing import Any

from aiohttp import web

from connectors.qasphere.sandbox.access import Access, case_of, flag_of, json_of, number_in_path
from connectors.qasphere.sandbox.query import chosen, integer_of, numbers_of
from connectors.qasphere.sandbox.readers import LONGEST_HTML, Refused, bad, integer, named, objects
from connectors.qasphere.sandbox.run_bodies import RUN_KEYS, RunBody
from connectors.qasphere.sandbox.run_views import milestone_view, run_case_view, run_view, whole_run_case_view
from connectors.qasphere.sandbox.runs import close, fill, member, members, next_id, planned
from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.sandbox.store_cases import Case
from connectors.qasphere.sandbox.store_runs import Milestone, Plan, Run, RunCase
from connectors.qasphere.sandbox.views import folder_view

_CLONE_KEYS = RUN_KEYS - {"type", "queryPlans"} | {"runId"}
_PLAN_KEYS = {"title", "description", "milestoneId", "integrationLink", "runs"}


class RunHandlers(Access):
    """One method per endpoint. Ids count per project (A-07)."""

    # --- milestones ---------------------------------------------------------------------------------------------------

    async def milestones(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        archived = flag_of(request.query, "archived")
        rows = [row for row in project.milestones.values() if archived in (None, row.archived_at is not None)]
        return self._listed("milestones", [milestone_view(row) for row in rows])

    async def create_milestone(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        title = named(self._only_known(await json_of(request), {"title"}).get("title"), "title", 255)
        taken = any(row.title == title for row in project.milestones.values())
        if taken and not self._switches.milestone_twice:
            raise Refused(409, "milestone title must be unique within the project")
        milestone = Milestone(next_id(project.milestones), title)
        project.milestones[milestone.id] = milestone
        return self._created({"id": milestone.id})

    # --- runs ---------------------------------------------------------------------------------------------------------

    async def runs(self, request: web.Request) -> web.Response:
        """Newest first; the limit cuts off, there is no offset (A-30)."""
        project = self._project(request, "viewer")
        closed, limit = flag_of(request.query, "closed"), integer_of(request.query, "limit")
        if limit is not None and limit < 0:
            raise bad("limit must not be negative")
        milestones = numbers_of(request.query, "milestoneIds")
        configurations = request.query.getall("configurationIds", [])
        rows = [
            run
            for run in reversed(project.runs.values())
            if closed in (None, run.closed_at is not None)
            and (not milestones or run.milestone_id in milestones)
            and (not configurations or run.configuration_id in configurations)
        ]
        views = [run_view(project, run, self._switches) for run in rows[:limit]]
        done = sum(run.closed_at is not None for run in project.runs.values())
        listing = views or None if self._switches.null_lists else views
        return web.json_response({"runs": listing, "open": len(project.runs) - done, "closed": done})

    async def create_run(self, request: web.Request) -> web.Response:
        project = self._project(request, "test-runner")
        run = self._new_run(project, self._only_known(await json_of(request), RUN_KEYS))
        self._refuse_clash(project.runs.values(), run, "run")
        project.runs[run.id] = run
        return self._created({"id": run.id})

    def _new_run(self, project: Project, body: dict[str, Any], *, kind: Any = None) -> Run:
        reader = RunBody(self._store, project, self._switches)
        common, assigned = reader.common(body), reader.assigned(body)
        kind = body.get("type", kind)
        plans = reader.plans(body.get("queryPlans"), kind)
        run = Run(next_id(project.runs), type=kind, query_plans=plans, **common, **assigned)
        fill(run, planned(project, plans))
        return run

    def _refuse_clash(self, others: Any, new: Run | Plan, word: str) -> None:
        """Titles are unique within a milestone, closed runs included (A-28)."""
        for other in others:
            if (other.title, other.milestone_id) == (new.title, new.milestone_id):
                message = f"{word} title must be unique within the milestone, conflicting {word} id: {other.id}"
                raise Refused(self._switches.title_clash_status, message)

    async def clone_run(self, request: web.Request) -> web.Response:
        """Copy the cases in their present versions, and no results (A-31)."""
        project = self._project(request, "test-runner")
        body = self._only_known(await json_of(request), _CLONE_KEYS)
        original = project.runs.get(integer(body.get("runId"), "runId"))
        if original is None:
            raise Refused(404, "run not found")
        reader = RunBody(self._store, project, self._switches)
        common, assigned = reader.common(body), reader.assigned(body)
        run = Run(next_id(project.runs), type=original.type, query_plans=original.query_plans, **common, **assigned)
        self._refuse_clash(project.runs.values(), run, "run")
        fill(run, [project.by_id[case.id] for _, case in members(project, original) if case.id in project.by_id])
        project.runs[run.id] = run
        return self._created({"id": run.id})

    async def close_run(self, request: web.Request) -> web.Response:
        project = self._project(request, "test-runner")
        run = run_of(project, request)
        if run.closed_at is None:
            close(project, run)
        elif not self._switches.close_twice:
            raise Refused(409, "run is closed")
        return web.json_response({"message": "Run closed"})

    async def run_cases(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        run = run_of(project, request)
        if set(request.query.getall("include", [])) - {"folder"}:
            raise bad("unknown include")
        pairs = members(project, run)
        rows = {case.id: row for row, case in pairs}
        found = chosen(project, [case for _, case in pairs], request.query)
        with_folder = "include" in request.query
        views = [run_case_view(rows[case.id], case) | _folder(project, case, with_folder) for case in found]
        return self._listed("tcases", views)

    async def run_case(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        row, case = member_of(project, run_of(project, request), request.match_info["case"])
        view = whole_run_case_view(project, row, case)
        if not self._switches.results_in_case:
            del view["results"]
        return web.json_response(view)

    # --- plans --------------------------------------------------------------------------------------------------------

    async def create_plan(self, request: web.Request) -> web.Response:
        """Make a plan and its runs, all or nothing (A-38)."""
        project = self._project(request, "test-runner")
        body = self._only_known(await json_of(request), _PLAN_KEYS)
        common = RunBody(self._store, project, self._switches).common(body, longest=LONGEST_HTML)
        plan = Plan(next_id(project.plans), **common)
        rows = objects(body.get("runs"), "runs")
        if not rows:
            raise bad("runs must hold at least one entry")
        runs = [self._run_of_plan(project, plan, row) for row in rows]
        self._refuse_clash(project.plans.values(), plan, "plan")
        for number, run in enumerate(runs):
            self._refuse_clash([*project.runs.values(), *runs[:number]], run, "run")
        for run in runs:
            run.id = next_id(project.runs)
            project.runs[run.id] = run
        plan.run_ids = [run.id for run in runs]
        project.plans[plan.id] = plan
        return self._created({"id": plan.id})

    def _run_of_plan(self, project: Project, plan: Plan, row: dict[str, Any]) -> Run:
        if len(objects(self._only_known(row, RUN_KEYS).get("queryPlans"), "queryPlans")) != 1:
            raise bad("a run of a plan needs exactly one query plan")
        run = self._new_run(project, row | {"milestoneId": plan.milestone_id}, kind="static")
        run.plan_id = plan.id
        return run


def run_of(project: Project, request: web.Request) -> Run:
    """Return the run in the path; 404 without one."""
    run = project.runs.get(number_in_path(request, "run", "run"))
    if run is None:
        raise Refused(404, "run not found")
    return run


def member_of(project: Project, run: Run, wanted: str) -> tuple[RunCase, Case]:
    """Return a case of the run by id, number or legacy id; 404 when it is not in the run."""
    found = member(project, run, case_of(project, wanted))
    if found is None:
        raise Refused(404, "test case is not in the run")
    return found


def _folder(project: Project, case: Case, wanted: bool) -> dict[str, Any]:
    folder = project.folders.get(case.folder_id) if wanted else None
    return {"folder": folder_view(project, folder)} if folder else {}
