"""The reference of the config, out of its JSON schema and the comments of the examples: docs/config.md.

Usage: python -m tests.support.config_table >docs/config.md
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.config import json_schema
from tests.support.rig import ROOT

_HEAD = """# The config

Every key, with type, default and meaning; this page is generated from the program. A commented file to begin with is
[config.example.yaml](../config.example.yaml), or what `migrator init` writes. `migrator config schema` prints the JSON
schema, for editors.

`${NAME}` is taken from the environment, `${NAME:-value}` has a default; secrets may also come from `${file:PATH}` or
`${keyring:SERVICE/NAME}`. Relative paths start at the config's folder. Unknown keys are errors.
"""
Node = Mapping[str, Any]


def document() -> str:
    """Return the page."""
    schema = json_schema()
    parts = [_HEAD]
    for path, node in blocks(schema, schema, ""):
        heading = f"`{path}`" if path and ": " not in path else path or "The whole"
        parts.append(f"## {heading}\n\n{_table(path, node, schema)}")
    return "\n".join(parts)


def blocks(node: Node, schema: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield the block and all below, each with its path such as ``projects[].only``; sources as ``source: NAME``."""
    yield path, node
    for key, value in node["properties"].items():
        for below in models_of(value, schema):
            connector = below["properties"].get("connector")
            name = f"source: {connector['const']}" if connector else _join(path, key)
            yield from blocks(below, schema, f"{name}[]" if value.get("type") == "array" else name)


def _join(path: str, key: str) -> str:
    return f"{path.replace(': ', '.')}.{key}" if path else key


def models_of(value: Node, schema: Node) -> list[Node]:
    names = [
        option["$ref"].rsplit("/", 1)[1]
        for option in [value, *value.get("anyOf", []), value.get("items", {})]
        if "$ref" in option
    ]
    return [schema["$defs"][name] for name in names]


def _table(path: str, node: Node, schema: Node) -> str:
    required = set(node.get("required", []))
    meant = _comments(path) | arguments(node.get("description", ""))
    rows = ["| Key | Takes | Default | Means |", "| --- | --- | --- | --- |"]
    for key, value in node["properties"].items():
        if key.endswith("_file"):
            continue
        models = bool(models_of(value, schema))
        default = "needed" if key in required else "" if models else _value(value.get("default"))
        takes = "a block, below" if models else words_of(value)
        text = (value.get("description") or meant.get(key, "")).rstrip(". ").replace("|", r"\|")
        rows.append(f"| `{key}` | {takes} | {default} | {text} |")
    return "\n".join(rows) + "\n"


def _value(default: Any) -> str:
    text = json.dumps(default, ensure_ascii=False)
    return "" if default in (None, "", [], {}) else f"`{text.strip(chr(34))}`"


def words_of(value: Node) -> str:
    """Return in words what a key takes: choices, or a type with its limits."""
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(words_of(option) for option in value["anyOf"] if option.get("type") != "null"))
    if "enum" in value or "const" in value:
        return ", ".join(f"`{choice}`" for choice in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return f"list of {words_of(value['items'])}"
    if value.get("type") == "object":
        more = value.get("additionalProperties")
        return f"table to {words_of(more)}" if isinstance(more, dict) else "table"
    return _limited(str(value.get("format") or value.get("type", "table")), value)


def _limited(name: str, value: Node) -> str:
    words = {"password": "secret", "date-time": "date", "string": "text", "boolean": "`true`, `false`"}
    least, most = value.get("minimum"), value.get("maximum")
    limits = f" {least} to {most}" if most is not None else f" from {least}" if least is not None else ""
    return words.get(name, name) + limits


def arguments(description: str) -> dict[str, str]:
    """Return what the ``Args`` of a docstring say of each key."""
    _, _, arguments = description.replace("``", "`").partition("Args:\n")
    found: dict[str, str] = {}
    for names, text in re.findall(r"^    ([\w, ]+): (.*(?:\n {8}.*)*)", arguments, re.MULTILINE):
        words = re.sub(r" ?\([^()]*§[^()]*\)", "", re.sub(r"\s+", " ", text))
        found |= dict.fromkeys(names.split(", "), words)
    return found


def _comments(path: str) -> dict[str, str]:
    """Return the comments of the examples on the keys of a block, also on those that are commented out themselves."""
    _, _, connector = path.partition("source: ")
    file = ROOT / "connectors" / connector / "example.yaml" if connector else ROOT / "config.example.yaml"
    top = re.split(r"[.\[:]", path)[0]
    block = re.search(rf"^{top}:.*\n((?: .*\n|\n)*)", file.read_text("utf-8"), re.MULTILINE) if top else None
    text = block[1] if block else file.read_text("utf-8")
    if top and path not in {top, f"{top}[]"} and not connector:
        name = re.split(r"[.\[:\]]+", path)[-1]
        inner = re.search(rf"^  (?:  )?{name}:.*\n((?:    .*\n)*)", text, re.MULTILINE)
        text = inner[1] if inner else ""
    indent = r"[\s#-]*" if top else ""
    return dict(re.findall(rf"^{indent}(\w+):.*?\s#\s(.*)$", text.replace("<", "&lt;"), re.MULTILINE))


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201 - the document is what it is for
