"""The support bundle: what it holds, that it holds no secret, and that a broken config does not keep it away."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from connectors.qacomplete import sandbox as qacomplete
from connectors.qacomplete.sandbox import generate
from connectors.qasphere import sandbox as qasphere
from migrator.app.support import bundle_name
from tests.support.rig import rig


def pieces(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


async def test_it_holds_what_a_stranger_needs_and_no_secret(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(5)) as running:
        await running.plan()
        await running.apply()
        log = tmp_path / "workspace" / "migrator.log"
        log.write_text(log.read_text(encoding="utf-8") + f"somebody pasted {qasphere.ADMIN_KEY}\n", encoding="utf-8")
        path = tmp_path / "bundle.zip"
        ended = await running.migrate(f"support-bundle {path}")
        assert ended.code == 0, ended.err
        found = pieces(path)
        assert all(name in found["README.txt"] for name in found if name != "README.txt")
        assert json.loads(found["status.json"])["items"]["case"] == {"migrated": 5}
        assert json.loads(found["plan.json"])["plan_id"]
        assert {"python", "libraries", "program"} <= json.loads(found["versions.json"]).keys()
        assert "`migrator apply` begins" in found["migrator.log"]
        assert "probe.json: there is none" in ended.out
        whole = "".join(found.values()) + ended.out
        for secret in (qacomplete.PASSWORD, qasphere.ADMIN_KEY):
            assert secret not in whole


async def test_no_bundle_goes_over_another_and_without_a_name_it_has_the_time(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(1)) as running:
        await running.plan()
        path = tmp_path / "bundle.zip"
        assert (await running.migrate(f"support-bundle {path}")).code == 0
        before = path.read_bytes()
        refused = await running.migrate(f"support-bundle {path}")
        assert refused.code == 2
        assert "is there already" in refused.err
        assert path.read_bytes() == before
    assert bundle_name(datetime(2026, 11, 7, 8, 9, 10, tzinfo=UTC)).name == "migrator-support-20261107T080910Z.zip"


async def test_a_broken_config_is_told_and_keeps_nothing_else_away(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(1)) as running:
        await running.plan()
        running.settings = {"mapping": {"colour": "blue"}}
        path = tmp_path / "bundle.zip"
        ended = await running.migrate(f"support-bundle {path}")
        assert ended.code == 0, ended.err
        found = pieces(path)
        assert "is not valid" in found["config.yaml"]
        assert "python" in found["versions.json"]
        assert "`migrator plan` begins" in found["migrator.log"]
        assert json.loads(found["status.json"])["items"]["case"] == {"pending": 1}
        refused = await running.migrate(f"support-bundle {tmp_path / 'bundle.tar'}")
        assert (refused.code, (tmp_path / "bundle.tar").exists()) == (2, False)
