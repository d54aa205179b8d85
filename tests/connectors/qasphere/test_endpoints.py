"""Every endpoint: it stands in the dossier, the client has a method for it, the stand-in serves it."""

import re
from pathlib import Path

import pytest

from connectors.qasphere.api import QASphereApi, actions
from connectors.qasphere.sandbox import build
from migrator.core.errors import MigratorError, Rejected
from migrator.standin.options import Profile
from tests.support.qasphere import ENDPOINTS, PROFILES, Endpoint, anonymous, scene
from tests.support.rig import ROOT

DOSSIER = ROOT.parent / "shared" / "reference" / "qasphere-api.md"
OTHER_ROUTES = {"GET /__standin/log", "GET /storage/{}"}
"""The stand-in's own: its log, and where its downloads are redirected to."""
NO_ENDPOINTS = {"all"}
"""No route of their own: they go through the pages of a list."""
READING_POSTS = {"test_cases.by_marker"}
WRITE_FIRST = {"files.download"}
"""Reads whose call in the table makes first what it reads."""
endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.client)


@pytest.mark.skipif(not DOSSIER.exists(), reason="the dossier lies outside the project")
def test_the_table_is_the_index_of_the_dossier() -> None:
    index = re.findall(r"^\| \d+ \|([^|]*)\|", DOSSIER.read_text(), re.MULTILINE)
    found = [address for row in index for address in re.findall(r"(?:GET|POST|PATCH) [^\s,]+", anonymous(row))]
    listed = {address.replace(" P/", " /project/{}/") for address in found}
    assert listed == {anonymous(endpoint.address) for endpoint in ENDPOINTS}


def test_every_public_method_of_the_client_is_in_the_table_once() -> None:
    methods = {name for name, method in actions(QASphereApi) if method.__name__ not in NO_ENDPOINTS}
    assert sorted(methods) == sorted(endpoint.client for endpoint in ENDPOINTS)


def test_the_stand_in_serves_the_table_and_nothing_else() -> None:
    routes = {f"{route.method} {route.resource.canonical}" for route in build().app.router.routes() if route.resource}
    served = {anonymous(route) for route in routes if not route.startswith("HEAD ")}
    assert served - OTHER_ROUTES == {anonymous(endpoint.address) for endpoint in ENDPOINTS}


@endpoints
@pytest.mark.parametrize("profile", PROFILES)
async def test_the_client_method_reaches_its_route(endpoint: Endpoint, profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        made.stand_in.log.last.clear()
        if profile in endpoint.refused:
            with pytest.raises(Rejected) as caught:
                await endpoint.call(made)
            assert caught.value.status == endpoint.refused[profile]
        else:
            await endpoint.call(made)
        assert anonymous(endpoint.address) in {anonymous(entry.template) for entry in made.stand_in.log.last}


@endpoints
async def test_a_command_that_only_reads_sends_no_write(endpoint: Endpoint, tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.stand_in.log.last.clear()
        made.api.only_read()
        is_read = endpoint.address.startswith("GET") or endpoint.client in READING_POSTS
        if is_read and endpoint.client not in WRITE_FIRST:
            await endpoint.call(made)
        else:
            with pytest.raises(MigratorError, match="must not write"):
                await endpoint.call(made)
            assert not made.stand_in.log.last
