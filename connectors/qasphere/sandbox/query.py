"""List parameters: paging (§1.9), sorting and filters (§3.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from multidict import MultiMapping

from connectors.qasphere.sandbox.readers import bad, number, one_of
from connectors.qasphere.sandbox.store import Case, Project
from connectors.qasphere.sandbox.validate import PRIORITIES

T = TypeVar("T")
INCLUDES = {
    "precondition", "steps", "tags", "project", "folder", "path", "requirements", "customFields", "parameterValues",
}  # fmt: skip
TYPES = ("standalone", "template", "filled")
_SORTS: dict[str, Callable[[Case], Any]] = {
    "id": lambda case: case.id,
    "seq": lambda case: case.seq,
    "folder_id": lambda case: case.folder_id,
    "author_id": lambda _case: 1,
    "pos": lambda case: case.pos,
    "title": lambda case: case.title,
    "priority": lambda case: PRIORITIES.index(case.priority),
    "created_at": lambda case: case.created_at,
    "updated_at": lambda case: case.updated_at,
    "legacy_id": lambda case: case.legacy_id,
}


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows to answer.

    Args:
        limit: None means all.
        page: the request used pages.
    """

    offset: int = 0
    limit: int | None = None
    page: int | None = None


def window_of(query: MultiMapping[str]) -> Window:
    """Read offset, limit and page; 400 when they are out of range (A-10, A-11)."""
    offset, limit, page = (integer_of(query, name) for name in ("offset", "limit", "page"))
    if limit is not None and not 0 <= limit <= 5000:
        raise bad("limit must be between 0 and 5000")
    if offset is not None:
        if offset < 0:
            raise bad("offset must not be negative")
        return Window(offset, 10 if limit is None else limit)
    if page is not None:
        if page < 1:
            raise bad("page must be at least 1")
        size = 10 if limit is None else limit
        return Window((page - 1) * size, size, page)
    return Window(0, limit)


def integer_of(query: MultiMapping[str], name: str) -> int | None:
    """Read a number; None when it is absent, 400 when it is none."""
    value = query.get(name)
    return None if value is None else number(value, name)


def numbers_of(query: MultiMapping[str], name: str) -> list[int]:
    """Read all ids of a parameter; 400 when one is none."""
    found = [number(value, name) for value in query.getall(name, [])]
    if any(one < 1 for one in found):
        raise bad(f"{name} must be ids, from 1")
    return found


def includes_of(query: MultiMapping[str]) -> set[str]:
    """Read the includes; unknown ones are 400 (A-19)."""
    wanted = set(query.getall("include", []))
    if unknown := wanted - INCLUDES:
        raise bad(f"unknown include {min(unknown)}")
    return wanted


def counted(query: MultiMapping[str]) -> bool:
    """Return whether ``tcaseCount`` was asked for, the one include of dictionaries (§3.8)."""
    wanted = set(query.getall("include", []))
    if unknown := wanted - {"tcaseCount"}:
        raise bad(f"unknown include {min(unknown)}")
    return bool(wanted)


def selected(project: Project, query: MultiMapping[str]) -> list[Case]:
    """Return the cases of a project that match all filters, sorted."""
    check_filters(query)
    order = query.get("sortOrder")
    if query.get("sortField") == "seq" and order in ("asc", "desc") and not _is_filtered(query):
        return project.cases if order == "asc" else project.cases[::-1]  # they are stored in this order
    return chosen(project, _candidates(project, query), query)


def chosen(project: Project, cases: list[Case], query: MultiMapping[str]) -> list[Case]:
    """Return those cases that match all filters, sorted."""
    check_filters(query)
    if _is_filtered(query):
        cases = [case for case in cases if _matches(project, case, query)]
    return _sorted(cases, query)


def check_filters(query: MultiMapping[str]) -> None:
    """Refuse filters that nobody can understand, also where no case would be held against them (A-19)."""
    for name in ("folders", "tags", "preconditionIds", "stepIds", "authorIds"):
        numbers_of(query, name)
    for name, allowed in (("priorities", PRIORITIES), ("types", TYPES), ("tagsFilterOp", ("and", "or", "not"))):
        for value in query.getall(name, []):
            one_of(value, name, allowed)
    for value in query.getall("draft", []):
        one_of(value, "draft", ("true", "false"))
    for name in ("createdAfter", "createdBefore"):
        if name in query:
            _moment(query, name)


