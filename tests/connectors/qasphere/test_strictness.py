# mypy: disable-error-code="var-annotated, dict-item"
# values of all types stand side by side here
"""What the QA Sphere stand-in owes to “strict”: it refuses what is wrong, with 400 and JSON, and forgets nothing."""

import json
from typing import Any

import aiohttp
import pytest

from tests.connectors.qasphere.test_stand_in import V0, Client, P
from tests.connectors.qasphere.test_stand_in import client as client  # noqa: PLC0414 - a fixture

NESTED = "[" * 100_000
NO_IDS: tuple[Any, ...] = ([], {}, True, "x", 1.5, -1)


@pytest.fixture
async def seen(client: Client) -> Client:
    """A project with a case and a run of it."""
    _, case = await client.ask("POST", P + "/tcase", json=client.body())
    _, run = await client.ask("POST", P + "/run", json=run_body([case["id"]]))
    assert run["id"] == 1
    return client


def run_body(idents: list[Any], **more: Any) -> dict[str, Any]:
    return {"title": "R", "type": "static", "queryPlans": [{"tcaseIds": idents}], **more}


WRONG_CASES: list[dict[str, Any]] = [
    *({"folderId": value} for value in NO_IDS),
    *({"pos": value} for value in NO_IDS),
    *({"steps": [{"sharedStepId": value}]} for value in (*NO_IDS, None)),
    *({"precondition": {"sharedPreconditionId": value}} for value in (*NO_IDS, None)),
    *({"files": [{"id": value}]} for value in (*NO_IDS, None)),
    *({name: value} for name in ("title", "priority", "comment") for value in (0, [], {}, None, True)),
    *({"title": value} for value in ("", " ", "\u00a0", "a\0b", "\ud800")),
    *({"steps": [{"description": value}]} for value in (0, [], {}, None, False)),
    *({"precondition": value} for value in (0, [], "x", {"text": None}, {"text": 0})),
    {"precondition": {"text": "", "sharedPreconditionId": 1}},
    *({"isDraft": value} for value in (0, 1, "true", None)),
    *({"tags": value} for value in (0, {}, "x", [0], [[]], [""], [" "], ["a\0"])),
    *({"links": [{"text": "x", "url": url}]} for url in ("https://x y", "nope", "", "https://", 0, None, "https://x/\n")),
    {"links": [{"url": "https://x"}]},
    *({"requirements": [{"text": "R", "url": url}]} for url in ("nope", "ftp://x", 0, None, [], "https://x y")),
    {"requirements": [{"text": "R"}]},
    *({"customFields": {"kind": value}} for value in (0, [], {}, {"isDefault": "x"}, {"value": 0})),
    {"customFields": {"kind": {"isDefault": True}}},
    {"customFields": {"kind": {"value": "x", "isDefault": True}}},
    {"customFields": {"usual": {"value": "x", "isDefault": True}}},
    {"customFields": {"none": {"value": "x"}}},
    *({"steps": [{"description": "", "data": data}]} for data in (0, {}, [0], [{"type": "x"}], [{"type": "link"}])),
    {"steps": [{"description": "", "data": [{"type": "text", "text": ""}] * 21}]},
    {"steps": [{"description": "", "data": [{"type": "file", "file": {"id": "x"}}]}]},
    {"parameterValues": [{"values": {"a": "b"}}]},
    {"filledTCaseTitleSuffixParams": ["a"]},
    {"type": "filled"},
    {"type": []},
    *({"type": "template", "parameterValues": value} for value in (0, [0], [{}], [{"values": {"a": 0}}])),
]  # fmt: skip


async def test_a_case_with_something_wrong_is_refused_and_nothing_is_kept(client: Client) -> None:
    client.stand_in.store.add_custom_field("kind", "Kind")
    client.stand_in.store.add_custom_field("usual", "Usual", default="x")
    for fields in WRONG_CASES:
        status, answer = await client.ask("POST", P + "/tcase", json=client.body(**fields))
        assert (status, type(answer.get("message"))) == (400, str), fields
    assert client.project.cases == []


