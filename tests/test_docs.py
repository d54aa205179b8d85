"""The documents say what the program does."""

import pytest
import yaml

from migrator.config import merged, parse_config
from migrator.core.note_texts import NOTE_TEXTS, config_line
from migrator.core.notes import NoteCode
from tests.support.rig import ROOT


@pytest.mark.parametrize("code", list(NoteCode))
def test_every_note_code_is_explained_alike_in_reports_and_documents(code: NoteCode) -> None:
    text = NOTE_TEXTS[code]
    change = f"`{text.setting}`" if text.setting else text.advice or "\N{EN DASH}"
    line = f"| `{code.value}` | {text.harm} | {text.meaning} | {change} |"
    assert line in (ROOT / "docs" / "notes.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("code", [code for code in NoteCode if NOTE_TEXTS[code].line])
def test_every_suggested_line_fits_into_the_config(code: NoteCode) -> None:
    line = config_line(code, 'A "quoted" field: x', "{odd} # value")
    raw = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    suggested = yaml.safe_load(line)
    if "projects" in suggested:
        suggested["projects"] = [raw["projects"][0] | suggested["projects"][0]]
    environment = {"QACOMPLETE_USER": "u", "QACOMPLETE_PASSWORD": "p", "QASPHERE_API_KEY": "k"}
    config = parse_config(merged(raw, suggested), ROOT / "config.yaml", environment)
    assert set(suggested) <= set(type(config).model_fields)


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
