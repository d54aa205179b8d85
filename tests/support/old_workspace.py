"""Workspaces that an earlier version made, with both services as it left them (``tests/fixtures``)."""

import base64
import json
import lzma
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import MISSING, fields, is_dataclass
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from connectors.qacomplete import sandbox as qacomplete
from connectors.qacomplete.sandbox import data, files, items, runs
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.sandbox import store, store_cases, store_files, store_runs
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from state.packed import packed
from tests.support.rig import Rig

FIXTURES = Path(__file__).parents[1] / "fixtures"
_SOURCE = (data, files, items, runs)
_DESTINATION = (store, store_cases, store_files, store_runs)
_LATER = 10_000
"""Above every number that the old stand-in gave."""


@asynccontextmanager
async def old_rig(folder: Path, name: str) -> AsyncIterator[Rig]:
    """Serve both services as they were when the workspace ``name`` was left, and put it into ``folder``."""
    text = lzma.decompress((FIXTURES / f"{name}.json.xz").read_bytes()).decode()
    source = qacomplete.build(StandInOptions(), _decoded(json.loads(text)["source"], _classes(*_SOURCE), {}))
    destination = qasphere.build()
    async with serve(source.app) as source_url, serve(destination.app) as destination_url:
        then = json.loads(text)["destination_url"]
        document = json.loads(text.replace(then, destination_url))
        held = _decoded(document["destination"], _classes(*_DESTINATION), {})
        for part, values in held.items():
            getattr(destination.store, part).update(values)
        destination.store.result_ids = count(_LATER)
        destination.store.folder_ids = count(_LATER)
        _restore(folder / "workspace", document)
        settings = {"source": {"item_url": "https://qac.acme.example/{project}/{id}"}}
        yield Rig(folder, source, destination, f"{source_url}/rest-api/service/api", destination_url, settings)


def _restore(workspace: Path, document: dict[str, Any]) -> None:
    workspace.mkdir()
    with closing(sqlite3.connect(workspace / "migration.db")) as db, db:
        for statement in document["schema"]:
            db.execute(statement)
        for table, rows in _decoded(document["tables"], {}, {}).items():
            for row in rows:
                db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _classes(*modules: ModuleType) -> dict[str, type]:
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value)
    }


def _decoded(value: Any, classes: dict[str, type], made: dict[int, Any]) -> Any:
    """Return what ``encoded`` in ``make_workspaces.py`` was given, in the classes of this version."""
    if isinstance(value, list):
        return [_decoded(item, classes, made) for item in value]
    if not isinstance(value, dict):
        return value
    if "$class" in value:
        made[value["number"]] = _object(classes[value["$class"]], value["fields"], classes, made)
    if "$class" in value or "$ref" in value:
        return made[value["number"] if "$class" in value else value["$ref"]]
    [(tag, held)] = value.items()
    if tag in ("$bytes", "$zstd"):
        return base64.b64decode(held) if tag == "$bytes" else packed(held.encode())
    if tag == "$dict":
        return {_decoded(key, classes, made): _decoded(item, classes, made) for key, item in held}
    return {"$tuple": tuple, "$set": set}[tag](_decoded(held, classes, made))


def _object(kind: Any, held: dict[str, Any], classes: dict[str, type], made: dict[int, Any]) -> Any:
    values = {}
    for field in fields(kind):
        if field.name not in held:
            continue
        value = _decoded(held[field.name], classes, made)
        if isinstance(value, dict) and field.default_factory is not MISSING:
            # some grow by themselves, such as a count per folder
            whole = field.default_factory()
            whole.update(value)
            value = whole
        values[field.name] = value
    return kind(**values)
