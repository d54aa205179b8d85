"""``migrator api``: the vendor's tree of commands, JSON on stdout, exit 0, 1 or 2."""

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.qasphere.sandbox import ADMIN_KEY
from migrator.app.api import all_actions
from migrator.cli.main import app
from tests.support.qasphere import Scene, scene

TREE = {
    "audit-logs list", "custom-fields list", "files upload", "folders list", "folders bulk-create", "milestones list",
    "milestones create", "projects list", "projects get", "projects create", "requirements list", "results create",
    "results batch-create", "runs list", "runs create", "runs clone", "runs close", "runs test-cases list",
    "runs test-cases get", "runs logs create", "settings list-statuses", "settings update-statuses",
    "shared-preconditions list", "shared-preconditions get", "shared-steps list", "shared-steps get", "tags list",
    "test-cases list", "test-cases get", "test-cases count", "test-cases create", "test-cases update",
    "test-plans create", "users list",
}  # fmt: skip
BEYOND = {"files batch-upload", "files download", "test-cases by-marker", "test-cases bulk-create", "users me"}
NAMES = {name: " ".join(name.replace("_", "-").split(".")) for name in all_actions()}


async def asked(made: Scene, *words: str, **variables: str) -> Any:
    environment = {"QASPHERE_URL": made.api.client.base_url, "QASPHERE_API_KEY": ADMIN_KEY} | variables
    config = str(made.tmp_path / "none.yaml")
    run = partial(CliRunner().invoke, app, ["--config", config, "api", *words], env=environment)
    return await asyncio.to_thread(run)


def test_every_row_of_the_vendors_tree_is_there() -> None:
    assert set(NAMES.values()) == TREE | BEYOND


@pytest.mark.parametrize("name", NAMES.values())
def test_every_command_has_help_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(app, ["api", *name.split(), "-h"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"Example: migrator api {name}" in shown.output
    assert "§" not in shown.output
    assert "(A-" not in shown.output


async def test_lists_pages_and_filters(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        page = json.loads(
            (await asked(made, "test-cases", "list", "SHOP", "--limit", "2", "--sort-field", "seq")).stdout
        )
        assert (len(page["data"]), page["total"]) == (2, 3)
        whole = await asked(made, "test-cases", "list", "SHOP", "--limit", "1", "--all", "--include", "tags")
        assert [row["title"] for row in json.loads(whole.stdout)] == ["One", "Two", "Three"]
        tags = json.loads((await asked(made, "tags", "list", "SHOP", "--include", "tcaseCount")).stdout)
        assert {tag["title"]: tag["tcaseCount"] for tag in tags} == {"all": 3, "one": 1, "two": 1, "three": 1}
        assert all(isinstance(tag["id"], int) for tag in tags)


async def test_flags_win_over_the_body(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        body = tmp_path / "body.json"
        body.write_text(json.dumps(made.body("In the file", tags=["kept"])))
        words = ("test-cases", "create", "SHOP", "--body-file", str(body), "--title", "As said", "--priority", "low")
        created = await asked(made, *words)
        assert (created.exit_code, created.stderr) == (0, "done: test-cases create\n")
        case = await made.api.case("SHOP", json.loads(created.stdout)["id"])
        assert (case.title, case.priority, [tag.title for tag in case.tags or []]) == ("As said", "low", ["kept"])


def wrong(tmp_path: Path) -> Mapping[str, tuple[list[str], int, str]]:
    return {
        "no such project": (["projects", "get", "NOPE"], 1, "QM"),
        "no JSON": (["runs", "create", "SHOP", "--body", "{"], 2, "--body is no JSON"),
        "no object": (["runs", "create", "SHOP", "--body", "[]"], 2, "no JSON object"),
        "a property that is none": (["milestones", "create", "SHOP", "--body", '{"name": "x"}'], 2, "name"),
        "a value that cannot be": (["test-cases", "list", "SHOP", "--limit", "9999"], 2, "limit"),
        "both bodies": (["runs", "create", "SHOP", "--body", "{}", "--body-file", "x"], 2, "either"),
        "no such file": (["runs", "create", "SHOP", "--body-file", str(tmp_path / "x")], 2, "cannot read"),
        "nothing to upload": (["files", "upload", str(tmp_path / "x")], 1, "QM107"),
        "a folder to upload": (["files", "batch-upload", str(tmp_path)], 1, "it is no file"),
        "no such action": (["runs", "open"], 2, "open"),
    }


async def test_what_cannot_be_asked_exits_with_2_what_is_refused_with_1(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        for words, code, says in wrong(tmp_path).values():
            ended = await asked(made, *words)
            assert (ended.exit_code, ended.stdout) == (code, ""), words
            assert says in ended.stderr
            assert ADMIN_KEY not in ended.output


async def test_a_create_whose_answer_is_lost_says_so(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.spoil("drop_after")
        ended = await asked(made, "milestones", "create", "SHOP", "--title", "1.0")
        assert (ended.exit_code, ended.stdout) == (1, "")
        assert "may or may not have taken effect" in ended.stderr
        assert [row.title for row in await made.api.milestones("SHOP")] == ["1.0"]


async def test_address_and_key_come_from_the_config(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        config = tmp_path / "config.yaml"
        url = made.api.client.base_url
        config.write_text(
            "source: {connector: qacomplete, password: '${NOT_SET}'}\n"
            f"destination: {{base_url: '{url}', api_key: '${{KEY_HERE}}'}}\n"
        )
        run = partial(CliRunner().invoke, app, ["--config", str(config), "api", "users", "me"])
        ended = await asyncio.to_thread(run, env={"KEY_HERE": ADMIN_KEY})
        assert json.loads(ended.stdout)["role"] == "admin"


def test_without_config_and_environment_it_says_what_to_set(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["--config", str(tmp_path / "none.yaml"), "api", "users", "me"])
    assert ended.exit_code == 2
    assert "QASPHERE_URL" in ended.stderr
