"""Hooks: a Python file of the company that adjusts drafts or leaves items out (``docs/hooks.md``).

A hook is called while planning, so whatever it does wrong costs a plan and nothing else.
"""

import hashlib
import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

from pydantic import ValidationError

from migrator.core.drafts import CaseDraft, Draft, FolderDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import Entity, Folder, TestCase
from migrator.core.refs import MARKER_LABEL
from migrator.core.text import symbols_in

D = TypeVar("D", bound=Draft)
Hook = Callable[[Any, Any], Any]
KNOWN = ("case", "folder")
_NEXT = "correct it and run the same command again"


class HookFailure(Exception):
    """A hook raised an error, or what it answered cannot be used. The text names hook, file, line and cause."""


class Hooks:
    """The hooks of one file. ``digest`` changes with the file."""

    def __init__(self, path: Path, digest: str, functions: dict[str, Hook]) -> None:
        self.digest = digest
        self._path = path
        self._functions = functions

    def case(self, case: TestCase, draft: CaseDraft) -> CaseDraft | str:
        """Return the draft as the hook wants it, or why the case is left out; ``HookFailure``."""
        answer = self._asked("case", case, draft)
        if isinstance(answer, CaseDraft):
            self._refuse_unusable(draft, answer)
        return answer

    def folder(self, folder: Folder, draft: FolderDraft) -> FolderDraft | str:
        """Return the draft as the hook wants it, or why the folder is left out; ``HookFailure``."""
        answer = self._asked("folder", folder, draft)
        if isinstance(answer, FolderDraft) and answer.path[:-1] != draft.path[:-1]:
            raise self._failure("folder", "only the last part of a path can be changed")
        return answer

    def _asked(self, name: str, entity: Entity, draft: D) -> D | str:
        hook = self._functions.get(name)
        if hook is None:
            return draft
        try:
            # copies: tables within them could be changed in place, past every check
            answer = hook(entity.model_copy(deep=True), draft.model_copy(deep=True))
        except Exception as error:
            raise self._failure(name, f"{type(error).__name__}: {error}", error) from error
        if answer is None:
            return draft
        if isinstance(answer, str):
            return f"left out by the hook {name}: {answer.strip() or 'no reason given'}"
        if not isinstance(answer, type(draft)):
            raise self._failure(name, f"it answered {type(answer).__name__} instead of a draft, a reason or None")
        try:
            # model_copy does not validate
            checked = type(draft).model_validate(answer.model_dump(warnings=False))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise self._failure(name, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        if checked.marker != draft.marker:
            raise self._failure(name, "the marker cannot be changed")
        return checked

    def _refuse_unusable(self, before: CaseDraft, draft: CaseDraft) -> None:
        """Refuse what would make a case that cannot be found again, or that names what is not there."""
        if MARKER_LABEL + draft.marker not in [link.text for link in draft.links]:
            raise self._failure("case", f"the link with the text {MARKER_LABEL + draft.marker} must stay")
        if draft.folder != before.folder:
            raise self._failure("case", "the folder cannot be changed")
        named = {
            marker
            for html in (
                draft.precondition,
                *(part for step in draft.steps for part in (step.description, step.expected)),
            )
            for kind, marker in symbols_in(html)
            if kind == "file"
        }
        strange = {file.marker for file in draft.files if file not in before.files}
        if unknown := sorted(strange | (named - {file.marker for file in draft.files})):
            raise self._failure("case", f"the case has no file {unknown[0]}")

    def _failure(self, name: str, cause: str, error: Exception | None = None) -> HookFailure:
        line = _line_in(self._path, error) if error else self._functions[name].__code__.co_firstlineno
        return HookFailure(f"the hook {name} ({self._path.name}, line {line}): {cause}")


def load_hooks(path: Path) -> Hooks:
    """Run the file and return its hooks.

    Raises ``ConfigError`` naming file and line when it cannot be read, does not run, or holds no hook.
    """
    try:
        source = path.read_bytes()
        code = compile(source, str(path), "exec")
    except (OSError, SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise _unusable(f"cannot read the hooks in {path}{line}", error) from error
    functions = {name: hook for name, hook in _run(code, path).items() if name in KNOWN}
    if not functions:
        raise _unusable(f"{path} holds no hook", f"it defines none of: {', '.join(KNOWN)}")
    for name, hook in functions.items():
        _refuse_signature(path, name, hook)
    return Hooks(path, hashlib.sha256(source).hexdigest(), functions)


def _run(code: CodeType, path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "migrator_hooks", "__file__": str(path)}
    try:
        exec(code, names)  # noqa: S102 - the config names it to be run
    except Exception as error:
        raise _unusable(f"the hooks in {path}, line {_line_in(path, error)}, raise an error", error) from error
    return names


def _refuse_signature(path: Path, name: str, hook: Any) -> None:
    try:
        inspect.signature(hook).bind(None, None)
    except (TypeError, ValueError) as error:
        raise _unusable(f"the hook {name} in {path} cannot be called with an item and a draft", error) from error
    if not inspect.isfunction(hook) or inspect.iscoroutinefunction(hook):
        raise _unusable(f"the hook {name} in {path} is no plain function", "define it with def")


def _line_in(path: Path, error: Exception) -> int:
    frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return (frames[-1] or 0) if frames else 0


def _unusable(message: str, cause: object) -> ConfigError:
    return ConfigError(message, code=ErrorCode.HOOKS_UNUSABLE, cause=str(cause), next_step=_NEXT)
