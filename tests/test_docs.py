"""The documents say what the program does."""

from migrator.core.notes import NoteCode
from tests.support.rig import ROOT


def test_every_note_code_is_explained() -> None:
    text = (ROOT / "docs" / "notes.md").read_text(encoding="utf-8")
    missing = [code.value for code in NoteCode if f"`{code.value}`" not in text]
    assert missing == []


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
