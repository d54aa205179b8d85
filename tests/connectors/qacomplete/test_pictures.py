"""Pictures that texts show: fetched from the web application itself, and from nowhere else."""

from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import Switches, build, demo_company
from connectors.qacomplete.sandbox.sample_files import PICTURE
from migrator.core.errors import ContentReason, ContentTrouble
from migrator.core.model import TestCase
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, records_of
from tests.support.qacomplete_files import LIMIT, nothing_there, opened


@pytest.mark.parametrize("spelling", ["{path}", "{url}{path}", " {url}{path}#top"])
async def test_a_picture_of_the_web_application_is_fetched(tmp_path: Path, spelling: str) -> None:
    data = demo_company()
    async with serve(build(data=data).app) as url, open_source(url) as source:
        case = next(r.entity for r in await records_of(source, "tests") if r.entity.ref.ids[1] == "1001")
        assert isinstance(case, TestCase)
        assert case.description is not None
        assert PICTURE in case.description.value
        address = spelling.format(url=url, path=PICTURE)
        content = await source.fetch_picture(address, tmp_path / "x", max_bytes=LIMIT)
    assert content.media_type == "image/png"
    assert (tmp_path / "x").read_bytes() == data.pictures[PICTURE]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://pictures.example/a.png", "foreign"),
        ("//pictures.example/a.png", "foreign"),
        ("http://127.0.0.1:1/a.png", "foreign"),
        ("https://[broken", "foreign"),
        ("file:///etc/passwd", "foreign"),
        ("data:image/png;base64,AAAA", "foreign"),
        ("/images/nothing.png", "missing"),
        ("/rest-api/service/api/v1/projects", "refused"),
    ],
)
async def test_other_addresses_are_no_pictures(tmp_path: Path, address: str, reason: ContentReason) -> None:
    async with opened(demo_company()) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(address, tmp_path / "x", max_bytes=LIMIT)
    assert caught.value.reason == reason
    nothing_there(tmp_path / "x")


async def test_a_log_in_page_is_no_picture(tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><html>please log in</html>"
    data = demo_company()
    data.pictures[PICTURE] = page
    async with opened(data) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=LIMIT)
    assert caught.value.reason == "no_image"
    nothing_there(tmp_path / "x")


async def test_a_picture_may_be_too_large(tmp_path: Path) -> None:
    async with opened(demo_company()) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=10)
    assert caught.value.reason == "too_large"
    nothing_there(tmp_path / "x")


async def test_a_text_fetches_nothing_with_this_programs_rights(tmp_path: Path) -> None:
    """Whoever may write one text could read every picture that the migration's account may see."""
    async with opened(demo_company(), Switches(pictures_need_login=True)) as (_, source):
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=LIMIT)
    assert caught.value.reason == "refused"
    nothing_there(tmp_path / "x")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


@pytest.mark.parametrize(
    ("data", "arrives"),
    [
        (SVG, True),
        (b'<?xml version="1.0"?>\n<!-- a drawing -->\n' + SVG, True),
        (SVG.replace(b"<rect", b"<script>alert(1)</script><rect"), False),
        (SVG.replace(b"<rect", b'<rect onload="alert(1)"'), False),
        (SVG.replace(b"<rect", b'<a href="javascript:alert(1)"/><rect'), False),
        (SVG.replace(b"<rect", b"<foreignObject/><rect"), False),
        (b'<!DOCTYPE svg [<!ENTITY x "y">]>' + SVG, False),
        (SVG + b" " * 1_100_000, False),
        (b"<html><body>no</body></html>", False),
        (b"plain text", True),  # served as image/png: a kind of picture that this program does not know
    ],
)
async def test_a_drawing_that_runs_something_is_no_picture(tmp_path: Path, data: bytes, arrives: bool) -> None:
    company = demo_company()
    company.pictures[PICTURE] = data
    async with opened(company) as (_, source):
        if arrives:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=LIMIT)
            assert (tmp_path / "x").read_bytes() == data
            return
        with pytest.raises(ContentTrouble) as caught:
            await source.fetch_picture(PICTURE, tmp_path / "x", max_bytes=LIMIT)
    assert caught.value.reason == "no_image"
    nothing_there(tmp_path / "x")
