"""What Workiva documents beside what this program reads: changed cells, and errors in full."""

from typing import Any

import aiohttp

from connectors.workiva.sandbox import build
from migrator.standin.serve import serve
from tests.connectors.test_schemas import token


async def test_cells_of_a_sample_are_replaced_all_or_none() -> None:
    stand_in = build()
    form, phase, matrix, sample = next(
        (form, phase, matrix, sample)
        for form in stand_in.data.forms
        for phase in form.phases
        for matrix in phase.matrices
        for sample in matrix.samples
        if sample.results
    )
    path = f"/testForms/{form.id}/testPhases/{phase.id}/matrices/{matrix.id}/samples/{sample.id}"
    good = {"op": "replace", "path": "/resultValues/0/value", "value": "FAIL"}
    wrong: list[Any] = [
        {}, [0], [good, good | {"op": "add"}], [good, good | {"value": 1}],
        [good, good | {"path": "/resultValues/99/value"}], [good | {"path": "/id"}],
    ]  # fmt: skip
    before = dict(sample.results)
    async with serve(stand_in.app) as url, aiohttp.ClientSession(url, headers=await token(url)) as session:
        for body in wrong:
            async with session.patch(path, json=body) as answer:
                assert answer.status == 400
                assert (await answer.json())["documentationUrl"]
        assert sample.results == before
        async with session.patch(path, json=[good]) as answer:
            assert (await answer.json())["resultValues"][0]["value"] == "FAIL"
        async with session.delete(path) as answer:
            assert (answer.status, (await answer.json())["code"]) == (405, "405MethodNotAllowed")


async def test_lists_of_every_kind_have_a_second_page_in_the_demo() -> None:
    stand_in = build()
    form = next(one for one in stand_in.data.forms if one.name.startswith("FIN-07"))
    matrix = form.phases[0].matrices[0]
    hostile = next(
        f"/testForms/{form.id}/testPhases/{phase.id}/matrices/{matrix.id}/samples/{sample.id}/attachments"
        for form in stand_in.data.forms
        for phase in form.phases
        for matrix in phase.matrices
        for sample in matrix.samples
        if len(sample.attachments) > 3
    )
    samples = f"/testForms/{form.id}/testPhases/{form.phases[0].id}/matrices/{matrix.id}/samples"
    records = f"/graph/records?$filter=type ne '{stand_in.data.records[0].type}'"
    async with serve(stand_in.app) as url, aiohttp.ClientSession(url, headers=await token(url)) as session:
        for path in ("/testForms", samples, hostile, records, "/graph/types"):
            async with session.get(path) as answer:
                following = (await answer.json())["@nextLink"]
            async with session.get(following) as answer:
                assert (await answer.json())["data"], path
        async with session.get("/graph/types/Control") as answer:
            assert "frequency" in (await answer.json())["properties"]
