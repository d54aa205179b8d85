"""QA Sphere's API by name, for looking around: what each action takes, and its answer as JSON."""

import inspect
import types
import typing
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import orjson
from pydantic import BaseModel, TypeAdapter

from migrator.client import Body, FilePart, QASphere, Query, actions
from migrator.core.errors import ConfigError

How = Literal["one", "many", "json"]
"""How a value is written: a word, a word for each time it is said, or JSON."""
_REPEATED = {"one": "", "many": "may be repeated"}
_PLAIN = (str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Word:
    """Something that an action can be told. ``key``: its name for the client; ``kind``: its type there."""

    name: str
    key: str
    kind: Any
    how: How
    required: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A method of the client.

    Args:
        places: what is told by its place.
        flags: what is told by a name.
        model: of its body or its query.
        beside: flags that are no part of that.
        in_pages: all pages can be had at once.
    """

    name: str
    method: Callable[..., Any]
    places: tuple[Word, ...]
    flags: tuple[Word, ...]
    beside: tuple[Word, ...]
    model: type[Body] | None
    writes: bool
    in_pages: bool

    @property
    def takes_body(self) -> bool:
        """Whether it is sent a document."""
        return self.model is not None and not issubclass(self.model, Query)


def all_actions() -> dict[str, Action]:
    """Return every action by its name, such as ``runs.test_cases.list``."""
    methods = dict(actions(QASphere))
    return {
        name: _action(name, method, in_pages=f"{name.rpartition('.')[0]}.all" in methods)
        for name, method in methods.items()
        if not name.endswith(".all")
    }


def _action(name: str, method: Callable[..., Any], *, in_pages: bool) -> Action:
    hints = get_type_hints(method)
    places: list[Word] = []
    beside: list[Word] = []
    model: type[Body] | None = None
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        kind = hints[parameter.name]
        if isinstance(kind, type) and issubclass(kind, Body):
            model = kind
        elif parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            places.append(Word(parameter.name, parameter.name, kind, _how(kind), required=True))
        elif parameter.name != "hooks":
            beside.append(Word(parameter.name, parameter.name, kind, _how(kind)))
    return Action(
        name=name,
        method=method,
        places=tuple(places),
        flags=_fields(model) if model else (),
        beside=tuple(beside),
        model=model,
        writes="hooks" in hints,
        in_pages=in_pages and name.endswith(".list"),
    )


def _fields(model: type[Body]) -> tuple[Word, ...]:
    return tuple(
        Word(name, field.alias or name, field.annotation, _how(field.annotation), field.is_required())
        for name, field in model.model_fields.items()
    )


def _how(kind: Any) -> How:
    options = [option for option in _options(kind) if option is not type(None)]
    if any(_is_plain(option) for option in options):
        return "one"
    inside = [part for option in options if get_origin(option) in (tuple, Sequence) for part in get_args(option)]
    plain = [part for part in inside if part is not Ellipsis and all(_is_plain(one) for one in _options(part))]
    return "many" if plain else "json"


def _options(kind: Any) -> Sequence[Any]:
    """Return what a type consists of, without what it is annotated with."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _options(get_args(kind)[0])
    if origin in (types.UnionType, typing.Union):
        return [option for part in get_args(kind) for option in _options(part)]
    return [kind]


def _is_plain(kind: Any) -> bool:
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, (*_PLAIN, Path, FilePart)))


def document_of(action: Action, said: Mapping[str, Any], body: str | None) -> dict[str, Any]:
    """Return the body or the query: of a JSON text, and of the flags that were said, which win.

    ``ConfigError`` for a text that is no JSON object. ``said``: by the names of the words.
    """
    whole = _json("--body", body) if body else {}
    if not isinstance(whole, dict):
        raise ConfigError("the body is no JSON object", next_step='write it like {"title": "Smoke"}')
    return whole | {word.key: _value(word, said[word.name]) for word in action.flags if word.name in said}


def _value(word: Word, said: Any) -> Any:
    return _json(f"--{word.name.replace('_', '-')}", said) if word.how == "json" else said


def _json(name: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"{name} is no JSON", cause=str(error)) from None


async def call(
    client: QASphere, action: Action, said: Mapping[str, Any], *, body: str | None, whole: bool = False
) -> Any:
    """Call an action and return its answer as JSON, as the server gave it. ``whole``: every page.

    Raises what the client raises, ``ConfigError`` for JSON that is none, and ``ValidationError`` for values that the
    action does not take.
    """
    given = [TypeAdapter(word.kind).validate_python(said[word.name]) for word in action.places]
    beside = {word.key: _beside(word, said[word.name]) for word in action.beside if word.name in said}
    if action.model is not None:
        given.append(action.model.model_validate(document_of(action, said, body)))
    owner: Any = client
    *groups, method = action.name.split(".")
    for group in groups:
        owner = getattr(owner, group)
    if whole:
        rows: AsyncIterator[BaseModel] = owner.all(*given)
        return [plain(row) async for row in rows]
    return plain(await getattr(owner, method)(*given, **beside))


def _beside(word: Word, said: Any) -> Any:
    return TypeAdapter(word.kind).validate_python(_value(word, said))


def plain(answer: Any) -> Any:
    """Return an answer as JSON, without what the server did not say."""
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        return [plain(row) for row in answer]
    return TypeAdapter(type(answer)).dump_python(answer, mode="json")


def example(action: Action) -> str:
    """Return a command line that names what must be said."""
    words = [_sample(word) for word in action.places]
    words += [f"{flag(word)} {_sample(word)}" for word in action.flags if word.required]
    return " ".join(["migrator api", *action.name.replace("_", "-").split("."), *words])


def flag(word: Word) -> str:
    """Return what a word is called on the command line."""
    return f"--{word.name.replace('_', '-')}"


def hint(word: Word) -> str:
    """Return how a value is written, where that is not plain."""
    if word.how == "json":
        return "JSON"
    kinds = [one for option in _options(word.kind) for one in (get_args(option) if word.how == "many" else [option])]
    choices = [str(choice) for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    return " | ".join(choices) + ("; may be repeated" if word.how == "many" else "") if choices else _REPEATED[word.how]


def resource(place: str) -> type:
    """Return the class of a group of actions, such as ``runs.logs``."""
    owner: type = QASphere
    for name in place.split("."):
        owner = get_type_hints(owner)[name]
    return owner


def _sample(word: Word) -> str:
    option = next(one for one in _options(word.kind) if one is not type(None))
    if get_origin(option) is Literal:
        return str(get_args(option)[0])
    if word.how == "json":
        return "JSON"
    return {"project": "SHOP", "case": "SHOP-7", "code": "SHOP"}.get(word.name, "1" if option is int else "TEXT")
