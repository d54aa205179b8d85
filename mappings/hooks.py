"""Hooks: a Python file of the company, or a module of another distribution, that adjusts drafts or leaves items out
(``docs/hooks.md``).

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

from migrator.core.drafts import COMMENT_LIMIT, CaseDraft, Draft, FolderDraft, ResultDraft, RunDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import Entity, Folder, Result, TestCase, TestRun
from migrator.core.plugins import Plugin, plugins
from migrator.core.refs import MARKER_LABEL, marker_line
from migrator.core.text import symbols_in

D = TypeVar("D", bound=Draft)
Hook = Callable[[Any, Any], Any]
KNOWN = ("case", "folder", "run", "result")
GROUP = "qasphere_migrator.hooks"
"""The entry points that lead to modules with hooks."""
_NEXT = "correct it and run the same command again"


class HookFailure(Exception):
    """A hook raised an error, or what it answered cannot be used. The text names hook, file, line and cause."""


class Hooks:
    """The hooks of one file. ``digest`` changes with the file; ``whose``: the distribution that it came with."""

    def __init__(self, path: Path, digest: str, functions: dict[str, Hook], whose: str = "") -> None:
        self.digest = digest
        self._path = path
        self._functions = functions
        self._whose = f" of {whose}" if whose else ""

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

    def run(self, run: TestRun, draft: RunDraft) -> RunDraft | str:
        """Return the draft as the hook wants it, or why the run is left out; ``HookFailure``. ``run``: of several in
        one draft, the first."""
        answer = self._asked("run", run, draft)
        if isinstance(answer, RunDraft):
            self._refuse_moved("run", draft, answer, ("cases", "milestone"))
            self._refuse_text("run", draft.marker, draft.description, answer.description)
        return answer

    def result(self, result: Result, draft: ResultDraft) -> ResultDraft | str:
        """Return the draft as the hook wants it, or why the result is left out; ``HookFailure``."""
        answer = self._asked("result", result, draft)
        if isinstance(answer, ResultDraft):
            self._refuse_moved("result", draft, answer, ("source_marker", "run", "case"))
            self._refuse_text("result", draft.marker, draft.comment, answer.comment)
            if len(answer.comment) > COMMENT_LIMIT:
                raise self._failure("result", f"the comment is longer than {COMMENT_LIMIT} characters")
        return answer

    def _asked(self, name: str, entity: Entity, draft: D) -> D | str:
        hook = self._functions.get(name)
        if hook is None:
            return draft
        try:
            # copies: tables within them could be changed in place, past every check
            answer = hook(entity.model_copy(deep=True), draft.model_copy(deep=True))
        except (Exception, SystemExit) as error:  # sys.exit() is the hook's end, not the command's
            raise self._failure(name, _in_words(error), error) from error
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
        steps = (part for step in draft.steps for part in (step.description, step.expected))
        named = _files_in(draft.precondition, *steps)
        strange = {file.marker for file in draft.files if file not in before.files}
        if unknown := sorted(strange | (named - {file.marker for file in draft.files})):
            raise self._failure("case", f"the case has no file {unknown[0]}")

    def _refuse_moved(self, name: str, before: Draft, draft: Draft, fields: tuple[str, ...]) -> None:
        """Refuse what others of the plan rest on."""
        for field in fields:
            if getattr(draft, field) != getattr(before, field):
                raise self._failure(name, f"{field} cannot be changed")

    def _refuse_text(self, name: str, marker: str, before: str, text: str) -> None:
        if not text.endswith(marker_line(marker)):
            raise self._failure(name, f"the text must end as before, with {marker_line(marker)}")
        if unknown := sorted(_files_in(text) - _files_in(before)):
            raise self._failure(name, f"the text names the file {unknown[0]}, which it did not before")

    def _failure(self, name: str, cause: str, error: BaseException | None = None) -> HookFailure:
        line = _line_in(self._path, error) if error else self._functions[name].__code__.co_firstlineno
        return HookFailure(f"the hook {name}{self._whose} ({self._path.name}, line {line}): {cause}")


def load_hooks(place: Path | str) -> Hooks:
    """Return the hooks of a file, which is run, or of the entry point of that name.

    Raises ``ConfigError`` naming file and line, or distribution, when it cannot be read, does not run, or holds no
    hook.
    """
    return _of_file(place) if isinstance(place, Path) else _of_distribution(place)


def _of_distribution(name: str) -> Hooks:
    there = plugins(GROUP)
    plugin = there.get(name)
    if plugin is None:
        raise ConfigError(
            f"no distribution has hooks that are called {name}",
            code=ErrorCode.HOOKS_UNUSABLE,
            cause=f"there are: {', '.join(there) or 'none'}",
            next_step="install it, or set mapping.hooks to the path of a Python file, such as ./hooks.py",
        )
    module = plugin.imported()
    functions = {name: hook for name, hook in vars(module).items() if name in KNOWN}
    if not functions:
        raise plugin.unusable(f"{plugin.module} defines none of: {', '.join(KNOWN)}")
    path = Path(module.__file__ or plugin.module)
    for hook_name, hook in functions.items():
        _refuse_signature(path, hook_name, hook)
    return Hooks(path, plugin.digest(), functions, _words(plugin))


def _words(plugin: Plugin) -> str:
    return f"{plugin.distribution} {plugin.version}"


def _of_file(path: Path) -> Hooks:
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
    except (Exception, SystemExit) as error:
        raise _unusable(
            f"the hooks in {path}, line {_line_in(path, error)}, raise an error", _in_words(error)
        ) from error
    return names


def _refuse_signature(path: Path, name: str, hook: Any) -> None:
    try:
        inspect.signature(hook).bind(None, None)
    except (TypeError, ValueError) as error:
        raise _unusable(f"the hook {name} in {path} cannot be called with an item and a draft", error) from error
    if not inspect.isfunction(hook) or inspect.iscoroutinefunction(hook):
        raise _unusable(f"the hook {name} in {path} is no plain function", "define it with def")


def _files_in(*texts: str) -> set[str]:
    """Return the markers of the files that texts name."""
    return {marker for text in texts for kind, marker in symbols_in(text) if kind == "file"}


def _line_in(path: Path, error: BaseException) -> int:
    frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return (frames[-1] or 0) if frames else 0


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _unusable(message: str, cause: object) -> ConfigError:
    return ConfigError(message, code=ErrorCode.HOOKS_UNUSABLE, cause=str(cause), next_step=_NEXT)
