"""What QAComplete documents beside what this program reads: departments, links as files, changed files, refusals."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from connectors.qacomplete.sandbox import BASE_PATH, USERNAME, build
from migrator.standin.serve import serve
from tests.connectors.qacomplete.test_stand_in import login

V1 = BASE_PATH + "/v1"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(build().app) as url, aiohttp.ClientSession(url, headers=login(USERNAME)) as opened:
        yield opened


async def ask(session: aiohttp.ClientSession, method: str, path: str, **more: Any) -> tuple[int, Any]:
    async with session.request(method, V1 + path, **more) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


async def test_departments_are_read(session: aiohttp.ClientSession) -> None:
    _, listed = await ask(session, "GET", "/depts")
    (department,) = listed["results"]
    assert (await ask(session, "GET", f"/depts/{department['id']}")) == (200, department)
    users = (await ask(session, "GET", f"/depts/{department['id']}/users"))[1]["results"]
    assert users == (await ask(session, "GET", "/projects/12/users"))[1]["results"]
    assert (await ask(session, "GET", "/depts/99"))[0] == 404


async def test_folders_carry_their_whole_path(session: aiohttp.ClientSession) -> None:
    _, listed = await ask(session, "GET", "/projects/12/tests/folders?limit=100")
    titles = {row["id"]: row["full_folder_name"] for row in listed["results"]}
    for row in listed["results"]:
        if "Ring" in row["folder_name"]:  # these lie within each other
            continue
        above = titles.get(row["parent_id"])
        assert row["full_folder_name"] == (f"{above}/{row['folder_name']}" if above else row["folder_name"])
    assert any("/" in title for title in titles.values())


@pytest.mark.parametrize("body", ["[]", '"x"', "0", "null", "", "{", "[" * 100_000])
async def test_a_search_whose_body_is_no_object_is_refused(session: aiohttp.ClientSession, body: str) -> None:
    for kind in ("tests", "requirements", "defects", "configurations"):
        path = f"/projects/12/{kind}/search"
        assert (await ask(session, "POST", path, data=body, headers={"Content-Type": "application/json"}))[0] == 400


@pytest.mark.parametrize("code", ["tests", "teststeps", "testsets", "bugs", "functionalspecs", "releases"])
async def test_files_of_what_does_not_exist_are_missing(session: aiohttp.ClientSession, code: str) -> None:
    assert (await ask(session, "GET", f"/projects/12/{code}/999999/files"))[0] == 404


async def test_a_file_may_be_a_link_and_is_changed_and_removed(session: aiohttp.ClientSession) -> None:
    test = (await ask(session, "GET", "/projects/12/tests?limit=1"))[1]["results"][0]["id"]
    files = f"/projects/12/tests/{test}/files"
    before = (await ask(session, "GET", files))[1]["metadata"]["result_set"]["total"]
    for link in ("https://wiki.example/a?b=c", r"\\server\share\plan.doc", "nothing like it"):
        with aiohttp.MultipartWriter("form-data") as form:
            form.append(link).set_content_disposition("form-data", name="Link")
        status, row = await ask(session, "POST", files, data=form)
        assert status == (400 if link.startswith("nothing") else 200)
        assert row is None or row["file_name"] == row["title"] == link
    one = (await ask(session, "GET", files))[1]["results"][-1]
    assert (await ask(session, "GET", f"{files}/{one['id']}/content"))[0] == 404
    assert (await ask(session, "PUT", f"{files}/{one['id']}", json={"Comments": "x"}))[0] == 400
    assert (await ask(session, "PUT", f"{files}/{one['id']}", json={"Title": "T", "Comments": "x"}))[1]["title"] == "T"
    assert (await ask(session, "PATCH", f"{files}/{one['id']}", json={"Comments": "y"}))[1]["comments"] == "y"
    assert (await ask(session, "DELETE", f"{files}/{one['id']}"))[0] == 200
    assert (await ask(session, "GET", files))[1]["metadata"]["result_set"]["total"] == before + 1
