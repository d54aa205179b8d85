"""Init for Workiva: what it writes is used as it is, from check to run, with nothing but secrets in the environment."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.qasphere.sandbox import ADMIN_KEY
from connectors.workiva import sandbox
from connectors.workiva.sandbox import Column, SeedData, demo_data, generate
from migrator.app import migrate
from migrator.app import plan as planning
from migrator.app import verify as verifying
from migrator.app.check.run import check
from migrator.app.init.write import Initialised, init
from migrator.config import load_config
from migrator.core.errors import AuthenticationError, ConfigError
from migrator.core.events import ignore
from migrator.standin.options import Profile
from tests.support.rig import ended, started
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

ENVIRONMENT = {
    "WORKIVA_CLIENT_ID": sandbox.CLIENT_ID,
    "WORKIVA_CLIENT_SECRET": sandbox.CLIENT_SECRET,
    "QASPHERE_API_KEY": ADMIN_KEY,
}
FAST = {"requests_per_second": "10000", "polls_per_second": "500"}


async def proposed(
    rig: WorkivaRig, name: str = "new.yaml", environment: Mapping[str, str] = ENVIRONMENT, **source: str
) -> Initialised:
    return await init(
        rig.folder / name,
        connector="workiva",
        destination_url=rig.destination_url,
        source={"base_url": rig.source_url, **FAST, **source},
        environment=environment,
    )


def written(rig: WorkivaRig, name: str = "new.yaml") -> tuple[str, dict[str, Any]]:
    text = (rig.folder / name).read_text(encoding="utf-8")
    return text, yaml.safe_load(text)


def small() -> SeedData:
    """Two forms, one without phases, and one that may not be opened."""
    data = generate(2, phases=1, matrices=1, samples=3, attachments=2)
    data.forms.append(sandbox.Form("empty", "AP-12 Three-way match"))
    data.denied.add(data.forms[1].id)
    data.forms[1].name = "Payroll: # “50%”\u2028 {x}"
    for sample in data.forms[0].phases[0].matrices[0].samples[:1]:
        sample.results = dict.fromkeys(sample.results, "See: note #4")
    return data


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_what_init_writes_is_checked_planned_and_run_unchanged(tmp_path: Path, profile: Profile) -> None:
    data = small()
    async with workiva_rig(tmp_path, stand_in(data, profile=profile, page_size=2)) as rig:
        answer = await proposed(rig)
        assert answer.inspected
        assert answer.projects == ["*"]
        assert {call for call in rig.source.log.counts if not call.startswith("GET ")} == {"POST /oauth2/token"}
        assert rig.writes() == 0
        path = tmp_path / "new.yaml"
        before = path.read_bytes()
        config = load_config(path, ENVIRONMENT)
        found = await check(config)
        assert (found.exit_code, [line.text for line in found.lines if line.state == "problem"]) == (0, [])
        plan = await planning.plan(config, ignore)
        assert plan.items["case"] == {"pending": 6}
        # exactly what somebody has to choose is said to have no rule
        assert [value["value"] for value in plan.unmapped if value["field"] == "status"] == ["See: note #4"]
        status = await migrate.run(config, ignore)
        assert status.balanced, status.imbalance
        assert status.items["case"] == {"migrated": 6}
        assert status.items["folder"] == {"migrated": 4}
        assert status.items["file"] == {"migrated": 3}  # two exports; one more lies in a closed form
        proof = await verifying.verify(config, ignore)
        assert [*proof.missing, *proof.different, *proof.doubled] == []
        assert path.read_bytes() == before


async def test_the_commands_take_it_from_the_environment(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(small())) as rig:
        rig.destination.store.add_project("OTHER", "Another")
        flags = f"init --connector workiva --destination-url {rig.destination_url} --source base_url={rig.source_url}"
        ended_init = await command(rig, " ".join([flags, *(f"--source {key}={value}" for key, value in FAST.items())]))
        assert ended_init.code == 0, ended_init.err
        assert "left out, because this account may not open them: Payroll" in ended_init.out
        assert "1 project;" in ended_init.err
        for text in ("config validate", "check", "plan", "run"):
            done = await command(rig, text)
            assert done.code == 0, done.out + done.err
            assert text != "check" or "0 warnings, 0 problems" in done.out
        assert len(rig.destination.store.projects["CONTR"].cases) == 6
        text, _ = written(rig, "a.yaml")
        for secret in (sandbox.CLIENT_SECRET, ADMIN_KEY):
            assert secret not in text


async def command(rig: WorkivaRig, text: str) -> Any:
    return await asyncio.to_thread(ended, started(rig.folder / "a.yaml", text, ENVIRONMENT))


async def test_forms_go_into_one_project_each_with_its_counts(tmp_path: Path) -> None:
    data = demo_data()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.destination.store.add_project("CONTR", "Contracts")
        answer = await proposed(rig)
        text, config = written(rig)
    (project,) = config["projects"]
    assert (project["source"], project["destination"], project["title"]) == ("*", "CT", "Controls testing")
    assert "# 4 forms, 5 phases, 7 matrices, 19 samples" in text
    first = data.forms[0]
    assert f"    # {first.id} ({first.name}): 2 phases, 3 matrices, 12 samples\n" in text
    assert f"    # {data.forms[3].id} ({data.forms[3].name}): empty\n" in text
    assert config["source"]["base_url"]
    assert "region" not in config["source"]  # the example's; this address is elsewhere
    assert "skip" not in config["source"]
    assert any("4 projects visible, 19 cases examined" in line for line in answer.lines)


async def test_verdicts_columns_and_tags_are_proposed(tmp_path: Path) -> None:
    data = generate(2, phases=1, matrices=1, samples=12)
    for matrix in (found for *_, found in data.matrices()):
        matrix.data_columns = [*(matrix.data_columns or []), Column(f"{matrix.id}r", "Region")]
        for number, sample in enumerate(matrix.samples):
            sample.data[f"{matrix.id}r"] = ("North", "South")[number % 2]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.destination.store.add_project("OTHER", "Another")  # what QA Sphere offers can be seen in a project only
        rig.destination.store.add_custom_field("amount", "Amount", "text")
        data.samples()[0].results = dict.fromkeys(data.samples()[0].results, "see note: #4")
        answer = await proposed(rig)
        text, config = written(rig)
    mapping = config["mapping"]
    assert mapping["status"] is None
    assert "    # 'see note: #4': blocked " in text
    assert "# PASS: passed, " in text
    assert mapping["custom_fields"] == {"Amount": "amount"}
    assert "# Region: text, in 24 of 24 cases examined" in text
    assert "2 different values, so it could be a tag; built in" in text
    assert mapping["tags"] == ["control"]
    assert [line for line in answer.lines if "please choose" in line]


async def test_forms_that_may_not_be_opened_are_left_out_by_name(tmp_path: Path) -> None:
    data = small()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        answer = await proposed(rig)
        text, config = written(rig)
    assert config["source"]["skip"] == [data.forms[1].id]
    assert "Payroll" not in text
    assert [line for line in answer.lines if f"Payroll: # “50%”\u2028 {{x}} ({data.forms[1].id})" in line]


async def test_a_user_who_may_open_nothing_gets_an_example(tmp_path: Path) -> None:
    data = generate(2, phases=1, matrices=1, samples=1)
    data.denied |= {form.id for form in data.forms}
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        answer = await proposed(rig)
    assert [line for line in answer.lines if "no project of the source could be proposed" in line]
    assert [line for line in answer.lines if "left out" in line]


async def test_a_region_takes_the_place_of_the_one_in_the_example(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    answer = await init(path, connector="workiva", destination_url=None, source={"region": "apac"}, environment={})
    assert answer.missing == ["WORKIVA_CLIENT_ID", "WORKIVA_CLIENT_SECRET", "QASPHERE_API_KEY", "--destination-url"]
    config = load_config(path, dict.fromkeys(answer.missing, "x"))
    assert config.source.model_dump()["base_url"] == "https://api.apac.wdesk.com"


async def test_nothing_is_written_when_workiva_refuses(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(generate(1))) as rig:
        with pytest.raises(AuthenticationError):
            await proposed(rig, environment={**ENVIRONMENT, "WORKIVA_CLIENT_SECRET": "wrong"})
        with pytest.raises(AuthenticationError, match="may not read test forms"):
            await proposed(rig, environment={**ENVIRONMENT, "WORKIVA_CLIENT_ID": sandbox.WRITER_ID})
        with pytest.raises(ConfigError, match="region and base_url"):
            await proposed(rig, region="eu")
    assert not (tmp_path / "new.yaml").exists()


async def test_a_form_that_loses_its_rights_is_named_by_check_and_the_rest_still_checked(tmp_path: Path) -> None:
    data = generate(2, phases=1, matrices=1, samples=1)
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await proposed(rig)
        config = load_config(tmp_path / "new.yaml", ENVIRONMENT)
        data.denied.add(data.forms[0].id)
        found = await check(config)
    (problem,) = [line for line in found.lines if line.state == "problem"]
    assert f"{data.forms[0].id} ({data.forms[0].name})" in problem.text
    assert "source.skip" in problem.next_step
    assert found.exit_code == AuthenticationError.exit_code
    assert {"source operations", "destination", "destination project CONTR"} <= {line.subject for line in found.lines}
