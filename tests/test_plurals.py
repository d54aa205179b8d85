"""A number that may be one stands before no fixed plural, in what people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_THINGS = (
    "answers|attempts|bytes|calls|cases|characters|columns|conflicts|copies|days|decisions|differences|entries|errors"
    "|fields|files|findings|folders|forms|hours|ids|items|kinds|links|lists|milestones|minutes|notes|pages|people"
    "|plans|projects|questions|receipts|records|requests|results|rows|runs|seconds|steps|tags|tenants|tests|times"
    "|users|values|weeks"
)
_AFTER = re.compile(rf"(</\w+>)? (?:more |new |other |different |fewer |lost )?(?:{_THINGS})\b")
_TEMPLATE = re.compile(rf"\{{\{{ (?P<value>[^}}|]+?)(?: \| \w+)? \}}\}}{_AFTER.pattern}")
_SEVERAL = {
    "{self._patience / 60:.0f} minutes": "half an hour, in whole minutes",
    "{count} items": "more than one, by the condition beside it",
    "{part.size} bytes": "what the service refuses, or a file that changed",
    "{len(found)} times": "found twice or more",
    "{len(namesakes)} files": "of one name",
    "{max_bytes} bytes": "a limit",
    "{most} bytes": "a limit",
    "{self._max_bytes} bytes": "a limit",
    "{different} different values": "more than one, by the condition beside it",
    "{count} cases": "all of several, by the condition beside it",
    "{project} links": "of a project, by its id",
    "{form} tests": "a form tests controls, by its name",
}
"""What is never one, and why."""
_TEMPLATES_SEVERAL = {
    "overview.total": "more than the list holds",
    "acceptance.beside[0]": "a file that lists",
}


def _fixed(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, word in zip(node.values, node.values[1:], strict=False):
            if not isinstance(number, ast.FormattedValue) or not isinstance(word, ast.Constant):
                continue
            found = _AFTER.match(str(word.value))
            # a constant of the module is a limit; `plural` brings its own word
            if found and not re.fullmatch(r"[\w.]*\b_?[A-Z][A-Z_]+", ast.unparse(number.value)):
                yield ast.unparse(ast.JoinedStr([number, ast.Constant(found[0])]))[2:-1]


def test_no_sentence_counts_one_things() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {text}"
        for part in ("migrator", "connectors", "mappings", "state")
        for path in sorted((ROOT / part).rglob("*.py"))
        if "sandbox" not in path.parts and "standin" not in path.parts
        for text in _fixed(path)
        if text not in _SEVERAL
    ]
    assert wrong == []


def test_no_page_counts_one_things() -> None:
    wrong = [
        f"{path.name}: {found[0]}"
        for path in sorted((ROOT / "migrator").rglob("*.j2"))
        for found in _TEMPLATE.finditer(path.read_text(encoding="utf-8"))
        if found["value"] not in _TEMPLATES_SEVERAL
    ]
    assert wrong == []
