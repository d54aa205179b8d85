"""Reading the file: any Unicode encoding, bounded in depth and size, and errors that never quote a line of it."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

_BYTES = 4 * 1024 * 1024
_DEEPEST = 40
_MOST_NODES = 200_000


def read_yaml(path: Path) -> object:
    """Return what a YAML file holds. Raises ``ConfigError``, which quotes nothing of it: it may hold secrets."""
    try:
        with path.open("rb") as opened:
            data = opened.read(_BYTES)  # a device never ends
    except OSError as error:
        raise ConfigError(
            f"cannot read the config file {path}",
            code=ErrorCode.CONFIG_UNREADABLE,
            cause=str(error),
            next_step="name it with --config FILE; `migrator init` writes one",
        ) from error
    text = _decoded(data, path)
    try:
        if trouble := _too_much(text):
            raise _invalid(path, trouble, "write it out plainly")
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if trouble := _doubled_key(node):
                raise _invalid(path, trouble, "put both under one key, or take one away")
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise _invalid(path, _place_of(error), "correct that line") from None


def _decoded(data: bytes, path: Path) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"cannot read the config file {path}",
            code=ErrorCode.CONFIG_UNREADABLE,
            cause=f"line {line} holds a letter that is not UTF-8: it was saved in another encoding, such as cp1252",
            next_step="save it as UTF-8 in your editor",
        ) from None


def _too_much(text: str) -> str:
    """Say why a text is not to be built: aliases multiply, and depth ends in the interpreter's recursion."""
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        total += 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in {anchor for anchor, _ in open_nodes}:
                return "an alias stands inside what it repeats"
            total += sizes.get(str(event.anchor), 0)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - before
        if len(open_nodes) > _DEEPEST:
            return f"it is nested more than {_DEEPEST} levels deep"
        if total > _MOST_NODES:
            return f"with its aliases it is larger than {_MOST_NODES} values"
    return ""


def _doubled_key(root: yaml.Node) -> str:
    """Say where a key stands twice in one mapping: the last would win, and what the first says be lost silently."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            if trouble := _doubled_in([key for key, _ in node.value]):
                return trouble
            waiting += [value for _, value in node.value]
    return ""


def _doubled_in(keys: Sequence[yaml.Node]) -> str:
    lines: dict[tuple[str, str], int] = {}
    for key in keys:
        name, line = (key.tag, str(key.value)), key.start_mark.line + 1
        if name in lines:
            return f"line {line} gives the key of line {lines[name]} again"
        lines[name] = line
    return ""


def _place_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    # what stands in quotes is of the file
    problem = str(getattr(error, "problem", None) or "it cannot be read").partition("'")[0].strip()
    if "cannot start any token" in str(getattr(error, "problem", "")):
        problem = "a character that cannot stand there; indent with spaces, not with tabs, and put texts in quotes"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _invalid(path: Path, cause: str, next_step: str) -> ConfigError:
    return ConfigError(f"{path} is not valid YAML", code=ErrorCode.CONFIG_UNREADABLE, cause=cause, next_step=next_step)
