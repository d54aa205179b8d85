"""QAComplete's JSON as it is (``qacomplete-api.md`` §3.5, §6): anything may be absent, null, or a number as text."""

from functools import cache, lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

_FLAGS = {"true": True, "y": True, "yes": True, "1": True, "false": False, "n": False, "no": False, "0": False}


def _id(value: Any) -> int | None:
    """Read an id: numbers may come as text, and 0 means none."""
    try:
        return int(str(value).strip()) or None
    except ValueError:
        return None


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    return _FLAGS.get(str(value).strip().lower())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def rows_of(value: Any) -> list[Any]:
    """Return the objects of a list; empty when it is none."""
    return [row for row in _list(value) if isinstance(row, dict)]


Id = Annotated[int | None, BeforeValidator(_id)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Text = Annotated[str | None, BeforeValidator(_text)]
Number = Annotated[int | None, BeforeValidator(_number)]


class Wire(BaseModel):
    """Base of all wire models; no row is ever refused, and names may come as ``IsActive`` or ``is_active`` (§3.5)."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _any_case(cls, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        return {name: row[key] for name, key in _keys_of(cls, tuple(row))}


@lru_cache(maxsize=200)
def _keys_of(model: type[Wire], keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return each field that a row has, with its key there. The rows of a list have the same keys."""
    names, found = _names(model), dict[str, str]()
    for key in keys:
        name = names.get(_folded(key))
        if name is not None and (name not in found or key == name):
            found[name] = key
    return tuple(found.items())


@cache
def _names(model: type[Wire]) -> dict[str, str]:
    return {_folded(name): name for name in model.model_fields}


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


class WireProject(Wire):
    """§6.1."""

    id: Id = None
    proj_name: Text = None
    is_active: Flag = None


class WireUser(Wire):
    """§6.3."""

    id: Id = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None


class WireFolder(Wire):
    """§6.4."""

    id: Id = None
    parent_id: Id = None
    folder_name: Text = None
    is_active: Flag = None


class WireStep(Wire):
    """§6.8."""

    id: Id = None
    seq: Number = None
    step: Text = None
    expected_result: Text = None
    is_stopped_on_fail: Flag = None
    nbr_files: Number = None


class WireCustomField(Wire):
    """§6.9; the keys come as ``Id/Name/Value`` in some answers, in lower case in others."""

    id: Text = None
    name: Text = None
    value: Text = None


CustomFields = Annotated[list[WireCustomField], BeforeValidator(rows_of)]


class WireOwned(Wire):
    """What tests and the items beside them share: what they are called, whose they are, and since when."""

    id: Id = None
    title: Text = None
    description: Text = None
    status: Text = None
    active: Flag = None
    priority: Text = None
    folder_name: Text = None
    create_user_id: Id = None
    owner_user_id: Id = None
    owner_name: Text = None
    assignee_user_id: Id = None
    assigned_to_name: Text = None
    date_created: Text = None
    date_updated: Text = None
    custom_fields: CustomFields = []


class WireTest(WireOwned):
    """§6.8."""

    execution_type: Text = None
    test_type: Text = None
    folder_id: Id = None
    version: Text = None
    nbr_steps: Number = None
    test_steps: Annotated[list[WireStep], BeforeValidator(rows_of)] = []


class WirePage(Wire):
    """§3.1. ``results`` as they came, so that a row that is no object still counts."""

    results: Annotated[list[Any], BeforeValidator(_list)] = []
    total: Number = None
