"""What is wrong with a config, in words that name the key."""

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError


def explained(error: ValidationError, model: type[BaseModel]) -> str:
    """Return every problem in one sentence each; values are not quoted, since they may be secrets."""
    return "; ".join(_one(dict(problem), model) for problem in error.errors(include_url=False, include_input=False))


def _one(problem: dict[str, Any], model: type[BaseModel]) -> str:
    location = [part for part in problem["loc"] if not isinstance(part, str) or not part.startswith("function-")]
    where = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), _keys_at(model, location[:-1]), n=1)
        return f"unknown key {where}" + (f" (did you mean {close[0]}?)" if close else "")
    if problem["type"] == "missing":
        return f"{where} is missing"
    words = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "string_pattern_mismatch":
        words = "has another form than this key takes"
    return f"{where}: {words}" if where else words


def _keys_at(model: type[BaseModel], location: list[Any]) -> list[str]:
    """Return the keys that may stand at a place of the config."""
    schema = model.model_json_schema()
    node: dict[str, Any] = schema
    for part in location:
        node = _resolved(node, schema)
        node = node.get("items", {}) if isinstance(part, int) else node.get("properties", {}).get(part, {})
    return list(_resolved(node, schema).get("properties", {}))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        found: dict[str, Any] = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return found
    return node
