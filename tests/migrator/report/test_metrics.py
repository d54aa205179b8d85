"""Prometheus' text format: what is written is read back by a strict reader; names are those of the documents."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from migrator.report.metrics import FAMILIES, PREFIX, WORKSPACE, Sample, prometheus_text
from tests.support.prometheus import read
from tests.support.rig import ROOT

EXAMPLES = ROOT / "examples" / "observability"
EMPTY = "\N{EN DASH}"
NASTY = 'C:\\new\n"a",b="c"} 1 \N{SNOWMAN}'


def written(*samples: Sample, workspace: str = "/srv/acme") -> str:
    return "".join(prometheus_text(workspace, samples))


def test_what_is_written_is_read_back_whatever_it_holds() -> None:
    text = written(
        Sample("items", 3, {"project": NASTY, "kind": "case", "fate": "migrated"}),
        Sample("waited_seconds_total", 0.25, {"reason": NASTY}),
        Sample("written_timestamp_seconds", 1.5e9),
        workspace=NASTY,
    )
    found = read(text)
    assert found[f"{PREFIX}items"].of(workspace=NASTY, project=NASTY, kind="case", fate="migrated") == 3
    assert found[f"{PREFIX}waited_seconds_total"].of(reason=NASTY) == 0.25
    assert found[f"{PREFIX}written_timestamp_seconds"].of() == 1.5e9


def test_a_family_stands_together_whatever_order_its_samples_come_in() -> None:
    text = written(
        Sample("operations", 1, {"state": "done"}),
        Sample("stored_files", 2),
        Sample("operations", 3, {"state": "failed"}),
    )
    assert read(text)[f"{PREFIX}operations"].of() == 4


@pytest.mark.parametrize(
    "spoilt",
    [
        "a 1\n",
        "# HELP a x\n# TYPE a gauge\na 1",
        "# HELP a x\n# TYPE a gauge\na 1\na 2\n",
        '# HELP a x\n# TYPE a gauge\na{b="\\q"} 1\n',
        "# HELP a x\n# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=c} 1\n",
        "# HELP a x\n# TYPE a gauge\na NaN\n",
        "# HELP a x\n# TYPE a gauge\n\na 1\n",
    ],
)
def test_the_reader_is_strict(spoilt: str) -> None:
    with pytest.raises(ValueError):
        read(spoilt)


def test_every_family_is_documented_alike() -> None:
    lines = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8").splitlines()
    expected = [
        f"| `{PREFIX}{family.name}` | {family.type} | {', '.join(f'`{name}`' for name in family.labels) or EMPTY}"
        f" | {family.help} |"
        for family in FAMILIES
    ]
    assert [line for line in lines if line.startswith(f"| `{PREFIX}")] == expected


def test_only_what_grows_is_called_a_total_and_has_units_that_prometheus_knows() -> None:
    for family in FAMILIES:
        assert (family.type == "counter") is family.name.endswith("_total")
        assert WORKSPACE not in family.labels
        assert re.fullmatch(r"[a-z_]+", family.name)
        assert family.help.endswith(".")
        assert "\\" not in family.help


def expressions(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["expr"]] if isinstance(value.get("expr"), str) else []
        return own + [found for inner in value.values() for found in expressions(inner)]
    return [found for inner in value for found in expressions(inner)] if isinstance(value, list) else []


def example(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


@pytest.mark.parametrize("name", ["alerts.yaml", "dashboard.json"])
def test_the_examples_ask_for_metrics_and_labels_that_there_are(name: str) -> None:
    asked = expressions(example(EXAMPLES / name))
    assert len(asked) >= 5
    labels = {label for family in FAMILIES for label in family.labels} | {WORKSPACE, "instance", "file"}
    for expression in asked:
        names = set(re.findall(rf"{PREFIX}\w+", expression))
        assert names <= {PREFIX + family.name for family in FAMILIES}, expression
        assert names or "node_textfile" in expression
        used = re.findall(r"(\w+)\s*(?:=~|!=|=|!~)\s*\"", expression)
        used += [
            word
            for group in re.findall(r"\b(?:by|on|group_left)\s*\(([^)]*)\)", expression)
            for word in re.findall(r"\w+", group)
        ]
        assert set(used) <= labels, expression
        assert expression.count("(") == expression.count(")")
        rated = re.findall(rf"(?:rate|increase)\(({PREFIX}\w+)", expression)
        assert all(name.endswith("_total") for name in rated)


def test_alerts_say_what_to_do() -> None:
    rules = [rule for group in example(EXAMPLES / "alerts.yaml")["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert "`migrator" in rule["annotations"]["description"]