WRONG_BODIES: list[tuple[str, dict[str, Any]]] = [
    *((P + "/run", run_body(["CASE"], **({"title": "S"} | {name: value}))) for name, value in [
        ("configurationId", []), ("configurationId", {}), ("configurationId", 1), ("milestoneId", True),
        ("milestoneId", []), ("assignmentId", {}), ("assignmentId", True), ("description", 0), ("description", []),
        ("links", "x"), ("links", [0]), ("integrationLink", "nope"), ("type", []), ("type", None), ("title", " "),
        ("queryPlans", 0), ("queryPlans", [[]]), ("queryPlans", [{"tcaseIds": [[]]}]), ("queryPlans", []),
    ]),
    *((P + "/run/clone", {"runId": value, "title": "C"}) for value in (True, [], {}, "1", None)),
    *((P + "/plan", {"title": "P", "runs": value}) for value in (0, {}, [], [0], [{"queryPlans": [[]]}])),
    *((P + "/run/RUN/tcase/CASE/result", {"status": "passed", **more}) for more in [
        {"status": []}, {"status": {}}, {"comment": 0}, {"comment": []}, {"comment": None}, {"links": 0},
        {"timeTaken": True}, {"timeTaken": -1}, {"timeTaken": "1"},
        {"links": [{"text": "x", "url": "nope", "integrationId": "jira"}]},
        {"links": [{"text": "x", "url": "https://x", "integrationId": []}]},
        {"links": [{"text": "x", "url": "https://x", "integrationId": "jira", "meta": "x"}]},
    ]),
    *((P + "/run/RUN/result/batch", {"items": value}) for value in (0, {}, [], [0], [{"tcaseId": []}])),
    *((P + "/run/RUN/log", {"comment": value}) for value in (0, [], "", None)),
    *((P + "/milestone", {"title": value}) for value in (0, [], "", " ", None)),
    *((P + "/tcase/folder/bulk", {"folders": [{"path": path}]}) for path in (0, [], [0], [" "], ["a\0"], "ab")),
    *((P + "/tcase/folder/bulk", {"folders": [{"path": ["A"], "comment": value}]}) for value in (0, [], {})),
    *((P + "/tcase/bulk", {"folderPath": ["A"], "tcases": [value]}) for value in ({"title": "x"}, {"tags": []}, 0)),
    *((P + "/tcase/seq", {"seqIds": value}) for value in (0, {}, [0], None)),
    *((V0 + "/project", {"code": "AB", "title": "T", **more}) for more in [
        {"overviewTitle": 0}, {"links": {}}, {"skipDefaultFolder": "x"}, {"title": " "}, {"code": []},
    ]),
    *((V0 + "/settings/preferences/status", {"statuses": rows}) for rows in [
        0, [], [0], [{"id": [], "name": "x", "color": "red", "isActive": True}],
        [{"id": "custom1", "name": "x", "color": "red", "isActive": True}] * 2,
    ]),
]  # fmt: skip


async def test_other_bodies_with_something_wrong_are_refused(seen: Client) -> None:
    seen.stand_in.store.integrations.add("jira")
    noted = len(seen.stand_in.store.audit)
    for path, body in WRONG_BODIES:
        known = path.replace("RUN", "1").replace("CASE", "1")
        written = json.dumps(body).replace("CASE", seen.project.cases[0].id)
        status, answer = await seen.ask("POST", known, data=written, headers={"Content-Type": "application/json"})
        assert (status, type(answer.get("message"))) == (400, str), (path, body)
    assert len(seen.stand_in.store.audit) == noted


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (NESTED, "application/json"),
        ('{"title": ' + NESTED, "application/json"),
        ('{"title": NaN}', "application/json"),
        ('{"title": ' + "9" * 5000 + "}", "application/json"),
        ("{}", "text/plain"),
        ("{}", "application/json; charset=nothing"),
        (b"\xff\xfe", "application/json"),
        ("[]", "application/json"),
    ],
)
async def test_what_is_no_json_object_is_refused(client: Client, data: Any, content_type: str) -> None:
    status, answer = await client.ask("POST", P + "/tcase", data=data, headers={"Content-Type": content_type})
    assert (status, type(answer.get("message"))) == (400, str)


