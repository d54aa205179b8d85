"""Hooks of other distributions: found by name, and in the digest of the rules with their version and their code."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mappings.hooks import GROUP, HookFailure, load_hooks
from mappings.rules import MappingRules
from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.refs import marker_line
from tests.support.history import result, run
from tests.support.plugged import put, site

__all__ = ["site"]

_CODE = "def result(result, draft):\n    return draft.model_copy(update={'status': 'skipped'})\n"


def _draft(**more: object) -> ResultDraft:
    marker = result(1, 5, 1).ref.marker
    made = {"marker": marker, "source_marker": marker, "run": "r", "case": "c", "status": "passed"} | more
    return ResultDraft.model_validate({"comment": marker_line(marker)} | made)


def test_a_name_is_that_of_an_entry_point_and_all_else_a_file() -> None:
    assert [MappingRules(hooks=value).hooks for value in ("rules", "rules.py", "./rules")] == [
        "rules",
        Path("rules.py"),
        Path("rules"),
    ]


def test_hooks_are_found_by_name_and_change_with_their_code(site: Path) -> None:
    put(site, "rules", {"__init__.py": _CODE, "words.py": ""}, group=GROUP)
    hooks = load_hooks("rules")
    answer = hooks.result(result(1, 5, 1), _draft())
    assert isinstance(answer, ResultDraft)
    assert answer.status == "skipped"
    assert load_hooks("rules").digest == hooks.digest
    (site / "acme_rules" / "words.py").write_text("WORDS = 1\n", encoding="utf-8")
    assert load_hooks("rules").digest != hooks.digest


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import nothing_like_that\n", "No module named 'nothing_like_that'"),
        ("def cases(): ...\n", "defines none of: case, folder, run, result"),
    ],
)
def test_a_broken_one_names_its_distribution(site: Path, code: str, words: str) -> None:
    put(site, "broken", {"__init__.py": code}, group=GROUP)
    with pytest.raises(ConfigError) as caught:
        load_hooks("broken")
    assert caught.value.code is ErrorCode.PLUGIN_UNUSABLE
    assert "broken of the distribution acme-broken 1.2" in caught.value.message
    assert words in caught.value.cause


def test_a_name_that_nobody_has_tells_those_there_are(site: Path) -> None:
    put(site, "rules", {"__init__.py": _CODE}, group=GROUP)
    with pytest.raises(ConfigError, match="called ruls") as caught:
        load_hooks("ruls")
    assert (caught.value.code, caught.value.cause) == (ErrorCode.HOOKS_UNUSABLE, "there are: rules")
    assert "acme_rules" not in sys.modules


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("result", "'run': 'other'", "run cannot be changed"),
        ("result", "'case': 'other'", "case cannot be changed"),
        ("result", "'comment': 'gone'", "the text must end as before"),
        ("result", "'comment': '<a href=\\'qmig:file:g\\'>x</a>' + draft.comment", "names the file g"),
        ("result", "'comment': 'x' * 10_000_000 + draft.comment", "the comment is longer than"),
        ("run", "'cases': ('a', 'b')", "cases cannot be changed"),
        ("run", "'milestone': 'other'", "milestone cannot be changed"),
        ("run", "'description': 'gone'", "the text must end as before"),
        ("run", "'title': ''", "title: String should have at least 1"),
    ],
)
def test_what_others_rest_on_stays(site: Path, kind: str, change: str, reason: str) -> None:
    code = f"def {kind}(item, draft):\n    return draft.model_copy(update={{{change}}})\n"
    put(site, "strict", {"__init__.py": code}, group=GROUP)
    hooks = load_hooks("strict")
    marker = run(5).ref.marker
    draft = RunDraft(marker=marker, title="Nightly", description=marker_line(marker), cases=("c",))
    asks: dict[str, Callable[[], object]] = {
        "result": partial(hooks.result, result(1, 5, 1), _draft()),
        "run": partial(hooks.run, run(5), draft),
    }
    with pytest.raises(HookFailure, match=r"the hook \w+ of acme-strict 1.2 \(__init__.py, line 1\): ") as caught:
        asks[kind]()
    assert reason in str(caught.value)
