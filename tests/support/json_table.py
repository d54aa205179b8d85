"""The reference of what commands print with ``--json``, out of their models: docs/json.md.

Usage: python -m tests.support.json_table >docs/json.md
"""

from collections.abc import Mapping

from pydantic import BaseModel

from migrator.app.check.run import Preflight
from migrator.app.init.write import Initialised
from migrator.app.reports.documents import Plan, Status, Verification
from migrator.app.sync.health import Health
from migrator.app.sync.report import SyncReport
from migrator.fleet.standing import FleetStatus
from tests.support.config_table import Node, arguments, blocks, words_of

_HEAD = """# JSON

What commands print with `--json`; this page is generated from the program. Keys may be added, none is renamed or
removed ([versions.md](versions.md)). An error is `{"error": {"code": …}}`, with the codes of [errors.md](errors.md);
notes have those of [notes.md](notes.md). `rehearse`: [rehearsal.md](rehearsal.md#time); the webhook:
[sync.md](sync.md#how-a-round-ends).
"""
MODELS: Mapping[str, type[BaseModel]] = {
    "init": Initialised,
    "check": Preflight,
    "plan": Plan,
    "status, apply, run, retry": Status,
    "verify": Verification,
    "sync": SyncReport,
    "fleet status": FleetStatus,
    "health.json": Health,
}


def document() -> str:
    """Return the page."""
    parts = [_HEAD]
    for command, model in MODELS.items():
        schema = model.model_json_schema(mode="serialization")
        for path, node in blocks(schema, schema, ""):
            parts.append(f"{f'### {command}: `{path}`' if path else f'## {command}'}\n\n{_table(node)}")
    return "\n".join(parts)


def _table(node: Node) -> str:
    meant = arguments(node.get("description", ""))
    rows = ["| Key | Is | Means |", "| --- | --- | --- |"]
    for key, value in node["properties"].items():
        text = meant.get(key, "").rstrip(". ").replace("|", r"\|")
        rows.append(f"| `{key}` | {words_of(value)} | {text} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201 - the document is what it is for
