"""What monitoring is told of a workspace: the families of metrics, and Prometheus' text format.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4). Names and units after
https://prometheus.io/docs/practices/naming/: seconds, bytes, ``_total`` for what only grows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

PREFIX = "qasphere_migrator_"
WORKSPACE = "workspace"
"""A label of every sample: node_exporter puts the files of several workspaces together."""


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics of one name. ``name`` without the prefix; ``labels`` beside that of the workspace."""

    name: str
    type: Literal["counter", "gauge"]
    labels: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a family, which is named without the prefix."""

    family: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


FAMILIES = (
    Family("info", "gauge", ("version", "source", "destination"), "Always 1; who wrote this, and between which sides."),
    Family("items", "gauge", ("project", "kind", "fate"), "Items of the last round of each project, by their fate."),
    Family("operations", "gauge", ("state",), "Writes to QA Sphere that are planned, under way, done or in doubt."),
    Family("stored_files", "gauge", (), "Files that are in QA Sphere."),
    Family("stored_file_bytes", "gauge", (), "Their bytes."),
    Family(
        "requests_total", "counter", ("service", "status"), "Attempts at requests, by HTTP status; none: no answer."
    ),
    Family("request_seconds_total", "counter", ("service", "status"), "Seconds from leaving to the end of the answer."),
    Family("sent_bytes_total", "counter", ("service",), "Bytes of bodies that were sent."),
    Family("received_bytes_total", "counter", ("service",), "Bytes of bodies that were received."),
    Family("waited_seconds_total", "counter", ("reason",), "Seconds that phases waited, by what for."),
    Family("running", "gauge", ("command",), "1 while the command works, 0 after it has ended."),
    Family("last_success_timestamp_seconds", "gauge", ("command",), "When the command last ended without an error."),
    Family("last_failure_timestamp_seconds", "gauge", ("command",), "When the command last ended with an error."),
    Family("written_timestamp_seconds", "gauge", (), "When this was written."),
)

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def prometheus_text(workspace: str, samples: Sequence[Sample]) -> Iterator[str]:
    """Yield the lines, each with its end, family by family; one without samples is left out."""
    for family in FAMILIES:
        own = [sample for sample in samples if sample.family == family.name]
        if not own:
            continue
        name = PREFIX + family.name
        yield f"# HELP {name} {family.help}\n"
        yield f"# TYPE {name} {family.type}\n"
        for sample in own:
            labels = ",".join(
                f'{label}="{value.translate(_ESCAPES)}"'
                for label, value in ({WORKSPACE: workspace} | dict(sample.labels)).items()
            )
            yield f"{name}{{{labels}}} {_number(sample.value)}\n"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