def below(project: Project, ident: int) -> list[int]:
    """Return the ids of all folders below one."""
    children = [folder.id for folder in project.folders.values() if folder.parent_id == ident]
    return children + [deeper for child in children for deeper in below(project, child)]


def _is_filtered(query: MultiMapping[str]) -> bool:
    return any(name in FILTERS or name.startswith("cf_") for name in query)


def _candidates(project: Project, query: MultiMapping[str]) -> list[Case]:
    for name in query:
        if name.startswith("cf_"):
            field = name.removeprefix("cf_")
            return [case for value in query.getall(name) for case in project.by_field.get((field, value), [])]
    return project.cases


def _matches(project: Project, case: Case, query: MultiMapping[str]) -> bool:
    for name in set(query):
        if name in FILTERS and not FILTERS[name](project, case, query):
            return False
        if name.startswith("cf_"):
            stored = case.custom_fields.get(name.removeprefix("cf_"), {}).get("value")
            if stored not in query.getall(name):
                return False
    return True


def _tags_match(project: Project, case: Case, query: MultiMapping[str]) -> bool:
    wanted = set(query.getall("tags"))
    own = {str(project.tags.get(tag)) for tag in case.tags}
    operation = query.get("tagsFilterOp", "or")
    if operation == "and":
        return wanted <= own
    return bool(wanted & own) == (operation == "or")


def _moment(query: MultiMapping[str], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        raise bad(f"{name} must be a date and time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Filter = Callable[[Project, Case, MultiMapping[str]], bool]
FILTERS: dict[str, Filter] = {
    "search": lambda _project, case, query: query["search"].lower() in case.title.lower(),
    "folders": lambda _project, case, query: str(case.folder_id) in query.getall("folders"),
    "priorities": lambda _project, case, query: case.priority in query.getall("priorities"),
    "draft": lambda _project, case, query: str(case.is_draft).lower() in query.getall("draft"),
    "types": lambda _project, case, query: case.type in query.getall("types"),
    "tags": _tags_match,
    "templateTCaseIds": lambda _project, case, query: case.template_id in query.getall("templateTCaseIds"),
    "requirementIds": lambda _project, case, query: any(
        row["id"] in query.getall("requirementIds") for row in case.requirements
    ),
    "preconditionIds": lambda _project, case, query: str(case.shared_precondition) in query.getall("preconditionIds"),
    "stepIds": lambda _project, case, query: any(
        str(step.get("sharedStepId", step["id"])) in query.getall("stepIds") for step in case.steps
    ),
    "authorIds": lambda _project, _case, query: "1" in query.getall("authorIds"),
    "createdAfter": lambda _project, case, query: (
        datetime.fromisoformat(case.created_at) > _moment(query, "createdAfter")
    ),
    "createdBefore": lambda _project, case, query: (
        datetime.fromisoformat(case.created_at) < _moment(query, "createdBefore")
    ),
}


def ordered(rows: list[T], query: MultiMapping[str], sorts: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """Return rows sorted as asked, or as they are; 400 for an unknown field and for an order without one (A-11)."""
    field, order = query.get("sortField"), query.get("sortOrder")
    if order and not field:
        raise bad("sortOrder needs sortField")
    if order not in (None, "asc", "desc"):
        raise bad("sortOrder must be asc or desc")
    if field is None:
        return rows
    if field not in sorts:
        raise bad(f"unknown sortField {field}")
    return sorted(rows, key=sorts[field], reverse=order != "asc")


def _sorted(cases: list[Case], query: MultiMapping[str]) -> list[Case]:
    field = query.get("sortField")
    if field is None:
        cases = sorted(cases, key=lambda case: (case.folder_id, case.pos, case.id))
    elif field != "seq":  # numbers have no ties
        cases = sorted(cases, key=lambda case: case.id)
    return ordered(cases, query, _SORTS)
