"""Questions about lists and filters (§1.9, §3.3)."""

from functools import partial
from typing import Any

from connectors.qasphere.probe.asker import Answer, Stuck
from connectors.qasphere.probe.lab import Lab, needed
from migrator.core.plural import number

_FILTERS = ("list.field_filter", "list.field_filter_several", "list.field_filter_strict")


async def ask_lists(lab: Lab) -> None:
    """Read the list of cases in several ways."""
    path = f"{lab.path}/tcase"
    with lab.asking("list.links", "list.precondition"):
        await _ask_rows(lab)
    with lab.asking("list.limit_5001"):
        lab.status("list.limit_5001", await lab.ask.get(path, [("limit", "5001")]))
    with lab.asking("list.no_limit"):
        unpaged = needed("the list without limit was refused", await lab.ask.get(path))
        count = needed("the cases could not be counted", await lab.ask.get(f"{path}/count"))
        rows = len(unpaged.get("data") or [])
        lab.found("list.no_limit", rows == count.get("count"), f"{number(rows, 'row')} of {count.get('count')}")
    with lab.asking(*_FILTERS):
        await _ask_filters(lab)


async def _ask_rows(lab: Lab) -> None:
    link = {"text": f"Source: {lab.stamp}", "url": "https://example.com/x"}
    more = {"links": [link], "precondition": {"text": f"<p>before {lab.stamp}</p>"}}
    created = await lab.prepared("a case with a link was refused", partial(lab.create_case, "linked", more))
    links = (await _row(lab, created)).get("links")
    lab.found("list.links", bool(links), "" if links else "the row of a case with a link has none")
    found = "unasked" if lab.stamp in str((await _row(lab, created)).get("precondition")) else ""
    if not found:
        included = await _row(lab, created, ("include", "precondition"))
        found = "included" if lab.stamp in str(included.get("precondition")) else "never"
    lab.found("list.precondition", found)


async def _row(lab: Lab, created: Answer, *more: tuple[str, str]) -> dict[str, Any]:
    query = [("limit", "10"), ("sortField", "seq"), ("sortOrder", "desc"), *more]
    answer = needed("the cases could not be listed", await lab.ask.get(f"{lab.path}/tcase", query))
    for row in answer.get("data") or []:
        if isinstance(row, dict) and row.get("id") == created.get("id"):
            return row
    raise Stuck("the list does not show a case that was just created")


async def _ask_filters(lab: Lab) -> None:
    if lab.marker_field is None:
        raise Stuck("the project has no enabled custom text field to be searched by")
    values = [f"probe:{lab.stamp}/{number}" for number in (1, 2)]
    made = []
    for value in values:
        more = {"customFields": {lab.marker_field: {"value": value, "isDefault": False}}}
        created = await lab.prepared("a case with a marker was refused", partial(lab.create_case, "marked", more))
        made.append(created.get("id"))
    one, several, none = [await _matching(lab, wanted) for wanted in (values[:1], values, [f"{values[0]}/none"])]
    lab.found("list.field_filter", made[0] in _idents(one) and made[1] not in _idents(one), one.message)
    lab.found("list.field_filter_several", set(made) <= _idents(several), several.message)
    needed("the filter was refused", none)
    lab.found("list.field_filter_strict", not _idents(none))


async def _matching(lab: Lab, values: list[str]) -> Answer:
    query = [*((f"cf_{lab.marker_field}", value) for value in values), ("limit", "10"), ("sortField", "seq")]
    return await lab.ask.get(f"{lab.path}/tcase", query)


def _idents(answer: Answer) -> set[Any]:
    return {row.get("id") for row in answer.get("data") or []}
