"""``explain``."""

from dataclasses import asdict
from typing import Annotated

import typer

from migrator.cli.options import JsonOpt
from migrator.cli.output.terminal import print_json, result, say
from migrator.core.error_codes import ErrorCode, explained
from migrator.core.note_text import NoteText
from migrator.core.note_texts import NOTE_TEXTS


def explain(
    code: Annotated[
        str, typer.Argument(help="Code of an error, such as QM101, or of a note; all errors when left out.")
    ] = "",
    as_json: JsonOpt = False,
) -> None:
    """Say what an error code means and what to do about it. Knows the codes of notes, too."""
    if (note := NOTE_TEXTS.get(code.lower())) is not None:
        _explain_note(code.lower(), note, as_json=as_json)
        return
    found = explained(code) if code else None
    if code and found is None:
        known = ", ".join(member.value.code for member in ErrorCode)
        raise typer.BadParameter(
            f"there is no error or note {code}; the notes stand in every report, and the errors are {known}"
        )
    chosen = [found] if found else [member.value for member in ErrorCode]
    if as_json:
        print_json([asdict(explanation) for explanation in chosen])
        return
    for explanation in chosen:
        say(result, f"{explanation.code}: {explanation.meaning}")
        say(result, f"  {explanation.remedy}")


def _explain_note(code: str, note: NoteText, *, as_json: bool) -> None:
    if as_json:
        print_json([{"code": code} | asdict(note)])
        return
    say(result, f"{code} ({note.harm}): {note.meaning}")
    if changed := ", or ".join(words for words in (note.setting, note.advice) if words):
        say(result, f"  what changes it: {changed}")
