"""Error codes: unique, documented, explained, and each one raised somewhere."""

import re

import pytest
from typer.testing import CliRunner

from migrator.cli.main import app
from migrator.core.error_codes import ErrorCode, explained
from migrator.core.errors import (
    AnswerSpoilt,
    CallError,
    ConfigError,
    ContentTrouble,
    MigratorError,
    Rejected,
    StorageFull,
)
from migrator.core.note_texts import NOTE_TEXTS
from tests.support.rig import ROOT

SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("migrator", "connectors", "mappings", "state")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "error_codes.py"
)
DOCUMENT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("member", list(ErrorCode), ids=lambda member: member.name)
def test_each_code_is_documented_and_raised(member: ErrorCode) -> None:
    explanation = member.value
    assert f"| `{explanation.code}` | {explanation.meaning} | {explanation.remedy} |" in DOCUMENT
    assert re.search(rf"ErrorCode\.{member.name}\b", SOURCES), "nothing raises it"
    assert explained(explanation.code.lower()) == explanation


def test_codes_are_unique_and_well_formed() -> None:
    codes = [member.value.code for member in ErrorCode]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"QM[1-9]\d\d", code) for code in codes)


def all_errors(kind: type[MigratorError] = MigratorError) -> list[type[MigratorError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in all_errors(below))]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_kind_of_error_has_a_code(kind: type[MigratorError]) -> None:
    more = ("truncated",) if issubclass(kind, AnswerSpoilt | ContentTrouble) else ()
    assert isinstance(kind("it went wrong", *more).code, ErrorCode)


def test_a_raise_may_be_more_precise_than_its_class() -> None:
    assert ConfigError("x").code is ErrorCode.CONFIG_INVALID
    assert ConfigError("x", code=ErrorCode.PROJECT_MISSING).code is ErrorCode.PROJECT_MISSING
    assert (Rejected("x").code, StorageFull("x").code) == (ErrorCode.REFUSED, ErrorCode.STORAGE_FULL)
    assert issubclass(Rejected, CallError)


def test_explain() -> None:
    one = CliRunner().invoke(app, ["explain", "qm501"])
    assert one.exit_code == 0
    assert "QM501: Something that the saved plan touches" in one.stdout
    everything = CliRunner().invoke(app, ["explain"])
    assert all(member.value.code in everything.stdout for member in ErrorCode)
    unknown = CliRunner().invoke(app, ["explain", "QM000"])
    assert unknown.exit_code == 2
    assert "QM101" in unknown.stderr


def test_explain_knows_notes() -> None:
    ended = CliRunner().invoke(app, ["explain", "link_unusable"])
    assert ended.exit_code == 0
    assert NOTE_TEXTS["link_unusable"].meaning in ended.stdout
    assert CliRunner().invoke(app, ["explain", "-h"]).exit_code == 0
