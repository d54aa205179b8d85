"""Every text of the cases that people wrote: each word arrives, each placeholder is seen, nothing is missing."""

import json
import re
from collections import Counter

import pytest

from mappings.text.elements import KNOWN, UNCLOSED, VOID
from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from tests.support.oracle import words
from tests.support.rig import ROOT

CORPUS = ROOT.parent / "shared" / "corpus" / "ubuntu-manual-tests.json"
_WORD = re.compile(r"\w+")
_TAGS = re.compile(r"</?([A-Za-z][\w.-]*)[^<>]*>")


def texts() -> list[str]:
    found: list[str] = []
    for case in json.loads(CORPUS.read_text(encoding="utf-8"))["cases"]:
        found += [case["preamble_html"], case["postamble_html"], case["html"]]
        found += [step[name] for step in case["steps"] for name in ("action_html", "expected_html")]
    return found


def _is_alone(text: str, tag: re.Match[str]) -> bool:
    """Return whether the other tag of an element that needs both is nowhere in a text."""
    name = tag[1].lower()
    other = f"<{name}" if tag[0].startswith("</") else f"</{name}"
    return name not in UNCLOSED.keys() | VOID and other not in text.lower()


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of human-written cases lies outside the project")
def test_no_word_and_no_placeholder_of_a_real_text_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    compared = placeholders = 0
    codes: Counter[NoteCode] = Counter()
    for text in texts():
        result = to_html(RichText(value=text))
        codes.update(loss.code for loss in result.losses)
        wanted, seen = (Counter(_WORD.findall(" ".join(words(html)))) for html in (text, result.html))
        noted = Counter(word for loss in result.losses for word in _WORD.findall(loss.original))
        assert not wanted - seen - noted, text
        typed = [tag[0] for tag in _TAGS.finditer(text) if tag[1].lower() not in KNOWN or _is_alone(text, tag)]
        shown = "".join("".join(words(result.html)).split())
        said = "".join((shown, *(loss.original for loss in result.losses)))
        assert [tag for tag in typed if "".join(tag.split()) not in said] == []
        compared += wanted.total()
        placeholders += len(typed)
    assert NoteCode.CONTENT_MISSING not in codes
    with capsys.disabled():
        print(f"\n{len(texts())} texts, {compared} words, {placeholders} typed tags, notes: {dict(codes)}")  # noqa: T201 - the figures are for people
