"""List parameters: paging (§1.9), sorting and filters (§3.3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from multidict import MultiMapping

from connectors.qasphere.sandbox.store import Case, Project
from connectors.qasphere.sandbox.validate import PRIORITIES, bad

INCLUDES = {
    "precondition", "steps", "tags", "project", "folder", "path", "requirements", "customFields", "parameterValues",
}  # fmt: skip
_FILTERS = {"search", "folders", "priorities", "draft", "types", "tags", "requirementIds"}
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
    """Which rows to answer. ``limit`` None: all. ``page``: the request used pages."""

    offset: int = 0
    limit: int | None = None
    page: int | None = None


def window_of(query: MultiMapping[str]) -> Window:
    """Read offset, limit and page; 400 when they are out of range (A-10, A-11)."""
    offset, limit, page = (_integer(query, name) for name in ("offset", "limit", "page"))
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


def _integer(query: MultiMapping[str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise bad(f"{name} must be a number") from None


def includes_of(query: MultiMapping[str]) -> set[str]:
    """Read the includes; unknown ones are 400 (A-19)."""
    wanted = set(query.getall("include", []))
    if unknown := wanted - INCLUDES:
        raise bad(f"unknown include {min(unknown)}")
    return wanted


def selected(project: Project, query: MultiMapping[str]) -> list[Case]:
    """Return the cases that match all filters, sorted."""
    if not any(name in _FILTERS or name.startswith("cf_") for name in query):
        return _sorted(project.cases, query)
    return _sorted([case for case in _candidates(project, query) if _matches(project, case, query)], query)


def _candidates(project: Project, query: MultiMapping[str]) -> Iterable[Case]:
    for name in query:
        if name.startswith("cf_"):
            field = name.removeprefix("cf_")
            return [case for value in query.getall(name) for case in project.by_field.get((field, value), [])]
    return project.cases


def _matches(project: Project, case: Case, query: MultiMapping[str]) -> bool:
    checks: dict[str, Callable[[list[str]], bool]] = {
        "search": lambda values: values[0].lower() in case.title.lower(),
        "folders": lambda values: str(case.folder_id) in values,
        "priorities": lambda values: case.priority in _known(values, PRIORITIES, "priority"),
        "draft": lambda values: case.is_draft == (values[0] == "true"),
        "types": lambda values: case.type in _known(values, ("standalone", "template", "filled"), "type"),
        "tags": lambda values: any(str(project.tags.get(tag)) in values for tag in case.tags),
        "requirementIds": lambda values: any(row["id"] in values for row in case.requirements),
    }
    for name in set(query):
        values = query.getall(name)
        if name in checks and not checks[name](values):
            return False
        if name.startswith("cf_"):
            stored = case.custom_fields.get(name.removeprefix("cf_"), {}).get("value")
            if stored not in values:
                return False
    return True


def _known(values: list[str], allowed: tuple[str, ...], what: str) -> list[str]:
    for value in values:
        if value not in allowed:
            raise bad(f"unknown {what} {value}")
    return values


def _sorted(cases: list[Case], query: MultiMapping[str]) -> list[Case]:
    field, order = query.get("sortField"), query.get("sortOrder")
    if order and not field:
        raise bad("sortOrder needs sortField")
    if order not in (None, "asc", "desc"):
        raise bad("sortOrder must be asc or desc")
    if field is None:
        return sorted(cases, key=lambda case: (case.folder_id, case.pos, case.id))
    if field not in _SORTS:
        raise bad(f"unknown sortField {field}")
    descending = order != "asc"
    if field == "seq":  # they are stored in this order
        return cases[::-1] if descending else cases
    return sorted(sorted(cases, key=lambda case: case.id), key=_SORTS[field], reverse=descending)
