"""Secrets in every spelling, in the one list that everything asks that lets a text out."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.redact import (
    HIDDEN,
    HIDDEN_IN_DATA,
    Secrets,
    beginning,
    hidden,
    hidden_in,
    is_strong,
    remember,
    remember_addresses,
    remember_lasting,
    without_secrets,
)
from migrator.testing.spellings import in_base64, spelled_twice, spellings
from tests.support.properties import examples

_secrets = st.text(min_size=4, max_size=30)


@settings(max_examples=examples(12))
@given(secret=_secrets, before=st.text(max_size=10), after=st.text(max_size=10))
def test_no_spelling_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    known = Secrets()
    known.remember([secret])
    for spelling in spellings(secret):
        assert spelling not in known.hidden(f"{before}|{spelling}|{after}").split("|")


_PLANTED = ('Pl4nt/ed&"x+T=9<z', "qsk/Pl4nted&Key+77==zz", "gr&nt<'secret'>/of+ä=%", "back\\slash\\\\es")


@pytest.mark.parametrize("secret", _PLANTED)
def test_every_spelling_is_hidden_whole(secret: str) -> None:
    known = Secrets()
    known.remember([secret])
    for spelling in sorted(spellings(secret) | spelled_twice(secret)):
        assert known.hidden(f"refused {spelling}, again") == f"refused {HIDDEN}, again", spelling


@pytest.mark.parametrize("secret", _PLANTED)
def test_a_secret_within_something_in_base64_is_hidden(secret: str) -> None:
    known = Secrets()
    known.remember([secret])
    for coded in sorted(in_base64(secret)):
        said = known.hidden(coded)
        assert HIDDEN in said, coded
        left = said.partition(HIDDEN)[0]
        assert secret[:3].encode() not in base64.b64decode(left[: len(left) // 4 * 4])


@pytest.mark.parametrize("piece", ["\\", "%25", "&amp;", "\\u0026", "0", "&#x0000", "a", "%", "\\u0061"])
def test_texts_of_escapes_take_no_long_time(piece: str) -> None:
    known = Secrets()
    known.remember(['aaaaaaaa\\\\\\"aaaa&&&&&&&&', "0000000000"])
    text = piece * 20_000
    assert (known.hidden(text) == text) == (piece != "0")  # all of them zeros, which are a secret


@settings(max_examples=examples(20))
@given(secrets=st.lists(_secrets, min_size=2, max_size=5))
def test_the_list_only_grows(secrets: list[str]) -> None:
    known = Secrets()
    for number, secret in enumerate(secrets):
        known.remember([secret])
        assert all(known.hidden(f"<{earlier}>") != f"<{earlier}>" for earlier in secrets[: number + 1])


def test_a_secret_inside_a_longer_one_does_not_leave_the_rest() -> None:
    known = Secrets()
    known.remember(["abcd", "abcd-efgh-ijkl"])
    assert known.hidden("x abcd-efgh-ijkl y abcd") == f"x {HIDDEN} y {HIDDEN}"


def test_nothing_is_hidden_for_want_of_a_secret() -> None:
    known = Secrets()
    known.remember(["", "abc"])
    assert known.hidden("abc") == "abc"


def test_what_is_cut_is_hidden_first() -> None:
    remember(["cut-in-the-middle"])
    for spelling in spellings("cut-in-the-middle"):
        assert "cut-in" not in beginning(f"{'x' * 95}{spelling}", 100)


def test_signatures_and_passwords_of_addresses_are_secrets() -> None:
    signature = "Zm9v/YmFy+cXV4MTIz"
    remember_addresses(f"https://store.example/file?X-Amz-Signature={quote(signature, safe='')}&sortKey=title")
    remember_addresses("http://me:s%40cret-ss@e:1")
    assert hidden(f"denied {signature}, by title") == f"denied {HIDDEN}, by title"
    assert hidden("407 for me:s@cret-ss, s%40cret-ss") == f"407 for {HIDDEN}, {HIDDEN}"
    token = base64.b64encode(b"me:s@cret-ss").decode()
    assert [hidden(text) for text in (token, quote(token, safe=""), base64.b64encode(token.encode()).decode())] == [
        HIDDEN
    ] * 3


def test_a_secret_that_somebody_read_in_another_code_page_is_one() -> None:
    known = Secrets()
    known.remember(["Pässwörd-1"])
    for wrong in ("P?ssw?rd-1", "P\ufffdssw\ufffdrd-1", "PÃ¤sswÃ¶rd-1", "P%E4ssw%F6rd-1", "P&#228;ssw&#246;rd-1"):
        assert known.hidden(f"refused {wrong}!") == f"refused {HIDDEN}!"
    assert known.hidden(base64.b64encode("Pässwörd-1".encode("latin-1")).decode()) == HIDDEN


def test_what_is_left_of_letters_without_a_place_hides_nothing_else() -> None:
    known = Secrets()
    known.remember(["пароль-1"])
    assert known.hidden("what???????? is it") == "what???????? is it"


def test_values_inside_values() -> None:
    remember(["deep-secret"])
    document = {"a": ["deep-secret", {"b": ("x deep-secret", 1, None)}]}
    assert "deep-secret" not in json.dumps(hidden_in(document))


@pytest.mark.parametrize(
    ("secret", "strong"),
    [
        ("password", False),
        ("Summer2024", True),
        ("checkout", False),
        ("correct horse battery", True),
        ("s3cr3t", False),
    ],
)
def test_a_word_is_no_secret_in_data(secret: str, strong: bool) -> None:
    assert is_strong(secret) is strong


def test_strong_secrets_of_the_config_are_hidden_in_data() -> None:
    remember_lasting(["Pl4nted/in&rows", "weak"])
    row = {"id": 7, "description": "password=Pl4nted/in&amp;rows weak", "tags": ["x"]}
    for document in ({"results": [row]}, [row]):
        body = json.dumps(document).encode()
        said = json.dumps(without_secrets(document, body), ensure_ascii=False)
        assert f"password={HIDDEN_IN_DATA} weak" in said
    other = {"a": "nothing of it"}
    assert without_secrets(other, json.dumps(other).encode()) is other


@pytest.mark.parametrize("secret", _PLANTED)
def test_a_cheap_look_at_a_body_misses_no_spelling(secret: str) -> None:
    known = Secrets()
    known.remember([secret])
    for spelling in spellings(secret) | spelled_twice(secret) | in_base64(secret):
        assert known.may_be_in(json.dumps({"a": spelling}).encode()), spelling
        assert known.may_be_in(json.dumps({"a": spelling}, ensure_ascii=False).encode()), spelling