@pytest.mark.parametrize(
    "query",
    [
        "folders=x", "tags=x", "tagsFilterOp=xor", "priorities=urgent", "types=x", "draft=maybe", "createdAfter=x",
        "authorIds=x", "stepIds=x", "preconditionIds=x", "limit=%D9%A3", "offset=1_0", "include=x", "sortField=x",
        "limit=" + "9" * 5000,
    ],
)  # fmt: skip
async def test_filters_are_checked_where_no_case_could_match(client: Client, query: str) -> None:
    assert (await client.ask("GET", f"{P}/tcase?{query}"))[0] == 400
    if query.partition("=")[0] not in ("limit", "offset", "include", "sortField"):
        assert (await client.ask("GET", f"{P}/tcase/count?recursive=true&{query}"))[0] == 400


@pytest.mark.parametrize("path", ["/tcase/²", "/tcase/" + "9" * 5000, "/run/²/tcase", "/run/" + "9" * 5000 + "/tcase"])
async def test_numbers_in_paths_that_are_none_are_not_found(client: Client, path: str) -> None:
    assert (await client.ask("GET", P + path))[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b\r\n\r\n",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="\r\n\r\nx\r\n--b--',
        b"--b\r\nnot a header\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\nx\r\n--b--\r\n',
    ],
)
async def test_broken_forms_are_refused(client: Client, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for path, form in (("/file", body), ("/file/batch", body.replace(b'name="file"', b'name="files"'))):
        status, answer = await client.ask("POST", V0 + path, data=form, headers=headers)
        assert (status, type(answer.get("message"))) == (400, str)
    assert client.stand_in.store.files == {}


async def test_what_nobody_thought_of_is_answered_in_json(client: Client) -> None:
    client.project.cases = None  # type: ignore[assignment]
    status, answer = await client.ask("GET", P + "/tcase")
    assert (status, answer) == (500, {"message": "internal server error"})


async def test_what_a_case_carries_is_given_back(client: Client) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="x.sql")
    file = (await client.ask("POST", V0 + "/file", data=form))[1]
    step = {"description": "<p>a</p>", "data": [
        {"type": "text", "label": "l", "text": "t", "format": "sql"}, {"type": "link", "url": "ftp://x/y"},
    ]}  # fmt: skip
    body = client.body(files=[{"id": file["id"]}], steps=[step], links=[{"text": "x", "url": "ftp://x.example/y"}])
    _, made = await client.ask("POST", P + "/tcase", json=body)
    _, case = await client.ask("GET", f"{P}/tcase/{made['id']}")
    assert case["files"] == [{"id": file["id"], "fileName": "x.sql", "mimeType": "text/plain", "size": 1}]
    assert (case["steps"][0]["data"], case["links"]) == (step["data"], body["links"])
    _, page = await client.ask("GET", P + "/tcase?limit=1")
    assert page["data"][0]["comment"] == ""
    folder = {"path": ["Checkout"], "comment": "<script>x</script><p onclick='x'>y</p>"}
    await client.ask("POST", P + "/tcase/folder/bulk", json={"folders": [folder]})
    assert client.project.folders[client.folder].comment == "<p>y</p>"


async def test_a_change_with_a_repeated_requirement_is_400(seen: Client) -> None:
    twice = {"requirements": [{"text": "R", "url": ""}] * 2}
    assert (await seen.ask("PATCH", f"{P}/tcase/1", json=twice))[0] == 400
    assert (await seen.ask("POST", P + "/tcase", json=seen.body(**twice)))[0] == 409


async def test_custom_fields_have_dates_and_places(client: Client) -> None:
    client.stand_in.store.add_custom_field("a", "A")
    client.stand_in.store.add_custom_field("b", "B", default="x")
    rows = (await client.ask("GET", P + "/custom-field"))[1]["customFields"]
    assert [(row["pos"], row.get("defaultValue")) for row in rows] == [(0, None), (1, "x")]
    assert all(row["createdAt"] and row["updatedAt"] for row in rows)
    assert "defaultValue" not in rows[0]


async def test_every_write_stands_in_the_audit_log(seen: Client) -> None:
    _, log = await seen.ask("GET", V0 + "/audit-logs")
    assert [event["action"].rpartition("/")[2] for event in log["events"]] == ["tcase", "run"]
    assert {event["user"]["email"] for event in log["events"]} == {"admin@acme.example"}


# --- templates --------------------------------------------------------------------------------------------------------


