"""The short version of the planted secrets; ``python -m tests.torture.planted`` has every command in every weather."""

import base64
import json
import sqlite3
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from migrator.cli.guard import guarded
from migrator.cli.main import COMMANDS
from migrator.core.redact import remember
from state.packed import packed
from tests.support.planted import SPELLINGS, needles, sinks
from tests.torture.planted import ONCE, SUNSHINE, WEATHERS, after, before, search

FEW = (
    "SOAP: fault with PassCode",
    "tests: rows without ids",
    "tests: good rows that echo",
    "cases refused",
    "cases made without an id",
    "operations fail",
    "S3 refuses the signed address",
    "a proxy refuses the tunnel",
)


@pytest.mark.torture
@pytest.mark.parametrize("name", [SUNSHINE[0].name, *FEW])
def test_nothing_that_leaves_holds_a_planted_secret(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # a service in trouble is asked again, after pauses that are not what is tested here
    monkeypatch.setattr("migrator.http.retries._delay", lambda *_: 0.0)
    [weather] = [weather for weather in [SUNSHINE[0], *WEATHERS] if weather.name == name]
    found = search(tmp_path / "w", weather, brief=name in FEW)
    assert found.hits == []
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {found.echoes} echoes, {found.texts} texts: 0 hits\n")


def test_without_the_list_of_secrets_they_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.http.retries._delay", lambda *_: 0.0)
    monkeypatch.setattr("migrator.core.redact.spellings_of", lambda _secret, _shortest: iter(()))
    [weather] = [weather for weather in WEATHERS if weather.name == "cases refused"]
    hits = " ".join(search(tmp_path / "w", weather, brief=True).hits)
    for sink in ("migrator.log", "migration.db", "brief.html, block", "brief.ndjson", "status --failed"):
        assert sink in hits


def test_the_long_version_starts_every_command_in_thirty_kinds_of_weather(tmp_path: Path) -> None:
    started = {command[0] for command in [*before(tmp_path, "qacomplete", []), *after(tmp_path), *ONCE]}
    assert started == set(COMMANDS) - {"sandbox"}
    assert len({weather.name for weather in WEATHERS}) == len(WEATHERS) >= 30


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("where", ["log", "database", "packed cell", "page", "archive"])
def test_a_secret_that_leaves_is_found(spelling: str, where: str, tmp_path: Path) -> None:
    secret = 'Pl&nted<"token"/of+Üsers'
    leave(f"before {SPELLINGS[spelling](secret)[:14]} cut", where, tmp_path)
    texts = list(sinks(tmp_path))
    assert [name for name, text in texts if any(needle in text for needle in needles([secret]))]
    assert not [name for name, text in texts if any(needle in text for needle in needles(["another-secret"]))]


def leave(text: str, where: str, folder: Path) -> None:
    """Let a text lie about, as the program would pack it."""
    if where == "log":
        (folder / "migrator.log").write_text(text, encoding="utf-8")
    elif where == "page":
        block = base64.b64encode(zlib.compress(json.dumps(text, ensure_ascii=False).encode())).decode()
        (folder / "run.html").write_text(f"<!DOCTYPE html><html><script>{block}</script></html>", encoding="utf-8")
    elif where == "archive":
        with zipfile.ZipFile(folder / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("xl/sharedStrings.xml", text)
    else:
        database = sqlite3.connect(folder / "migration.db")
        database.execute("CREATE TABLE item (body BLOB)")
        database.execute("INSERT INTO item VALUES (?)", [packed(text.encode()) if "packed" in where else text])
        database.commit()
        database.close()


def test_a_traceback_on_the_terminal_has_no_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(["in-the-traceback"])
    monkeypatch.setenv("MIGRATOR_DEBUG", "1")

    def fail() -> None:
        raise ValueError(f"in-the-traceback {'x' * 480}")

    with pytest.raises(BaseException, match="1"):
        guarded(fail, as_json=False)
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "in-the" not in said
