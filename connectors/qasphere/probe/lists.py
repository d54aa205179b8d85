"""Questions about lists and filters (§1.9, §3.3)."""

from connectors.qasphere.probe.lab import Lab

_FILTERS = ("list.field_filter", "list.field_filter_several", "list.field_filter_strict")


async def ask_lists(lab: Lab) -> None:
    """Read the list of cases in several ways."""
    path = f"{lab.path}/tcase"
    link = {"text": f"Source: {lab.stamp}", "url": "https://example.com/x"}
    await lab.create_case("linked", {"links": [link]})
    newest = [("limit", "1"), ("sortField", "seq"), ("sortOrder", "desc")]
    row = (await lab.ask.get(path, newest)).get("data", 0)
    links = row.get("links") if isinstance(row, dict) else None
    lab.found("list.links", bool(links), "" if links else "the row of a case with a link has none")
    lab.status("list.limit_5001", await lab.ask.get(path, [("limit", "5001")]))
    unpaged, count = await lab.ask.get(path), await lab.ask.get(f"{path}/count")
    rows = len(unpaged.get("data") or [])
    lab.found("list.no_limit", rows == count.get("count"), f"{rows} rows of {count.get('count')}")
    await _ask_filters(lab)


async def _ask_filters(lab: Lab) -> None:
    if lab.marker_field is None:
        for key in _FILTERS:
            lab.skipped(key, "the project has no enabled custom text field to be searched by")
        return
    values = [f"probe:{lab.stamp}/{number}" for number in (1, 2)]
    for value in values:
        await lab.create_case("marked", {"customFields": {lab.marker_field: {"value": value, "isDefault": False}}})
    lab.found("list.field_filter", await _matches(lab, values[:1]) == 1)
    lab.found("list.field_filter_several", await _matches(lab, values) == 2)
    lab.found("list.field_filter_strict", await _matches(lab, [f"probe:{lab.stamp}/none"]) == 0)


async def _matches(lab: Lab, values: list[str]) -> int | None:
    query = [*((f"cf_{lab.marker_field}", value) for value in values), ("limit", "10"), ("sortField", "seq")]
    answer = await lab.ask.get(f"{lab.path}/tcase", query)
    return len(answer.get("data") or []) if answer.is_good else None