async def template(client: Client, **more: Any) -> dict[str, Any]:
    body = client.body(
        title="Log in on ${browser}, ${nothing}", type="template", tags=["smoke"],
        precondition={"text": "<p>${browser}</p>"}, steps=[{"description": "<p>Open ${browser}</p>"}],
        filledTCaseTitleSuffixParams=["browser"],
        parameterValues=[{"values": {"browser": "Firefox"}}, {"values": {"browser": "<b>"}}], **more,
    )  # fmt: skip
    status, made = await client.ask("POST", P + "/tcase", json=body)
    assert status == 201
    return (await client.ask("GET", f"{P}/tcase/{made['id']}"))[1]  # type: ignore[no-any-return]


async def test_a_template_fills_cases(client: Client) -> None:
    whole = await template(client)
    assert (whole["numFilledTCases"], whole["filledTCaseTitleSuffixParams"]) == (2, ["browser"])
    assert [row["values"]["browser"] for row in whole["parameterValues"]] == ["Firefox", "<b>"]
    query = f"templateTCaseIds={whole['id']}&sortField=seq&sortOrder=asc&include=steps"
    _, page = await client.ask("GET", f"{P}/tcase?{query}")
    first, second = page["data"]
    assert first["title"] == "Log in on Firefox, ${nothing} (browser=Firefox)"
    assert (first["type"], first["templateTCaseId"], first["comment"]) == ("filled", whole["id"], "<p>Firefox</p>")
    assert second["steps"][0]["description"] == "<p>Open &lt;b&gt;</p>"
    assert (await client.ask("GET", P + "/tcase/count?types=filled&tags=1"))[1] == {"count": 2}
    _, rows = await client.ask("GET", P + "/tcase?types=template&include=parameterValues")
    assert [row["tcaseVersion"] for row in rows["data"][0]["parameterValues"]] == [1, 1]
    assert (await client.ask("POST", P + "/run", json=run_body([whole["id"]])))[0] == 400
    assert (await client.ask("POST", P + "/run", json=run_body([first["id"], second["id"]])))[0] == 201


async def test_a_change_of_a_template_changes_adds_and_deletes_filled_cases(client: Client) -> None:
    whole = await template(client)
    first, second = (row["tcaseId"] for row in whole["parameterValues"])
    run = (await client.ask("POST", P + "/run", json=run_body([first, second], type="static_struct")))[1]["id"]
    entries = [{"tcaseId": second, "values": {"browser": "Edge"}}, {"values": {"browser": "Chrome"}}]
    change = {"title": "On ${browser}", "parameterValues": entries}
    status, _ = await client.ask("PATCH", f"{P}/tcase/{whole['id']}", json=change)
    assert status == 200
    after = (await client.ask("GET", f"{P}/tcase/{whole['id']}"))[1]
    assert [row["values"]["browser"] for row in after["parameterValues"]] == ["Edge", "Chrome"]
    assert after["parameterValues"][0]["tcaseId"] == second
    assert after["parameterValues"][0]["tcaseVersion"] == 2
    assert (await client.ask("GET", f"{P}/tcase/{first}"))[0] == 404
    assert (await client.ask("GET", f"{P}/tcase/{second}"))[1]["title"] == "On Edge (browser=Edge)"
    rows = (await client.ask("GET", f"{P}/run/{run}/tcase"))[1]["tcases"]
    assert {row["id"] for row in rows} == {first, second}
    assert sorted(case.pos for case in client.project.cases) == [0, 1, 2]


@pytest.mark.parametrize(
    ("which", "change", "status"),
    [
        (0, {"title": "x"}, 200), (0, {"parameterValues": []}, 200), (0, {"title": "x" * 500}, 400),
        (0, {"parameterValues": [{"tcaseId": "x", "values": {}}]}, 400),
        (1, {"priority": "low"}, 200), (1, {"title": "x"}, 400),
        (1, {"priority": "low", "steps": []}, 400),
    ],
)  # fmt: skip
async def test_what_of_templates_and_filled_cases_may_change(
    client: Client, which: int, change: dict[str, Any], status: int
) -> None:
    whole = await template(client)
    ident = [whole["id"], whole["parameterValues"][0]["tcaseId"]][which]
    assert (await client.ask("PATCH", f"{P}/tcase/{ident}", json=change))[0] == status
    count = (await client.ask("GET", P + "/tcase/count"))[1]["count"]
    assert count == (1 if change == {"parameterValues": []} else 3)
