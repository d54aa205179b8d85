"""The QA Sphere stand-in, asked as the vendor's own clients ask it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from connectors.qasphere.sandbox import ADMIN_KEY, RUNNER_KEY, VIEWER_KEY, QASphereStandIn, Switches, build
from connectors.qasphere.sandbox.ids import hqid
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve

V0 = "/api/public/v0"
P = V0 + "/project/SHOP"


class Client:
    """Asks one stand-in; answers are (status, document)."""

    def __init__(self, session: aiohttp.ClientSession, stand_in: QASphereStandIn) -> None:
        self.session = session
        self.stand_in = stand_in
        self.project = stand_in.store.add_project("SHOP", "Shop")
        self.folder = stand_in.store.upsert_folder(self.project, ["Checkout"], None)[0]

    async def ask(self, method: str, path: str, *, key: str = ADMIN_KEY, scheme: str = "Bearer", **more: Any) -> Any:
        headers = {"Authorization": f"{scheme} {key}"} | more.pop("headers", {})
        async with self.session.request(method, path, headers=headers, **more) as answer:
            return answer.status, await answer.json()

    def body(self, **fields: Any) -> dict[str, Any]:
        return {"title": "Pay", "type": "standalone", "folderId": self.folder, "priority": "high", **fields}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    stand_in = build()
    async with serve(stand_in.app) as url, aiohttp.ClientSession(url) as session:
        yield Client(session, stand_in)


@pytest.mark.parametrize("scheme", ["Bearer", "ApiKey"])
async def test_both_schemes_are_taken(client: Client, scheme: str) -> None:
    status, document = await client.ask("GET", P, scheme=scheme)
    assert (status, document["code"]) == (200, "SHOP")


@pytest.mark.parametrize(
    ("key", "scheme", "method", "path", "status"),
    [
        ("no-dots", "Bearer", "GET", P, 401),
        ("a.b.c", "Bearer", "GET", P, 401),
        (ADMIN_KEY, "Basic", "GET", P, 401),
        (VIEWER_KEY, "Bearer", "GET", P, 200),
        (VIEWER_KEY, "Bearer", "POST", P + "/tcase/folder/bulk", 403),
        (RUNNER_KEY, "Bearer", "POST", P + "/tcase", 403),
        (ADMIN_KEY, "Bearer", "GET", V0 + "/project/NONE", 404),
        (ADMIN_KEY, "Bearer", "DELETE", P, 404),
        (ADMIN_KEY, "Bearer", "GET", V0 + "/nothing", 404),
        (ADMIN_KEY, "Bearer", "GET", P + "/tcase/99", 404),
    ],
)
async def test_every_refusal_has_a_message(
    client: Client, key: str, scheme: str, method: str, path: str, status: int
) -> None:
    got, document = await client.ask(method, path, key=key, scheme=scheme, json={} if method == "POST" else None)
    assert got == status
    if status >= 400:
        assert isinstance(document["message"], str)


async def test_folders_are_upserted_by_path_and_answer_the_same_ids(client: Client) -> None:
    body = {"folders": [{"path": ["A", "B"], "comment": "x"}, {"path": ["A"]}]}
    status, first = await client.ask("POST", P + "/tcase/folder/bulk", json=body)
    _, second = await client.ask("POST", P + "/tcase/folder/bulk", json={"folders": [{"path": ["A", "B", "C"]}]})
    assert status == 200
    assert first["ids"][0][0] == first["ids"][1][0]
    assert second["ids"][0][:2] == first["ids"][0]
    assert client.project.folders[first["ids"][0][1]].comment == "x"


@pytest.mark.parametrize(
    "body",
    [
        {"folders": []},
        {"folders": [{"path": []}]},
        {"folders": [{"path": [" "]}]},
        {"folders": [{"path": ["a/b"]}]},
        {"folders": [{"path": ["x" * 256]}]},
        {"folders": [{"path": ["ok"]}, {"path": [""]}]},
    ],
)
async def test_bad_folders_are_refused_and_nothing_is_stored(client: Client, body: dict[str, Any]) -> None:
    status, _ = await client.ask("POST", P + "/tcase/folder/bulk", json=body)
    assert status == 400
    assert len(client.project.folders) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"title": ""}, 400),
        ({"title": "x" * 512}, 400),
        ({"priority": "urgent"}, 400),
        ({"type": "filled"}, 400),
        ({"folderId": 999}, 404),
        ({"pos": 7}, 409),
        ({"steps": [{}]}, 400),
        ({"steps": [{"sharedStepId": 1}]}, 404),
        ({"precondition": {"text": "a", "sharedPreconditionId": 1}}, 400),
        ({"tags": [""]}, 400),
        ({"tags": ["x" * 256]}, 400),
        ({"links": [{"text": "a", "url": "no-url"}]}, 400),
        ({"files": [{"id": "unknown"}]}, 400),
        ({"requirements": [{"text": "a", "url": ""}, {"text": "a", "url": ""}]}, 409),
        ({"customFields": {"nope": {"value": "x"}}}, 400),
        ({"customFields": {"severity": {"value": "Huge"}}}, 400),
        ({"parameterValues": [{"values": {"a": "1"}}]}, 400),
        ({"customFields": {"severity": {"value": "High"}}}, 201),
    ],
)
async def test_the_validation_of_a_create(client: Client, fields: dict[str, Any], status: int) -> None:
    client.stand_in.store.add_custom_field("severity", "Severity", "dropdown", options=("Low", "High"))
    got, document = await client.ask("POST", P + "/tcase", json=client.body(**fields))
    assert got == status, document
    assert len(client.project.cases) == (1 if status == 201 else 0)


async def test_html_is_sanitised_and_escaped_as_the_server_does(client: Client) -> None:
    dirty = "<p onclick='x'>a \"q\" & <b>b</b></p><script>alert(1)</script><table><tr><td>t</td></tr></table>"
    _, created = await client.ask("POST", P + "/tcase", json=client.body(precondition={"text": dirty}))
    _, case = await client.ask("GET", f"{P}/tcase/{created['id']}")
    assert case["precondition"]["text"] == "<p>a &#34;q&#34; &amp; <b>b</b></p>t"


async def test_an_update_replaces_lists_merges_fields_and_makes_a_version(client: Client) -> None:
    for name in ("one", "two"):
        client.stand_in.store.add_custom_field(name, name)
    fields = {"customFields": {"one": {"value": "1"}, "two": {"value": "2"}}, "tags": ["a", "b"]}
    steps = [{"description": "x", "expected": ""}]
    _, created = await client.ask("POST", P + "/tcase", json=client.body(**fields, steps=steps))
    _, before = await client.ask("GET", f"{P}/tcase/{created['seq']}")
    change = {"tags": ["c"], "customFields": {"one": {"value": "9"}}}
    status, document = await client.ask("PATCH", f"{P}/tcase/{created['id']}", json=change)
    assert (status, document) == (200, {"message": "Test case updated"})
    _, after = await client.ask("GET", f"{P}/tcase/{created['id']}")
    assert [tag["title"] for tag in after["tags"]] == ["c"]
    assert {name: value["value"] for name, value in after["customFields"].items()} == {"one": "9", "two": "2"}
    assert after["version"] == before["version"] + 1
    assert after["steps"][0]["id"] != before["steps"][0]["id"]
    found = (await client.ask("GET", P + "/tcase", params={"cf_one": "9"}))[1]["data"]
    assert [row["id"] for row in found] == [created["id"]]
    assert (await client.ask("GET", P + "/tcase", params={"cf_one": "1"}))[1]["data"] == []
    draft = await client.ask("PATCH", f"{P}/tcase/{created['id']}", json={"isDraft": True})
    assert draft[0] == 400


async def test_pages_sort_filter_and_include(client: Client) -> None:
    for number in range(12):
        title, priority = f"Case {number}", "low" if number % 2 else "high"
        await client.ask(
            "POST", P + "/tcase", json=client.body(title=title, priority=priority, tags=[f"t{number % 3}"])
        )
    query = {"offset": 2, "limit": 3, "sortField": "seq", "sortOrder": "desc", "priorities": "low"}
    _, page = await client.ask("GET", P + "/tcase", params=query)
    assert [row["seq"] for row in page["data"]] == [8, 6, 4]
    assert (page["total"], page["offset"], page["limit"]) == (6, 2, 3)
    assert "steps" not in page["data"][0]
    _, page = await client.ask("GET", P + "/tcase?include=steps&include=tags&limit=1&sortField=seq&sortOrder=asc")
    assert page["data"][0]["tags"][0]["title"] == "t0"
    assert (await client.ask("GET", P + "/tcase?limit=0"))[1]["data"] is None
    assert (await client.ask("GET", P + "/tcase?offset=99&limit=5"))[1]["data"] == []
    for bad in ("limit=5001", "limit=-1", "page=0", "sortOrder=asc", "sortField=nope", "include=nope"):
        assert (await client.ask("GET", f"{P}/tcase?{bad}"))[0] == 400
    assert (await client.ask("GET", P + "/tcase/count"))[1] == {"count": 12}


async def test_markers_bulk_and_reads_of_the_vendors_command_line(client: Client) -> None:
    body = {"folderPath": ["CI", "Nightly"], "tcases": [{"title": "a", "tags": []}, {"title": "b", "tags": ["x"]}]}
    status, made = await client.ask("POST", P + "/tcase/bulk", json=body)
    assert status == 201
    _, page = await client.ask("POST", P + "/tcase/seq", json={"seqIds": ["SHOP-002", "SHOP-999"]})
    assert [row["id"] for row in page["data"]] == [made["tcases"][1]["id"]]
    _, case = await client.ask("GET", f"{P}/tcase/{made['tcases'][0]['seq']}")
    assert "files" in case
    assert (await client.ask("GET", V0 + "/users/me"))[1]["user"]["role"] == "admin"


async def test_an_archived_project_refuses_every_write(client: Client) -> None:
    client.project.archived_at = "2026-01-01T00:00:00Z"
    for method, path in (("POST", "/tcase"), ("POST", "/tcase/folder/bulk"), ("POST", "/tcase/bulk")):
        status, document = await client.ask(method, P + path, json={})
        assert (status, document["message"]) == (403, "project is archived")
    assert (await client.ask("GET", P + "/tcase"))[0] == 200


async def test_a_new_project_gets_a_default_folder_unless_told_not_to(client: Client) -> None:
    await client.ask("POST", V0 + "/project", json={"code": "one", "title": "One"})
    await client.ask("POST", V0 + "/project", json={"code": "TWO", "title": "Two", "skipDefaultFolder": True})
    assert (await client.ask("POST", V0 + "/project", json={"code": "ONE", "title": "x"}))[0] == 409
    counts = {code: len(client.stand_in.store.projects[code].folders) for code in ("ONE", "TWO")}
    assert counts == {"ONE": 1, "TWO": 0}


async def test_the_limit_answers_429_as_documented() -> None:
    stand_in = build(StandInOptions(rate=5))
    async with serve(stand_in.app) as url, aiohttp.ClientSession(url) as session:
        client = Client(session, stand_in)
        answers = [await client.ask("GET", P) for _ in range(8)]
    refused = [document for status, document in answers if status == 429]
    assert refused
    assert refused[0] == {"message": "Too many requests, please try again later."}


async def test_switches_change_single_behaviours() -> None:
    stand_in = build(switches=Switches(unknown_fields="reject", old_envelope=True, users_me=False))
    async with serve(stand_in.app) as url, aiohttp.ClientSession(url) as session:
        client = Client(session, stand_in)
        assert (await client.ask("POST", P + "/tcase", json=client.body(colour="red")))[0] == 400
        assert (await client.ask("GET", P + "/tcase?limit=5&offset=0"))[1] == {
            "data": [], "total": 0, "page": 1, "limit": 5,
        }  # fmt: skip
        assert (await client.ask("GET", V0 + "/users/me"))[0] == 404


@pytest.mark.parametrize("value", [0, 57, 58, 2**128 - 1])
def test_ids_have_23_characters(value: int) -> None:
    assert len(hqid(value)) == 23
    assert hqid(value)[9] == "_"
