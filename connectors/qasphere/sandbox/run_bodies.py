"""The server's validation of runs, plans and results (§3.12 to §3.14): everything wrong is 400."""

from typing import Any

from connectors.qasphere.sandbox.readers import (
    LONGEST_HTML,
    address,
    bad,
    integer,
    named,
    objects,
    one_of,
    text,
    texts,
)
from connectors.qasphere.sandbox.runs import planned
from connectors.qasphere.sandbox.sanitise import sanitise
from connectors.qasphere.sandbox.store import Project, Store
from connectors.qasphere.sandbox.store_settings import ROLES
from connectors.qasphere.sandbox.switches import Switches
from connectors.qasphere.sandbox.validate import PRIORITIES

RUN_KEYS = {
    "title", "type", "description", "milestoneId", "configurationId", "assignmentId", "queryPlans", "links",
    "integrationLink",
}  # fmt: skip
RUN_TYPES = ("static", "static_struct", "live")
_CASES_PER_PLAN = 10_000
_KINDS = {"tcaseIds": str, "folderIds": int, "tagIds": int, "priorities": str}


class RunBody:
    """Reads a body of a run or plan; what it returns is what is stored."""

    def __init__(self, store: Store, project: Project, switches: Switches) -> None:
        self._store = store
        self._project = project
        self._switches = switches

    def common(self, body: dict[str, Any], *, longest: int = 512) -> dict[str, Any]:
        """Read what runs, clones and plans have in common."""
        description = text(body.get("description", ""), "description", 0, longest)
        _check_links(body)
        return {
            "title": named(body.get("title"), "title", 255),
            "description": sanitise(description, self._switches.html),
            "milestone_id": self._milestone(body.get("milestoneId")),
        }

    def assigned(self, body: dict[str, Any]) -> dict[str, Any]:
        """Read configuration and assignee; unknown ones are 400 (A-29)."""
        configuration, assignee = body.get("configurationId"), body.get("assignmentId")
        if (
            configuration is not None
            and text(configuration, "configurationId", 0, 255) not in self._store.configurations
        ):
            raise bad(f"unknown configuration {configuration}")
        able = [user.id for user in self._store.users if user.active and ROLES.index(user.role) > 0]
        if assignee is not None and integer(assignee, "assignmentId") not in able:
            raise bad(f"user {assignee} cannot be assigned")
        return {"configuration_id": configuration, "assignment_id": assignee}

    def plans(self, value: Any, kind: Any) -> list[dict[str, Any]]:
        """Read the query plans of a run of this type; one that selects nothing is refused (A-29)."""
        one_of(kind, "type", RUN_TYPES)
        plans = [self._plan(row, kind) for row in objects(value, "queryPlans")]
        if not plans or (kind != "live" and len(plans) > 1):
            raise bad(f"a {kind} run needs {'at least' if kind == 'live' else 'exactly'} one query plan")
        if not self._switches.empty_runs and not planned(self._project, plans):
            raise bad("the query plan matches no test case")
        return plans

    def _milestone(self, ident: Any) -> int | None:
        if ident is None:
            return None
        milestone = self._project.milestones.get(integer(ident, "milestoneId"))
        if milestone is None or milestone.archived_at:
            raise bad(f"milestone {ident} does not exist or is archived")
        return milestone.id

    def _plan(self, plan: dict[str, Any], kind: str) -> dict[str, Any]:
        if unknown := set(plan) - set(_KINDS):
            raise bad(f"unknown condition {min(unknown)}")
        if not plan or (kind == "live" and "tcaseIds" in plan):
            raise bad("a query plan needs conditions, and tcaseIds are not for live runs")
        for name, values in plan.items():
            if not isinstance(values, list) or not all(type(value) is _KINDS[name] for value in values):
                raise bad(f"{name} must be a list of {_KINDS[name].__name__}")
        if any(priority not in PRIORITIES for priority in plan.get("priorities", [])):
            raise bad("priorities must be low, medium or high")
        return plan | ({"tcaseIds": self._case_ids(plan["tcaseIds"])} if "tcaseIds" in plan else {})

    def _case_ids(self, idents: list[str]) -> list[str]:
        if len(idents) > _CASES_PER_PLAN:
            raise bad(f"tcaseIds must hold at most {_CASES_PER_PLAN} ids")
        for ident in idents:
            case = self._project.by_id.get(ident)
            if case is None or case.is_draft or case.type == "template":
                raise bad(f"test case {ident} cannot be in a run")
        return list(dict.fromkeys(idents))


def _check_links(body: dict[str, Any]) -> None:
    """Refuse wrong links of a run or plan; no answer shows right ones."""
    if body.get("links") is not None:
        texts(body["links"], "links", lambda link: text(link, "link", 1, LONGEST_HTML))
    if body.get("integrationLink") is not None:
        address(body["integrationLink"], "integrationLink")


class ResultBody:
    """Reads the body of a result."""

    def __init__(self, store: Store, switches: Switches) -> None:
        self._store = store
        self._switches = switches

    def read(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what is stored of it."""
        return {
            "status": self._status(body.get("status")),
            "comment": sanitise(text(body.get("comment", ""), "comment", 0, LONGEST_HTML), self._switches.html),
            "time_taken": None if body.get("timeTaken") is None else integer(body["timeTaken"], "timeTaken", 0),
            "links": [self._link(row) for row in objects(body.get("links"), "links", or_null=True)],
        }

    def _status(self, value: Any) -> str:
        status = self._store.statuses.get(value) if isinstance(value, str) else None
        if status is None or not status.is_active:
            raise bad(f"status {value} does not exist or is not active")
        return status.id

    def _link(self, row: dict[str, Any]) -> dict[str, Any]:
        """Read a link; without an integration it is refused, on purpose (A-37)."""
        read: dict[str, Any] = {
            "text": text(row.get("text"), "link text", 1, 255),
            "url": address(row.get("url"), "link url"),
        }
        if "meta" in row:
            read["meta"] = _meta(row["meta"])
        integration = row.get("integrationId")
        if integration is None and self._switches.lenient_result_links:
            return read
        if text(integration, "integrationId", 1, 255) not in self._store.integrations:
            raise bad(f"unknown integration {integration}")
        return read | {"integrationId": integration}


def _meta(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise bad("meta must be an object")
    return {"id": text(value["id"], "meta.id", 0, 255)} if "id" in value else {}
