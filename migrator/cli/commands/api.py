"""``api``: its commands are made from the client's methods."""

import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer
from pydantic import ValidationError

from migrator.app.api import Action, Word, all_actions, call, example, flag, hint, resource
from migrator.cli.output.common import print_error
from migrator.cli.output.terminal import print_json, say, talk
from migrator.client import QASphere
from migrator.config.destination import load_destination
from migrator.core.errors import ConfigError, MigratorError, OutcomeUnknown

_SUMMARY = """Ask QA Sphere's API by name; JSON on stdout.

Address and key are those of the config; without a config file those of QASPHERE_URL and QASPHERE_API_KEY.
"""
_EXIT_CODES = "Exit codes: 0 done · 1 refused, or trouble on the way · 2 usage or config"
_SOURCES = re.compile(r"\s*\((?:§|A-\d)[^)]*\)")
_OWN = ("body", "body_file", "all_pages")


def _program() -> typer.Typer:
    top = _group(_SUMMARY)
    groups: dict[str, typer.Typer] = {}
    for name, action in sorted(all_actions().items()):
        above = top
        path = name.split(".")[:-1]
        for depth in range(1, len(path) + 1):
            place = ".".join(path[:depth])
            if place not in groups:
                groups[place] = _group(_plain(resource(place)))
                above.add_typer(groups[place], name=_word(path[depth - 1]))
            above = groups[place]
        summary = _plain(action.method)
        epilog = f"Example: {example(action)}"
        above.command(_word(name.rpartition(".")[2]), help=summary, epilog=epilog)(_command(action))
    return top


def _group(summary: str) -> typer.Typer:
    settings = {"help_option_names": ["-h", "--help"]}
    return typer.Typer(help=summary or None, no_args_is_help=True, epilog=_EXIT_CODES, context_settings=settings)


def _plain(described: object) -> str:
    """Return a docstring without its marks and its sources, which are for who works on this program."""
    return _SOURCES.sub("", inspect.getdoc(described) or "").replace("``", "")


def _spoken(action: Action) -> str:
    """Return an action as it is asked for."""
    return _word(action.name.replace(".", " "))


def _word(name: str) -> str:
    return name.replace("_", "-")


def _command(action: Action) -> Callable[..., None]:
    """Return a function with the signature that the command line is read by."""

    def command(context: typer.Context, **said: Any) -> None:
        told = {name: value for name, value in said.items() if value not in (None, []) and name not in _OWN}
        body = _body(said.get("body"), said.get("body_file"))
        answer = _answer(context.obj, action, told, body, whole=bool(said.get("all_pages")))
        print_json(answer)
        if action.writes:
            say(talk, f"done: {_spoken(action)}")

    parameters = [inspect.Parameter("context", _KIND, annotation=typer.Context)]
    parameters += [_place(word) for word in action.places]
    for word in (*action.flags, *action.beside):
        parameters.append(_option(word.name, _type(word), flag(word), hint(word)))
    if action.takes_body:
        parameters.append(_option("body", str, "--body", "The body as JSON; what flags say wins."))
        parameters.append(_option("body_file", Path, "--body-file", "A file that holds the body."))
    if action.in_pages:
        parameters.append(_option("all_pages", bool, "--all", "Every page.", default=False))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # how a signature is given
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


_KIND = inspect.Parameter.POSITIONAL_OR_KEYWORD


def _type(word: Word) -> Any:
    return list[str] if word.how == "many" else str


def _place(word: Word) -> inspect.Parameter:
    return inspect.Parameter(word.name, _KIND, annotation=Annotated[_type(word), typer.Argument(show_default=False)])


def _option(name: str, kind: Any, flag: str, help_: str = "", *, default: Any = None) -> inspect.Parameter:
    wanted = kind if default is not None else kind | None
    option = typer.Option(flag, help=help_, show_default=False)
    return inspect.Parameter(name, _KIND, annotation=Annotated[wanted, option], default=default)


def _body(text: str | None, file: Path | None) -> str | None:
    if file is None:
        return text
    if text is not None:
        raise typer.BadParameter("give either --body or --body-file")
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"cannot read {file}: {error}") from error


def _answer(config: Path, action: Action, said: dict[str, Any], body: str | None, *, whole: bool) -> Any:
    """Return the answer; exits with 1 when there is none, with 2 when it cannot be asked like that."""

    async def asked() -> Any:
        settings, http = load_destination(config, os.environ)
        async with QASphere.of(settings, http) as client:
            return await call(client, action, said, body=body, whole=whole)

    try:
        return anyio.run(asked)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        words = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults)
        raise typer.BadParameter(words) from None
    except MigratorError as error:
        print_error(error, as_json=False)
        if isinstance(error, OutcomeUnknown):
            say(
                talk,
                f"  {_spoken(action)} may or may not have taken effect: look before sending it again",
            )
        raise typer.Exit(2 if isinstance(error, ConfigError) else 1) from None


api = _program()
